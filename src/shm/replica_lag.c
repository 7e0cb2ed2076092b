/* SPDX-License-Identifier: MIT */
/* One word per replica: the time of the last measurement, and the lag. */
#include "shm/replica_lag.h"

#include <stdlib.h>

#include "os/monotonic.h"
#include "shm/segment_layout.h"

enum {
    LAG_BITS = 23, /* the lowest bits of a word: 1 + the lag in ms, so that no word is 0 */
};

_Static_assert(REPLICA_LAG_MAX_MS < (1 << LAG_BITS) - 1, "a lag fits");

struct replica_lags {
    struct segment_replicas *table;
    bool own;
};

struct replica_lags *replica_lags_open(struct segment *segment, struct error *err)
{
    struct replica_lags *lags = calloc(1, sizeof(*lags));
    if (lags) {
        lags->own = !segment;
        lags->table = segment ? segment_region(segment, SEGMENT_REPLICAS)
                              : calloc(1, sizeof(struct segment_replicas));
    }
    if (lags && lags->table)
        return lags;
    error_set(err, "out of memory");
    free(lags);
    return NULL;
}

void replica_lags_close(struct replica_lags **lags)
{
    if (*lags && (*lags)->own)
        free((*lags)->table);
    free(*lags);
    *lags = NULL;
}

void replica_lags_beat(struct replica_lags *lags, int64_t beat_ms, int64_t now_ms)
{
    __atomic_store_n(&lags->table->written_ms, now_ms, __ATOMIC_RELAXED);
    __atomic_store_n(&lags->table->beat_ms, beat_ms, __ATOMIC_RELEASE);
}

static int64_t at_most(int64_t value, int64_t max)
{
    return value < max ? value : max;
}

/* The first heartbeat that the replica lacks was written at most one period after the one it has.
 * If the last heartbeat is older than two periods, the primary is unavailable, and its age counts
 * as two periods. */
static int64_t lag_of(int64_t beat_ms, int64_t age_ms, int64_t seen_ms)
{
    if (seen_ms >= beat_ms)
        return 0;
    int64_t missed_ms = elapsed_ms(seen_ms, beat_ms) - REPLICA_BEAT_MS;
    missed_ms = at_most(missed_ms > 0 ? missed_ms : 0, REPLICA_LAG_MAX_MS);
    return at_most(missed_ms + at_most(age_ms, 2 * REPLICA_BEAT_MS), REPLICA_LAG_MAX_MS);
}

int64_t replica_lags_see(struct replica_lags *lags, struct breaker replica, int64_t seen_ms,
                         int64_t now_ms)
{
    int64_t beat_ms = __atomic_load_n(&lags->table->beat_ms, __ATOMIC_ACQUIRE);
    int64_t written_ms = __atomic_load_n(&lags->table->written_ms, __ATOMIC_RELAXED);
    if (beat_ms == 0 || !replica.all)
        return -1;
    int64_t age_ms = elapsed_ms(written_ms, now_ms);
    int64_t lag_ms = lag_of(beat_ms, age_ms > 0 ? age_ms : 0, seen_ms);
    __atomic_store_n(&lags->table->lags[replica.slot],
                     (uint64_t)now_ms << LAG_BITS | (uint64_t)(lag_ms + 1), __ATOMIC_RELAXED);
    return lag_ms;
}

int64_t replica_lags_get(const struct replica_lags *lags, struct breaker replica, int64_t now_ms)
{
    if (!replica.all)
        return -1;
    uint64_t word = __atomic_load_n(&lags->table->lags[replica.slot], __ATOMIC_RELAXED);
    int64_t age_ms = now_ms - (int64_t)(word >> LAG_BITS);
    if (word == 0 || age_ms > REPLICA_LAG_KNOWN_MS || age_ms < -REPLICA_LAG_KNOWN_MS)
        return -1;
    return (int64_t)(word & ((1U << LAG_BITS) - 1)) - 1;
}
