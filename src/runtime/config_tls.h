/* SPDX-License-Identifier: MIT */
/* Which settings of TLS to the database mean the same with every client library. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/sql.h"

/* Whether tls, tls_ca, tls_cert and tls_key of [mysql] go together with one another, with the
 * server and with `replicas`, a list of servers as server_address.h reads it.
 *
 * `verify` needs tls_ca, and a server (each replica, too) that is a name reached over TCP:
 * MariaDB's Connector/C 3.4 takes the server's knowledge of the password for a proof where no
 * authority is named, and checks no name for 127.0.0.1, ::1 and unix sockets. tls_ca needs
 * `verify`: with another `tls` it has Connector/C 3.3 and libmysqlclient check the authority,
 * Connector/C 3.4 the name, too.
 *
 * False with the reason, and *key is the name of the key of [mysql] to blame. Scratch memory comes
 * from `arena`. */
bool config_tls_check(const struct sql_options *mysql, const char *replicas, struct arena *arena,
                      const char **key, struct error *err);
