/* SPDX-License-Identifier: MIT */
/* The interface of the remote cache of cache entries by code. Implementations: memcached.h;
 * and tests/fakes/cache_fake.h, in memory. Services use it through link_cache.h.
 *
 * Writers follow these rules, so that a slow reader never restores an entry from before a change:
 *   - after a miss a reader stores with cache_fill, which never replaces an entry;
 *   - a create or a change stores with cache_publish, which replaces older entries, as defined by
 *     cache_entry_supersedes (link/cache_entry.h): those of a lower version of the same link (an
 *     absent entry has version 0, a link starts with 1);
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
    /* Reads the entry of `code`. CACHE_HIT includes absent entries and tombstones. The entry's long
     * URL is in `arena`. An entry that cannot be decoded is a miss. */
    enum cache_result (*get)(struct cache *cache, struct slice code, struct arena *arena,
                             struct cache_entry *out, struct error *err);
    /* Stores an entry after a miss, for `lifetime_s` seconds (0: does nothing). Best effort; does
     * not report errors. */
    void (*fill)(struct cache *cache, struct slice code, const struct cache_entry *entry,
                 int64_t lifetime_s);
    /* Stores the entry of a created, changed or deleted link, unless the cache has one that is as
     * new; waits for the server's answer. False, with the reason in `err`, when the cache may still
     * have an older entry. A lifetime of 0 removes the entry. */
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

/* Closes the cache; sets *cache to NULL. *cache may be NULL. */
static inline void cache_close(struct cache **cache)
{
    if (*cache)
        (*cache)->ops->close(cache);
}
