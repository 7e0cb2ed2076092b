/* SPDX-License-Identifier: MIT */
/* Token buckets (link/rate.h) that all workers of a host share: a table of a fixed size in the
 * shared segment, or in memory of this process when there is no segment. No locks.
 *
 * A bucket is found by a keyed hash of its name, under a random key that exists only in the table;
 * the name is not stored and cannot be computed from the table. Full buckets need no entry. If a
 * set already has BUCKET_WAYS other buckets that are not full, the one nearest to full is evicted:
 * a table that is too small allows more than the rate, and never refuses a request that is within
 * it.
 *
 * The count is exact with any number of concurrent workers, with one exception: when several
 * workers create the entry of a bucket at the same moment, each of them may allow one request too
 * many. */
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

/* The table in `segment` (borrowed), or a new one in memory of this process when it is NULL. NULL
 * with the reason when memory is out or the random key cannot be made. */
struct buckets *buckets_open(struct segment *segment, struct error *err);

/* Frees; sets *buckets to NULL. *buckets may be NULL. */
void buckets_close(struct buckets **buckets);

/* Takes `tokens` if they are available, as rate_take does (link/rate.h). `now_us` is monotonic, the
 * same clock for all workers of the host. */
struct rate_verdict buckets_take(struct buckets *buckets, struct slice name,
                                 const struct rate *rate, uint64_t tokens, int64_t now_us);

/* The state of the bucket, as by rate_look; nothing is taken. */
struct rate_verdict buckets_look(struct buckets *buckets, struct slice name,
                                 const struct rate *rate, int64_t now_us);

/* Takes `tokens`, available or not, as by rate_charge. */
void buckets_charge(struct buckets *buckets, struct slice name, const struct rate *rate,
                    uint64_t tokens, int64_t now_us);
