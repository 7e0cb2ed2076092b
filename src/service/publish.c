/* SPDX-License-Identifier: MIT */
/* Writes one cache entry under every code of a link. */
#include "service/publish.h"

enum {
    /* Longer than the slowest reader takes from its SELECT to its fill. */
    TOMBSTONE_LIFE_S = 60,
};

static void publish(const struct shortener *shortener, const struct link *link,
                    const struct cache_entry *entry, int64_t lifetime_s)
{
    cache_publish(shortener->cache, link->code, entry, lifetime_s, NULL);
    for (unsigned i = 0; i < link->n_aliases; i++) {
        if (!slice_eq(link->aliases[i], link->code))
            cache_publish(shortener->cache, link->aliases[i], entry, lifetime_s, NULL);
    }
}

void publish_link(const struct shortener *shortener, const struct link *link, int64_t now)
{
    struct cache_entry entry = { .kind = ENTRY_TARGET, .target = link->target };
    publish(shortener, link, &entry, cache_entry_lifetime(&entry, shortener->ttl_s, 0, now));
}

void publish_end(const struct shortener *shortener, const struct link *link, int64_t now)
{
    struct cache_entry entry = {
        .kind = ENTRY_TOMBSTONE,
        .target = { .link_id = link->target.link_id, .version = link->target.version + 1 },
    };
    publish(shortener, link, &entry, cache_entry_lifetime(&entry, TOMBSTONE_LIFE_S, 0, now));
}
