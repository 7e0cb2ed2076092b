/* SPDX-License-Identifier: MIT */
/* What an error number of the server or of its client library means for whoever ran a statement. */
#pragma once

#include <stdbool.h>

#include "db/sql.h"

/* The class of error `number` (not 0). Numbers 2000 to 2999 are the client library's, the others
 * the server's. A server that cannot write now (a replica, a shutdown, a node that left its
 * cluster) or has no room for one more connection counts as SQL_LOST: another server or a later try
 * may do it. */
enum sql_result sql_error_class(unsigned number);

/* Whether the number is the client library's: the server has not answered. */
bool sql_error_is_silence(unsigned number);

/* Whether the server has forgotten a prepared statement, or wants it prepared again. */
bool sql_error_wants_prepare(unsigned number);
