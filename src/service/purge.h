/* SPDX-License-Identifier: MIT */
/* Purging: deletes links that expired long ago, expired idempotency keys, sessions that have ended
 * by themselves, and old changes of destinations, in small batches with pauses that limit the load
 * on the database. Any number of processes on any number of hosts may purge at once: they get
 * different rows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "db/db.h"

enum {
    PURGE_BATCH = 500,          /* rows of each kind in one transaction */
    PURGE_PAUSE_MIN_MS = 10,    /* shortest pause between two batches */
    PURGE_PAUSE_MAX_MS = 60000, /* longest pause, however slow the database is */
    PURGE_SHARE_ALONE = 50, /* percent of the time spent purging, on an administrator's command */
    PURGE_SHARE_BACKGROUND = 10, /* percent of the time, by a maintenance thread */
};

/* Rows deleted so far. */
struct purge_total {
    uint64_t links;
    uint64_t idempotency_keys;
    uint64_t sessions;
    uint64_t changes; /* of destinations */
    bool more;        /* more rows are due */
};

/* How long rows are kept, in seconds. */
struct purge_rules {
    int64_t links_s;    /* after the expiry of a link; 0: for ever */
    int64_t deleted_s;  /* after the deletion of a link; 0: links that are deleted have not been
                         * kept */
    int64_t sessions_s; /* after the last use of a session; 0: for ever */
    int64_t changes_s;  /* after a change of a destination; 0: for ever */
};

/* Deletes one batch: the links, deleted links, sessions and changes that `rules` keep no longer,
 * the idempotency keys that have expired, and the tokens that have expired and never signed in.
 * Adds to *total. */
enum db_result purge_step(struct db *db, const struct purge_rules *rules, int64_t now,
                          struct purge_total *total, struct error *err);

/* The pause after a batch that took `took_ms`, in ms, so that `share` percent (1 to 100) of the
 * time are spent on purging. */
int64_t purge_pause_ms(int64_t took_ms, unsigned share);
