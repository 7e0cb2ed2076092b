/* SPDX-License-Identifier: MIT */
/* Publishing to two caches in the right order. */
#include "store/cache_pair.h"

#include <stdlib.h>

#include "store/monotonic.h"

struct cache_pair {
    struct cache cache;
    struct cache *remote;
    struct local_cache *local;
    struct local_policy policy;
};

static struct cache_pair *pair_of(struct cache *cache)
{
    return (struct cache_pair *)cache;
}

static enum cache_result pair_get(struct cache *cache, struct slice code, struct arena *arena,
                                  struct record *out, struct error *err)
{
    return cache_get(pair_of(cache)->remote, code, arena, out, err);
}

static void pair_fill(struct cache *cache, struct slice code, const struct record *record,
                      int64_t lifetime_s)
{
    cache_fill(pair_of(cache)->remote, code, record, lifetime_s);
}

static bool pair_publish(struct cache *cache, struct slice code, const struct record *record,
                         int64_t lifetime_s, struct error *err)
{
    struct cache_pair *pair = pair_of(cache);
    bool published = cache_publish(pair->remote, code, record, lifetime_s, err);
    local_cache_publish(pair->local, code, record,
                        local_life_of(&pair->policy, record, monotonic_ms()));
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

struct cache *cache_pair_open(struct cache *remote, struct local_cache *local,
                              const struct local_policy *policy)
{
    struct cache_pair *pair = calloc(1, sizeof(*pair));
    if (!pair)
        return NULL;
    *pair = (struct cache_pair){
        .cache = { .ops = &OPS }, .remote = remote, .local = local, .policy = *policy
    };
    return &pair->cache;
}
