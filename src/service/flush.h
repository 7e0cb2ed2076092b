/* SPDX-License-Identifier: MIT */
/* Flushing: rolls clicks from the host's ring and its spill files up in the database, batch by
 * batch, each exactly once: a batch and its end position are stored in one transaction, and the
 * stored position is read before anything is sent again. Several processes may try to flush a ring;
 * a lock lets one at a time do it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "clicklog/click_ring.h"
#include "db/db.h"
#include "shm/metrics.h"

/* The name of the database setting with the key of the visitors' hashes; the first migration makes
 * it. */
#define FLUSH_SECRET_SETTING "visitor_key"

/* The caller sets the first members, which are borrowed; the rest starts as zero. */
struct flusher {
    struct db *db;
    struct click_ring *ring; /* NULL: flush spill files alone */
    const char *spill_dir;   /* NULL or empty: flush the ring alone */
    struct metrics *metrics; /* NULL: nothing is counted */
    struct arena *arena;     /* reset with every batch, which needs up to 64 MiB */

    bool is_known;    /* the ring's flushed position is known, and no other process has flushed it
                         since */
    uint64_t batch;   /* number of the ring's last batch */
    unsigned refused; /* batches in a row that the database refused as not the next one */
    uint64_t kept;    /* flushed clicks in spill files that still have a writer */
};

struct flush_total {
    uint64_t events;  /* flushed from the ring or a spill file, of which: */
    uint64_t clicks;  /* clicks by people, */
    uint64_t bots;    /* clicks by bots, */
    uint64_t dropped; /* and clicks of links that no longer exist */
    unsigned damaged; /* lanes of the ring that were emptied because their contents were damaged */
    bool more;        /* more is pending */
    bool busy;        /* another process flushes the ring */
};

/* Flushes one batch of the ring and one of each spill file. Adds to *total, and sets `more` and
 * `busy`. Also writes the visitor secret to the ring. After a failure each batch was stored either
 * not at all or entirely; the next call finds out which. */
enum db_result flush_step(struct flusher *flusher, int64_t now, struct flush_total *total,
                          struct error *err);

/* Clicks pending in the ring and, as of the last step, in spill files; also sets the metric. */
uint64_t flush_pending(const struct flusher *flusher);
