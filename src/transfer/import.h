/* SPDX-License-Identifier: MIT */
/* Imports links: each is checked like a new one, stored in batches, and keeps its codes. The same
 * import may be run again: existing links are skipped. */
#pragma once

#include <stdint.h>

#include "service/create.h"
#include "transfer/import_owner.h"
#include "transfer/import_report.h"
#include "transfer/import_seen.h"
#include "transfer/link_source.h"

enum {
    IMPORT_BATCH = 500,
};

/* A row that was not taken; not one whose link exists. */
struct import_problem {
    enum import_refusal kind;
    uint64_t line;   /* from 1 */
    const char *why; /* a sentence; it and the code are one line of UTF-8 */
    const char *code;
};

/* Called for each row that is well formed, before it is known whether it can be stored. */
typedef void import_row_handler(void *context, uint64_t line, const struct link *link);

typedef void import_problem_handler(void *context, const struct import_problem *problem);

/* The caller sets the members above `report`; the rest is zero. */
struct import {
    struct shortener *shortener;
    const char *owner; /* the owner of all links; NULL: the one that each link names */
    bool make_users;   /* create missing users */
    bool is_admin;     /* of codes refuse only what cannot work (alias_is_policy), of any length */
    bool force;        /* take links to blocked domains; an admin's */
    bool dry_run;      /* write nothing, take no ids: only report what an import would do */
    int64_t now;       /* created_at of links without one */
    struct user_policy policy; /* of the owner, which holds unless is_admin */
    struct slice once; /* a name of the import: links with generated codes are stored once for it,
                        * even if two calls have the same row at the same time, for
                        * IDEMPOTENCY_LIFE_S; empty: they are stored once if the calls follow one
                        * another */
    uint64_t rows_max; /* rows that are read; 0: all */
    size_t seen_max; /* codes that are remembered (import_seen.h); 0: IMPORT_SEEN_MAX in a dry run,
                      * IMPORT_SEEN_NAMED otherwise */
    import_problem_handler *on_problem; /* may be NULL, like the next two */
    import_row_handler *on_row;
    void *context;                              /* of the three */
    void (*step)(void *context, uint64_t done); /* called after each batch */
    struct import_report report;
    uint64_t rows_read;
    bool file_failed; /* DB_FAILED is an error of the file */
    struct import_owners owners;
    struct import_seen seen; /* freed when import_run returns; `full` remains: the report may miss
                              * rows of the file that are there twice */
};

/* Imports all that `source` has. A row without a code gets a generated one, unless its owner has a
 * link with the same long URL already: then it counts as present. Of two rows with one code the
 * first is taken. DB_OK: the file was read to the end, see the report. DB_UNAVAILABLE: the database
 * does not answer; run it again to continue. DB_FAILED: an error of the file or the database. In
 * both cases the report has the rows so far. */
enum db_result import_run(struct import *import, struct link_source *source, struct error *err);
