/* SPDX-License-Identifier: MIT */
/* Checks that the settings of TLS to the database mean the same with every client library. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/sql.h"

/* Whether tls, tls_ca, tls_cert and tls_key of [mysql] are consistent with each other, with the
 * server and with `replicas`, a list of servers as server_address.h reads it.
 *
 * `verify` needs tls_ca, and a server (and each replica) that is a name reached over TCP: without
 * an authority MariaDB's Connector/C 3.4 accepts the server's knowledge of the password as proof,
 * and it checks no name for 127.0.0.1, ::1 and unix sockets. tls_ca needs `verify`: with another
 * `tls`, Connector/C 3.3 and libmysqlclient check the authority, Connector/C 3.4 also the name.
 *
 * False with the reason, and *key is the key of [mysql] at fault. Scratch memory comes from
 * `arena`. */
bool config_tls_check(const struct sql_options *mysql, const char *replicas, struct arena *arena,
                      const char **key, struct error *err);
