/* SPDX-License-Identifier: MIT */
/* Ids from the sequence-table range allocator: unique across all hosts for ever, handed out without
 * a statement per id. Blocks come from the database; where there is a shared segment all workers of
 * the host draw from the same blocks, otherwise each process has its own. */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "store/db.h"
#include "store/segment.h"

enum sequence_result {
    SEQUENCE_OK,
    SEQUENCE_EXHAUSTED,   /* the slice of this region is used up */
    SEQUENCE_UNAVAILABLE, /* no id at hand and the database does not answer */
};

/* `segment` may be NULL. Ids a process had taken for itself die with it; they are wasted, never
 * issued again. */
struct sequence {
    const char *name;
    struct db *db;
    struct segment *segment;
    struct id_range own; /* used without a segment, or when the segment has no room */
};

/* The next id. Fetches a block when none is left, and one ahead when fewer than an eighth of a
 * block are left, so that a database that is away for a moment does not stop creates. */
enum sequence_result sequence_next(struct sequence *sequence, uint64_t *id, struct error *err);
