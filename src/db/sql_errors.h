/* SPDX-License-Identifier: MIT */
/* Classifies error numbers of the server and of its client library. */
#pragma once

#include <stdbool.h>

#include "db/sql.h"

/* The class of error `number` (not 0). Numbers 2000 to 2999 are the client library's, the others
 * the server's. SQL_LOST includes errors of a server that cannot write now (a replica, a shutdown,
 * a node that left its cluster) or has too many connections, and a COMMIT whose outcome the server
 * does not know: another server or a later try may succeed. */
enum sql_result sql_error_class(unsigned number);

/* Whether the number is one of the client library: the server has not answered. */
bool sql_error_is_silence(unsigned number);

/* Whether the server said that it cannot serve, or not write, while another one of its cluster may:
 * it shuts down, is read-only, or has left its cluster. */
bool sql_error_is_unfit(unsigned number);

/* Whether the server does not have the prepared statement any more, or requires it to be prepared
 * again. */
bool sql_error_wants_prepare(unsigned number);
