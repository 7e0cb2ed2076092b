/* SPDX-License-Identifier: MIT */
/* Ids from the sequence-table range allocator: unique across all hosts for ever, handed out without
 * a statement per id. Blocks come from the database; where there is a shared segment all workers of
 * the host draw from the same blocks, otherwise each process has its own. */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "db/db.h"
#include "shm/segment.h"

enum sequence_result {
    SEQUENCE_OK,
    SEQUENCE_EXHAUSTED,   /* the slice of this region is used up */
    SEQUENCE_UNAVAILABLE, /* no id at hand and the database does not answer */
};

enum {
    /* How long nobody else fetches ahead while a fetch runs, or after one that failed. */
    SEQUENCE_PATIENCE_MS = 5000,
    SEQUENCE_BLOCK = 1000, /* how large blocks are taken to be before the first is fetched */
};

/* `segment` may be NULL. Ids a process had taken for itself die with it; they are wasted, never
 * issued again. The first three are the caller's to set, the others start as zero. */
struct sequence {
    const char *name;
    struct db *db;
    struct segment *segment;
    struct id_range own;   /* used without a segment, or when that has no room or is locked */
    struct id_range ahead; /* follows `own` */
    uint64_t block;        /* the size of the last block fetched; 0: none yet */
    int64_t fetch_at_ms;   /* when the last fetch ahead without a segment began (monotonic) */
};

/* The next id. Fetches a block when none is left, and one ahead when fewer than an eighth of a
 * block are left, so that a database that is away for a moment does not stop creates: a fetch ahead
 * that fails is tried again SEQUENCE_PATIENCE_MS later, and is no error. */
enum sequence_result sequence_next(struct sequence *sequence, uint64_t *id, struct error *err);

/* Fetches blocks into the segment until the host has `wanted` ids, or there is no room for more, or
 * at most `blocks` of them; `left` is how many ids it has then. Without a segment it does nothing.
 * DB_MISSING: the slice is used up; what is there can still be had. */
enum db_result sequence_stock_up(struct sequence *sequence, uint64_t wanted, unsigned blocks,
                                 uint64_t *left, struct error *err);
