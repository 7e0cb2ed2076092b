/* SPDX-License-Identifier: MIT */
/* Leases on fetching a missing code: one worker fetches it, the others wait for it. A lease is one
 * word: the upper half of the code's hash, and the lower half of the time when it was taken. Two
 * codes may share a word: then the later lease replaces the earlier, and a code may be fetched
 * twice, which is harmless. */

#include "os/monotonic.h"
#include "shm/local_layout.h"

enum {
    LOOK_AGAIN_US = 500,
};

static uint64_t *word_of(const struct local_cache *cache, uint64_t hash)
{
    return &local_head_of(cache)->leases[hash % LOCAL_LEASES];
}

static uint64_t lease_of(uint64_t hash, int64_t now_ms)
{
    return (hash & ~(uint64_t)UINT32_MAX) | (uint32_t)now_ms;
}

bool local_cache_lease(struct local_cache *cache, struct slice code, int64_t now_ms)
{
    uint64_t hash = local_hash(cache, code);
    uint64_t *word = word_of(cache, hash);
    uint64_t seen = __atomic_load_n(word, __ATOMIC_RELAXED);
    uint64_t mine = lease_of(hash, now_ms);
    bool same = (seen ^ mine) >> 32 == 0;
    uint32_t age_ms = (uint32_t)mine - (uint32_t)seen;
    if (seen && same && age_ms < LOCAL_PATIENCE_MS)
        return false;
    return __atomic_compare_exchange_n(word, &seen, mine, false, __ATOMIC_RELAXED,
                                       __ATOMIC_RELAXED);
}

static bool is_leased(const struct local_cache *cache, uint64_t hash)
{
    uint64_t seen = __atomic_load_n(word_of(cache, hash), __ATOMIC_RELAXED);
    return seen && (seen ^ hash) >> 32 == 0;
}

enum local_result local_cache_wait(struct local_cache *cache, struct slice code,
                                   struct arena *arena, struct local_found *out)
{
    uint64_t hash = local_hash(cache, code);
    int64_t end_ms = monotonic_ms() + LOCAL_PATIENCE_MS;
    while (is_leased(cache, hash) && monotonic_ms() < end_ms)
        monotonic_sleep_us(LOOK_AGAIN_US);
    return local_cache_get(cache, code, monotonic_ms(), arena, out);
}

void local_cache_release(struct local_cache *cache, struct slice code)
{
    uint64_t hash = local_hash(cache, code);
    uint64_t *word = word_of(cache, hash);
    uint64_t seen = __atomic_load_n(word, __ATOMIC_RELAXED);
    if ((seen ^ hash) >> 32 == 0)
        __atomic_compare_exchange_n(word, &seen, 0, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}
