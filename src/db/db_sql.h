/* SPDX-License-Identifier: MIT */
/* The database interface (db.h) for MySQL and MariaDB. */
#pragma once

#include "db/db.h"
#include "db/sql.h"

/* Makes no connection yet; NULL when memory is out. The strings of the options are borrowed. */
struct db *db_sql_open(const struct sql_options *options);
