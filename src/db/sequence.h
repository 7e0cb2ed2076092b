/* SPDX-License-Identifier: MIT */
/* Unique ids for links, allocated in blocks from the database's sequence table: an id is issued
 * once among all hosts, and an id does not need a statement. With a shared segment all workers of
 * the host use the same blocks; otherwise each process has its own. */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "db/db.h"
#include "shm/segment.h"

enum {
    /* No other process fetches ahead for this time after a fetch has begun, unless it succeeds. */
    SEQUENCE_PATIENCE_MS = 5000,
    SEQUENCE_BLOCK = 1000, /* assumed size of blocks before the first is fetched */
};

/* The caller sets the first three members (`segment` may be NULL) and the others to zero. The ids
 * in `own` and `ahead` are wasted when the process ends; they are never issued again. */
struct sequence {
    const char *name;
    struct db *db;
    struct segment *segment;
    struct id_range own;   /* this process's own block: without a segment, or when that has no room
                            * or its lock is held */
    struct id_range ahead; /* its next block */
    uint64_t block;        /* size of the last block fetched; 0: none yet */
    uint64_t end;          /* of the highest block that this process has fetched */
    int64_t fetch_at_ms;   /* when the last fetch ahead without a segment began (monotonic) */
};

/* Returns the next id. Fetches a block when no id is left. Fetches a block ahead when fewer than an
 * eighth of a block are left, so that a short outage of the database does not block creates; if
 * that fails it is no error, and is tried again SEQUENCE_PATIENCE_MS later. DB_MISSING: the
 * sequence's range of ids is used up. DB_STALE: the sequence went back, since an older database was
 * restored: it returned ids that this host has had before, and they are not used. Anything else: no
 * id is left in this host, and the database returned that. */
enum db_result sequence_next(struct sequence *sequence, uint64_t *id, struct error *err);

/* Fetches at most `blocks` blocks into the segment, until the host has `wanted` ids or the segment
 * has no room. *left is set to the number of ids that the host has then. Without a segment it does
 * nothing. DB_MISSING: the sequence is used up; the ids in the segment remain usable. DB_STALE: as
 * of sequence_next. */
enum db_result sequence_stock_up(struct sequence *sequence, uint64_t wanted, unsigned blocks,
                                 uint64_t *left, struct error *err);

/* Reads the sequence's row. If it went back, drops the ids of the segment and returns DB_STALE. */
enum db_result sequence_check(struct sequence *sequence, struct sequence_row *row,
                              struct error *err);
