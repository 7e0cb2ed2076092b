/* SPDX-License-Identifier: MIT */
/* Migrates the schema of the database: applies the numbered files of the schema folder in order,
 * each once, and stores their checksums. */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "db/sql.h"

enum {
    MIGRATION_NEWEST = 14, /* the migration that this program needs: the number of the schema's last
                            * file */
};

/* The version of the tables compared to that of this program. During an upgrade the program may run
 * with newer tables. */
enum tables_age {
    TABLES_FIT,
    TABLES_MISSING,
    TABLES_OLDER,
    TABLES_NEWER,
};

/* From the number that migrate_newest returned. */
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
    MIGRATION_PENDING, /* the file exists, but is not applied */
    MIGRATION_CHANGED, /* applied, but the file has changed since */
    MIGRATION_UNKNOWN, /* applied, but there is no file: the database is newer than this program */
};

struct migration {
    unsigned number;
    struct slice name; /* valid during the report */
    enum migration_state state;
    int64_t applied_at; /* 0 when pending */
};

enum migrate_event {
    MIGRATE_FOUND,    /* called for each migration with a file or applied, in order */
    MIGRATE_APPLYING, /* called before it is applied */
    MIGRATE_APPLIED,  /* called after it was applied and recorded */
    MIGRATE_KEY_MADE, /* the code key was made; `migration` is NULL */
};

typedef void migrate_report(void *context, enum migrate_event event,
                            const struct migration *migration);

enum migrate_result {
    MIGRATE_OK,          /* all files are applied */
    MIGRATE_PENDING,     /* only from migrate_status: there are migrations to apply */
    MIGRATE_REFUSED,     /* a migration is changed or unknown: nothing was done */
    MIGRATE_BUSY,        /* another migration was running and did not end within a minute */
    MIGRATE_UNAVAILABLE, /* no connection, or the connection was lost: run it again */
    MIGRATE_FAILED,      /* a file cannot be read, or the server returned an error */
};

struct migrate_request {
    const struct sql_options *sql; /* read and write time-outs are not used, because a migration may
                                    * take long */
    const char *dir;               /* the schema folder */
    migrate_report *report;        /* may be NULL */
    void *context;
};

/* Applies pending migrations, then makes the settings "code_key" and "visitor_key" if they do not
 * exist. May be run repeatedly, and on several machines at the same time: one works, the others
 * wait for it up to a minute. A migration that failed half-way is applied from its start by the
 * next run. */
enum migrate_result migrate_run(const struct migrate_request *request, struct error *err);

/* Reports the state of all migrations and changes nothing. */
enum migrate_result migrate_status(const struct migrate_request *request, struct error *err);

/* Sets *number to the newest migration that was applied; 0: none. Uses the time-outs of `sql`;
 * needs no files. */
enum migrate_result migrate_newest(const struct sql_options *sql, unsigned *number,
                                   struct error *err);
