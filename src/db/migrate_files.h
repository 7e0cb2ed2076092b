/* SPDX-License-Identifier: MIT */
/* The files of the schema folder, and the statements in a file. */
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
    struct slice name; /* the part between "NNNN-" and ".sql" */
    struct slice text;
};

/* Ordered by number. */
struct migration_files {
    struct migration_file *files;
    size_t n;
};

/* Reads every NNNN-name.sql of the folder `dir` into `arena`. Files without the suffix ".sql" are
 * ignored. It is an error when another ".sql" file is not named like that, when two files have the
 * same number, or when there is none. */
bool migration_files_read(const char *dir, struct arena *arena, struct migration_files *out,
                          struct error *err);

/* Removes the next statement, without its ';', from `rest`; false when there is none. Recognises
 * quotes and comments; comments before a statement are removed. */
bool migration_statement_next(struct slice *rest, struct slice *out);
