/* SPDX-License-Identifier: MIT */
/* Token buckets that all workers of a host share: a table of a fixed size in the shared segment, or
 * one of this process alone without a segment. Nothing is locked and nobody waits.
 *
 * A bucket is found by a keyed hash of whatever the caller names it by, under a random key that
 * lives and dies with the table; neither the name nor anything it could be told from is kept. Full
 * buckets need no place. Where BUCKET_WAYS others that are not full share a place, the one nearest
 * to full is given up: a table under such pressure forgives, it never accuses.
 *
 * The count is exact, however many workers take at once, with one exception: when several workers
 * give a bucket its place at the very same moment, each of them may let one too many through. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "link/rate.h"
#include "shm/segment.h"

enum {
    BUCKETS = 64 * 1024,
    BUCKET_WAYS = 8,
};

struct buckets;

/* The table in `segment` (borrowed), or a new one of this process when that is NULL. NULL with the
 * reason when there is no memory or no randomness. */
struct buckets *buckets_open(struct segment *segment, struct error *err);

/* NULL is fine; sets *buckets to NULL. */
void buckets_close(struct buckets **buckets);

/* Takes `tokens` if they are there, as rate_take has it (link/rate.h). `now_us` is monotonic, the
 * same clock for all workers of the host. */
struct rate_verdict buckets_take(struct buckets *buckets, struct slice name,
                                 const struct rate *rate, uint64_t tokens, int64_t now_us);

/* What the bucket says; nothing is taken. */
struct rate_verdict buckets_look(struct buckets *buckets, struct slice name,
                                 const struct rate *rate, int64_t now_us);

/* Takes `tokens` whether they are there or not. */
void buckets_charge(struct buckets *buckets, struct slice name, const struct rate *rate,
                    uint64_t tokens, int64_t now_us);
