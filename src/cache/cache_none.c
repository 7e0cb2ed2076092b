/* SPDX-License-Identifier: MIT */
/* The cache without entries: every get is a miss, every store does nothing. */
#include "cache/cache_none.h"

static enum cache_result none_get(struct cache *cache, struct slice code, struct arena *arena,
                                  struct cache_entry *out, struct error *err)
{
    (void)cache;
    (void)code;
    (void)arena;
    (void)out;
    (void)err;
    return CACHE_MISS;
}

static void none_fill(struct cache *cache, struct slice code, const struct cache_entry *entry,
                      int64_t lifetime_s)
{
    (void)cache;
    (void)code;
    (void)entry;
    (void)lifetime_s;
}

/* True: there is no entry that could be outdated. */
static bool none_publish(struct cache *cache, struct slice code, const struct cache_entry *entry,
                         int64_t lifetime_s, struct error *err)
{
    (void)cache;
    (void)code;
    (void)entry;
    (void)lifetime_s;
    (void)err;
    return true;
}

static void none_close(struct cache **cache)
{
    *cache = NULL;
}

struct cache *cache_none(void)
{
    static const struct cache_ops ops = { none_get, none_fill, none_publish, none_close };
    static const struct cache none = { &ops };
    /* The interface never writes to the object, so that one const object is enough. */
    return (struct cache *)&none;
}
