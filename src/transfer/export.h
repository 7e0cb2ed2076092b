/* SPDX-License-Identifier: MIT */
/* Exports links, oldest first, page by page, in constant memory. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "db/db.h"
#include "transfer/link_csv.h"
#include "transfer/link_source.h"

enum {
    EXPORT_CHUNK_MAX = 100 * 1024, /* bytes of a chunk, unless one link has more */
};

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

/* A part of the file. */
struct export_chunk {
    struct slice text; /* whole lines, in the arena of the call */
    bool more;         /* links may follow */
    struct link_position next;
};

/* Writes the links after a position, or from the file's beginning if it is not set, up to
 * EXPORT_CHUNK_MAX bytes. The chunks one after the other are what export_run writes. Uses neither
 * `out` nor `step`. */
enum db_result export_chunk(const struct export *export, const struct link_position *after,
                            struct arena *arena, struct export_chunk *out, struct error *err);
