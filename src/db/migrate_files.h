/* SPDX-License-Identifier: MIT */
/* The files of the schema: what is in the folder, and the statements in a file. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

enum {
    MIGRATION_FILE_MAX = 1024 * 1024, /* bytes */
    MIGRATION_NAME_MAX = 100,         /* bytes, number and ".sql" not counted */
};

struct migration_file {
    unsigned number;   /* 1 to 9999 */
    struct slice name; /* what stands between the number and ".sql" */
    struct slice text;
};

/* Ordered by number. */
struct migration_files {
    struct migration_file *files;
    size_t n;
};

/* Reads every NNNN-name.sql of the folder `dir` into `arena`. Other files are passed over, but one
 * that ends in ".sql" and is not named like that, or two with one number, or none at all, is an
 * error. */
bool migration_files_read(const char *dir, struct arena *arena, struct migration_files *out,
                          struct error *err);

/* Takes the next statement, without its ';', off `rest`; false when there is none. Knows quotes and
 * comments; what stands before the first statement's first word is left out. */
bool migration_statement_next(struct slice *rest, struct slice *out);
