/* SPDX-License-Identifier: MIT */
/* Flushing: clicks from the host's ring and its spill files are rolled up in the database, batch by
 * batch, each of them exactly once: a batch and how far it goes are stored in one transaction, and
 * what is stored is asked for before anything is sent twice. Any number of processes may flush a
 * ring; one at a time does. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "clicklog/click_ring.h"
#include "db/db.h"
#include "shm/metrics.h"

/* The setting that visitors' hashes are keyed with, made by the first migration. */
#define FLUSH_SECRET_SETTING "visitor_key"

enum {
    FLUSH_MEMORY_MAX = 64 << 20, /* bytes of the arena that a flusher works in */
};

/* The first members are the caller's and borrowed, the rest starts as zero. */
struct flusher {
    struct db *db;
    struct click_ring *ring; /* NULL: the spill alone */
    const char *spill_dir;   /* NULL or empty: the ring alone */
    struct metrics *metrics; /* NULL: nothing is counted */
    struct arena *arena;     /* emptied again and again */

    bool is_known;    /* how far the ring was flushed, as far as nobody else flushes it */
    uint64_t batch;   /* the last one of the ring */
    unsigned refused; /* batches in a row that were not the next one */
    uint64_t kept;    /* clicks that are flushed, in spill files that have a writer still */
};

struct flush_total {
    uint64_t events;  /* that left the ring or the spill: */
    uint64_t clicks;  /* counted ones by people, */
    uint64_t bots;    /* by programs, */
    uint64_t dropped; /* and those of links that no longer exist */
    unsigned damaged; /* lanes of the ring that were emptied, since what is in them is not known */
    bool more;        /* there is more to do at once */
    bool busy;        /* somebody else flushes the ring */
};

/* One batch of the ring, and one of each spill file. Adds to *total, and sets `more` and `busy`.
 * Also tells the ring the visitors' secret. After a failure everything is as if it had not been
 * tried, or was done; trying again finds out. */
enum db_result flush_step(struct flusher *flusher, int64_t now, struct flush_total *total,
                          struct error *err);

/* How many clicks wait in the ring and, as of the last step, in spill files; which is also told to
 * the metrics. */
uint64_t flush_pending(const struct flusher *flusher);
