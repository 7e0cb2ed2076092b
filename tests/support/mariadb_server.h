/* SPDX-License-Identifier: MIT */
/* A private MariaDB or MySQL for tests, with a data directory and a unix socket of its own;
 * CURT_DATABASE selects it (see database_program.h). It ends with the test program. */
#pragma once

#include <sys/types.h>

#include "db/sql.h"
#include "support/database_program.h"

enum {
    MARIADB_OPTIONS_MAX = 8,
};

struct mariadb_server {
    struct database_program program;
    bool
        tls; /* otherwise it has none, though MySQL and MariaDB 11.4 make certificates themselves */
    const char *options[MARIADB_OPTIONS_MAX]; /* more of the server's; NULL after the last */
    char dir[64];
    char socket[96];
    pid_t pid; /* 0: not running */
    unsigned n_databases;
    struct sql *admin; /* a connection of the test's own, to no database */
};

/* Why the server cannot be had on this machine; NULL when it can. */
const char *mariadb_missing(void);

/* Makes a data directory and starts the server; ends the program when that fails. */
void mariadb_start(struct mariadb_server *server);

/* The same with the `tls` and `options` that the caller has set in an otherwise empty *server. */
void mariadb_start_with(struct mariadb_server *server);

/* Ends the server and removes all it had. */
void mariadb_stop(struct mariadb_server *server);

/* Ends the process with `signal` and leaves the data; starts it again on them. */
void mariadb_down(struct mariadb_server *server, int signal);
void mariadb_up(struct mariadb_server *server);

/* Makes an empty database and writes its name. */
void mariadb_database(struct mariadb_server *server, char name[16]);

/* How to reach database `name`. */
struct sql_options mariadb_options(const struct mariadb_server *server, const char *name);

/* Runs a statement that must succeed, on the connection of the test's own. */
void mariadb_run(struct mariadb_server *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The first column of the first row as a number; 0 when there is no row. */
long mariadb_number(struct mariadb_server *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The sum of status counters; `names` as in SQL, with quotes and separated by commas. */
long mariadb_status(struct mariadb_server *server, const char *names);

/* Makes seq_1_to_`last`, with the column `seq`, something to select from: MariaDB has it, MySQL
 * gets a table of that name in the database in use. */
void mariadb_sequence(struct mariadb_server *server, unsigned last);

/* Whether the test at hand, of what MySQL does not have, is to be skipped; says why. */
bool mariadb_lacks(const struct mariadb_server *server, const char *what);

/* Asks mariadb_number until it is `wanted`, for at most ten seconds. */
void mariadb_wait(struct mariadb_server *server, long wanted, const char *query);

/* The table of connections, with the columns of information_schema.processlist. That one fails on
 * MySQL when a statement has bytes that are no text (3854). */
const char *mariadb_processlist(const struct mariadb_server *server);

/* Ends every connection to database `name` that is there now. */
void mariadb_kill_connections(struct mariadb_server *server, const char *name);

/* The folder of the schema in the source tree. */
const char *schema_dir(void);
