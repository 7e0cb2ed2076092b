/* SPDX-License-Identifier: MIT */
/* Publishing to the remote and the local cache, in this order. */
#include "cache/link_cache.h"

#include <stdlib.h>

#include "os/monotonic.h"

struct link_cache {
    struct cache cache;
    struct link_cache_parts parts;
};

static struct link_cache *link_cache_of(struct cache *cache)
{
    return (struct link_cache *)cache;
}

static enum cache_result link_cache_get(struct cache *cache, struct slice code, struct arena *arena,
                                        struct cache_entry *out, struct error *err)
{
    const struct link_cache_parts *parts = &link_cache_of(cache)->parts;
    if (parts->invalidations && invalidation_queue_has(parts->invalidations, code))
        return CACHE_MISS;
    return cache_get(parts->remote, code, arena, out, err);
}

static void link_cache_fill(struct cache *cache, struct slice code, const struct cache_entry *entry,
                            int64_t lifetime_s)
{
    cache_fill(link_cache_of(cache)->parts.remote, code, entry, lifetime_s);
}

static bool link_cache_publish(struct cache *cache, struct slice code,
                               const struct cache_entry *entry, int64_t lifetime_s,
                               struct error *err)
{
    const struct link_cache_parts *parts = &link_cache_of(cache)->parts;
    bool published = cache_publish(parts->remote, code, entry, lifetime_s, err);
    bool is_new = entry->kind == ENTRY_TARGET && entry->target.version <= 1;
    if (!published && parts->invalidations)
        invalidation_queue_add(parts->invalidations, code, is_new);
    if (parts->local)
        local_cache_publish(parts->local, code, entry,
                            local_lifetime_of(&parts->policy, entry, monotonic_ms()));
    return published;
}

static void link_cache_close(struct cache **cache)
{
    free(*cache);
    *cache = NULL;
}

static const struct cache_ops OPS = {
    .get = link_cache_get,
    .fill = link_cache_fill,
    .publish = link_cache_publish,
    .close = link_cache_close,
};

struct cache *link_cache_open(const struct link_cache_parts *parts)
{
    struct link_cache *pair = calloc(1, sizeof(*pair));
    if (!pair)
        return NULL;
    *pair = (struct link_cache){ .cache = { .ops = &OPS }, .parts = *parts };
    return &pair->cache;
}
