/* SPDX-License-Identifier: MIT */
/* A cache of codes as the services see it. memcached.h is the real one, fakes/cache_fake.h keeps
 * everything in memory for tests, cache_none.h never has anything.
 *
 * Who may write what, so that a slow reader can never put back what an author has just changed:
 *   - a reader that missed fills with cache_fill: it stores only where nothing is;
 *   - an author publishes with cache_publish: it replaces what cache_entry_supersedes
 * (link/cache_entry.h) says is older, which is a lower version of the same link (an absent record
 * has version 0, a link starts at 1);
 *   - a deletion publishes a tombstone with the version after the last.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "link/cache_entry.h"

enum cache_result {
    CACHE_HIT,
    CACHE_MISS,
    CACHE_DOWN, /* no answer, or an error; `err` says which */
};

struct cache;

struct cache_ops {
    /* The record of `code`. CACHE_HIT includes absent records and tombstones. The record's long URL
     * is in `arena`. Anything unreadable is a miss. */
    enum cache_result (*get)(struct cache *cache, struct slice code, struct arena *arena,
                             struct cache_entry *out, struct error *err);
    /* Stores after a miss, for `lifetime_s` seconds (0: does nothing). Best effort, never waits for
     * an answer. */
    void (*fill)(struct cache *cache, struct slice code, const struct cache_entry *entry,
                 int64_t lifetime_s);
    /* Stores what is true now unless something as new is there; waits for the answer. False when
     * that could not be made sure of; `err` says why. A lifetime of 0 removes the entry. */
    bool (*publish)(struct cache *cache, struct slice code, const struct cache_entry *entry,
                    int64_t lifetime_s, struct error *err);
    void (*close)(struct cache **cache);
};

/* The first member of every implementation. */
struct cache {
    const struct cache_ops *ops;
};

static inline enum cache_result cache_get(struct cache *cache, struct slice code,
                                          struct arena *arena, struct cache_entry *out,
                                          struct error *err)
{
    return cache->ops->get(cache, code, arena, out, err);
}

static inline void cache_fill(struct cache *cache, struct slice code,
                              const struct cache_entry *entry, int64_t lifetime_s)
{
    cache->ops->fill(cache, code, entry, lifetime_s);
}

static inline bool cache_publish(struct cache *cache, struct slice code,
                                 const struct cache_entry *entry, int64_t lifetime_s,
                                 struct error *err)
{
    return cache->ops->publish(cache, code, entry, lifetime_s, err);
}

/* NULL is fine; sets *cache to NULL. */
static inline void cache_close(struct cache **cache)
{
    if (*cache)
        (*cache)->ops->close(cache);
}
