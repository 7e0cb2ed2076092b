/* SPDX-License-Identifier: MIT */
/* Imports links: each is checked like a new one, stored in batches, and keeps its codes. The same
 * import may be run again: existing links are skipped. */
#pragma once

#include <stdint.h>

#include "service/create.h"
#include "transfer/import_owner.h"
#include "transfer/link_source.h"

enum {
    IMPORT_BATCH = 500,
};

struct import_counts {
    uint64_t imported;
    uint64_t present;   /* skipped: exists with the same long URL */
    uint64_t conflicts; /* one of its codes belongs to another link */
    uint64_t refused;   /* invalid, or not allowed */
};

/* Called for each link that was not imported, with the reason; not for existing ones. */
typedef void import_report(void *context, uint64_t line, struct slice code, const char *why);

/* The caller sets the members above `counts`; the rest is zero. */
struct import {
    struct shortener *shortener;
    const char *owner; /* the owner of all links; NULL: the one that each link names */
    bool make_users;   /* create missing users */
    int64_t now;       /* created_at of links without one */
    import_report *report;
    void *context;                              /* of `report` and `step` */
    void (*step)(void *context, uint64_t done); /* called after each batch; may be NULL */
    struct import_counts counts;
    struct import_owners owners;
};

/* Imports all that `source` has. DB_OK: it was read to the end, see the counts. DB_UNAVAILABLE: the
 * database does not answer; run it again to continue. DB_FAILED: an error of the file or the
 * database. */
enum db_result import_run(struct import *import, struct link_source *source, struct error *err);
