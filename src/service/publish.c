/* SPDX-License-Identifier: MIT */
/* One record under every code of a link. */
#include "service/publish.h"

enum {
    /* Longer than the slowest reader takes from its SELECT to its fill. */
    TOMBSTONE_LIFE_S = 60,
};

static void publish(const struct shortener *shortener, const struct link *link,
                    const struct record *record, int64_t lifetime_s)
{
    cache_publish(shortener->cache, link->code, record, lifetime_s, NULL);
    for (unsigned i = 0; i < link->n_aliases; i++) {
        if (!slice_eq(link->aliases[i], link->code))
            cache_publish(shortener->cache, link->aliases[i], record, lifetime_s, NULL);
    }
}

void publish_link(const struct shortener *shortener, const struct link *link, int64_t now)
{
    struct record record = { .kind = RECORD_TARGET, .target = link->target };
    publish(shortener, link, &record, record_lifetime(&record, shortener->ttl_s, 0, now));
}

void publish_end(const struct shortener *shortener, const struct link *link, int64_t now)
{
    struct record record = {
        .kind = RECORD_TOMBSTONE,
        .target = { .link_id = link->target.link_id, .version = link->target.version + 1 },
    };
    publish(shortener, link, &record, record_lifetime(&record, TOMBSTONE_LIFE_S, 0, now));
}
