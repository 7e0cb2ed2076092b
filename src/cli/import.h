/* SPDX-License-Identifier: MIT */
/* Importing links: every one is checked like a new one, stored in batches, and kept under the codes
 * it had. Running the same import again does no harm: what is there already is passed over. */
#pragma once

#include <stdint.h>

#include "cli/import_owner.h"
#include "cli/link_source.h"
#include "cli/progress.h"
#include "service/shorten.h"

enum {
    IMPORT_BATCH = 500,
};

enum import_result {
    IMPORT_DONE,        /* read to the end; the counts say what became of it */
    IMPORT_UNAVAILABLE, /* the database does not answer: run it again, it goes on where it was */
    IMPORT_FAILED,      /* the file, or an error of the database */
};

struct import_counts {
    uint64_t imported;
    uint64_t present;   /* skipped: there already, with the same long URL */
    uint64_t conflicts; /* a code of theirs leads elsewhere */
    uint64_t refused;   /* no links, or not allowed here */
};

/* Tells why a link was not imported: not of those that are there already. */
typedef void import_report(void *context, uint64_t line, struct slice code, const char *why);

/* Start it with the members above `counts` set and the rest zero. */
struct import {
    struct shortener *shortener;
    const char *owner; /* the owner of all; NULL: whom each link names */
    bool make_users;   /* those who are not there */
    int64_t now;       /* when links were made that do not say it */
    import_report *report;
    void *context;
    struct progress *progress; /* may be NULL */
    int64_t (*clock_us)(void); /* monotonic, for the progress; may be NULL without */
    struct import_counts counts;
    struct import_owners owners;
};

/* Imports all that `source` has. */
enum import_result import_run(struct import *import, struct link_source *source, struct error *err);
