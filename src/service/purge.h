/* SPDX-License-Identifier: MIT */
/* Purging: links that expired long ago, and idempotency keys that nobody can repeat any more, are
 * deleted in small batches, with pauses that leave the database to the others. Any number of
 * processes on any number of hosts may purge at once: they get different rows. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "db/db.h"

enum {
    PURGE_BATCH = 500,           /* rows of a kind in one transaction */
    PURGE_PAUSE_MIN_MS = 10,     /* between two batches */
    PURGE_PAUSE_MAX_MS = 60000,  /* likewise, however slow the database is */
    PURGE_SHARE_ALONE = 50,      /* percent of the time, where an administrator has asked for it */
    PURGE_SHARE_BACKGROUND = 10, /* percent of the time that a housekeeper keeps a connection busy
                                  */
};

/* What was deleted so far. */
struct purge_total {
    uint64_t links;
    uint64_t idempotency_keys;
    bool more; /* there is more to do at once */
};

/* One batch: the links that expired more than `purge_after_s` (0: none at all) before `now`, and
 * the idempotency keys that are over. Adds to *total. */
enum db_result purge_step(struct db *db, int64_t purge_after_s, int64_t now,
                          struct purge_total *total, struct error *err);

/* How long to rest after a batch that took `took_ms`, so that `share` percent (1 to 100) of the
 * time are spent on purging. */
int64_t purge_pause_ms(int64_t took_ms, unsigned share);
