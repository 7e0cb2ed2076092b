/* SPDX-License-Identifier: MIT */
/* Publishing to two caches in the right order. */
#include "cache/cache_pair.h"

#include <stdlib.h>

#include "os/monotonic.h"

struct cache_pair {
    struct cache cache;
    struct cache_pair_parts parts;
};

static struct cache_pair *pair_of(struct cache *cache)
{
    return (struct cache_pair *)cache;
}

static enum cache_result pair_get(struct cache *cache, struct slice code, struct arena *arena,
                                  struct record *out, struct error *err)
{
    const struct cache_pair_parts *parts = &pair_of(cache)->parts;
    if (parts->invalidations && invalidation_queue_has(parts->invalidations, code))
        return CACHE_MISS;
    return cache_get(parts->remote, code, arena, out, err);
}

static void pair_fill(struct cache *cache, struct slice code, const struct record *record,
                      int64_t lifetime_s)
{
    cache_fill(pair_of(cache)->parts.remote, code, record, lifetime_s);
}

static bool pair_publish(struct cache *cache, struct slice code, const struct record *record,
                         int64_t lifetime_s, struct error *err)
{
    const struct cache_pair_parts *parts = &pair_of(cache)->parts;
    bool published = cache_publish(parts->remote, code, record, lifetime_s, err);
    bool is_new = record->kind == RECORD_TARGET && record->target.version <= 1;
    if (!published && parts->invalidations)
        invalidation_queue_add(parts->invalidations, code, is_new);
    if (parts->local)
        local_cache_publish(parts->local, code, record,
                            local_life_of(&parts->policy, record, monotonic_ms()));
    return published;
}

static void pair_close(struct cache **cache)
{
    free(*cache);
    *cache = NULL;
}

static const struct cache_ops OPS = {
    .get = pair_get,
    .fill = pair_fill,
    .publish = pair_publish,
    .close = pair_close,
};

struct cache *cache_pair_open(const struct cache_pair_parts *parts)
{
    struct cache_pair *pair = calloc(1, sizeof(*pair));
    if (!pair)
        return NULL;
    *pair = (struct cache_pair){ .cache = { .ops = &OPS }, .parts = *parts };
    return &pair->cache;
}
