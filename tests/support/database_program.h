/* SPDX-License-Identifier: MIT */
/* Which database server the tests start: MariaDB or MySQL, of this machine or from a folder. */
#pragma once

#include <stdbool.h>

enum {
    DATABASE_PATH_MAX = 256,
};

struct database_program {
    bool is_mysql;                   /* MySQL, otherwise MariaDB */
    char server[DATABASE_PATH_MAX];  /* mariadbd or mysqld */
    char install[DATABASE_PATH_MAX]; /* mariadb-install-db; MySQL's server does it itself */
    char base[DATABASE_PATH_MAX]; /* "--basedir=…" of a server that was named by its path, or "" */
};

/* Finds the server that CURT_DATABASE names: `mariadb`, `mysql`, or the path of a server program.
 * When it is not set: MariaDB's when it is installed, else MySQL's. Returns NULL, or why there is
 * none. */
const char *database_program_find(struct database_program *program);
