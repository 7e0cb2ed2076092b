/* SPDX-License-Identifier: MIT */
/* The database in MySQL or MariaDB. */
#pragma once

#include "db/db.h"
#include "db/sql.h"

/* Connects to nothing yet; NULL when memory is out. The strings of the options are borrowed. */
struct db *db_sql_open(const struct sql_options *options);
