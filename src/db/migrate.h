/* SPDX-License-Identifier: MIT */
/* Brings the schema of the database up to date: applies the numbered files of the schema folder in
 * order, each once, and remembers their checksums. */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "db/sql.h"

enum {
    MIGRATION_NEWEST = 6, /* what this program needs: the number of the schema's last file */
};

/* How the tables stand to this program. Newer ones may do, as long as it is only for an upgrade. */
enum tables_age {
    TABLES_FIT,
    TABLES_MISSING,
    TABLES_OLDER,
    TABLES_NEWER,
};

/* By the number that migrate_newest found. */
static inline enum tables_age tables_age(unsigned newest)
{
    if (newest == 0)
        return TABLES_MISSING;
    if (newest == MIGRATION_NEWEST)
        return TABLES_FIT;
    return newest < MIGRATION_NEWEST ? TABLES_OLDER : TABLES_NEWER;
}

enum migration_state {
    MIGRATION_APPLIED,
    MIGRATION_PENDING, /* on disk, not in the database */
    MIGRATION_CHANGED, /* applied, but the file is not the one that was */
    MIGRATION_UNKNOWN, /* in the database, not on disk: the database is newer than this program */
};

struct migration {
    unsigned number;
    struct slice name; /* valid during the report */
    enum migration_state state;
    int64_t applied_at; /* 0 when pending */
};

enum migrate_event {
    MIGRATE_FOUND,    /* once for each migration on either side, in order */
    MIGRATE_APPLYING, /* begins to apply it */
    MIGRATE_APPLIED,  /* has applied and recorded it */
    MIGRATE_KEY_MADE, /* has drawn the key of the codes; `migration` is NULL */
};

typedef void migrate_report(void *context, enum migrate_event event,
                            const struct migration *migration);

enum migrate_result {
    MIGRATE_OK,          /* the schema is that of the files */
    MIGRATE_PENDING,     /* of migrate_status: there is something to apply */
    MIGRATE_REFUSED,     /* a migration is changed or unknown: nothing was touched */
    MIGRATE_BUSY,        /* somebody else is at it and did not end in time */
    MIGRATE_UNAVAILABLE, /* no connection, or lost on the way: run it again */
    MIGRATE_FAILED,      /* files that cannot be read, or an error of the server */
};

struct migrate_request {
    const struct sql_options
        *sql;               /* read and write time-outs are not used: a change takes its time */
    const char *dir;        /* the folder of the files */
    migrate_report *report; /* may be NULL */
    void *context;
};

/* Applies what is pending, then makes sure that the settings "code_key" and "visitor_key" exist.
 * Safe to run twice, and on many machines at the same time: one works, the others wait for it up to
 * a minute. A migration that failed half-way is applied from its start by the next run. */
enum migrate_result migrate_run(const struct migrate_request *request, struct error *err);

/* Reports how things stand and changes nothing. */
enum migrate_result migrate_status(const struct migrate_request *request, struct error *err);

/* The number of the newest migration that was applied; 0: there is none. Keeps to the time-outs of
 * `sql`, and needs no files. */
enum migrate_result migrate_newest(const struct sql_options *sql, unsigned *number,
                                   struct error *err);
