/* SPDX-License-Identifier: MIT */
/* Exports links, oldest first, page by page, in constant memory. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "db/db.h"
#include "transfer/link_csv.h"
#include "transfer/link_source.h"

/* The caller sets all members. */
struct export
{
    struct db *db;
    FILE *out;
    enum link_format format;
    enum link_csv_form csv_form; /* for FORMAT_CSV */
    uint32_t owner_id;           /* DB_OWNER_ANY: all users' links */
    int64_t now;
    void (*step)(void *context, uint64_t done); /* called after each page; may be NULL */
    void *context;                              /* of `step` */
};

/* Writes all links. `*n` is the number of links written; they remain in the file after an error.
 * Links that are created or deleted meanwhile may be included or not, each one completely.
 * DB_FAILED also when the file cannot be written. */
enum db_result export_run(struct export *export, uint64_t *n, struct error *err);
