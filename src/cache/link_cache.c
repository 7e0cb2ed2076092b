/* SPDX-License-Identifier: MIT */
/* Reading, filling and publishing through both levels. */
#include "cache/link_cache.h"

#include "os/monotonic.h"

enum {
    /* Longer than the slowest reader takes from its SELECT to its fill. */
    TOMBSTONE_LIFE_S = 60,
};

const char *cache_level_name(enum cache_level level)
{
    switch (level) {
    case LEVEL_LOCAL:
        return "local";
    case LEVEL_MEMCACHED:
        return "memcached";
    case LEVEL_DATABASE:
        return "database";
    case LEVEL_NONE:
        break;
    }
    return "none";
}

/* --- reading --- */

/* After the local cache had no fresh entry: whether it has one that will do. The worker of the host
 * that gets the lease fetches the code; the others use an entry that is still in its grace time, or
 * wait a moment for the fetched one. */
static bool leave_to_lease_holder(struct local_cache *local, struct link_look_up *look_up)
{
    if (local_cache_lease(local, look_up->code, look_up->now_ms))
        return false;
    if (look_up->local == LOCAL_GRACE)
        return true;
    look_up->local = local_cache_wait(local, look_up->code, look_up->arena, &look_up->found);
    return look_up->local == LOCAL_FRESH;
}

bool link_cache_get(const struct link_cache *cache, struct link_look_up *look_up)
{
    struct local_cache *local = cache->local;
    look_up->level = LEVEL_LOCAL;
    look_up->local = local ? local_cache_get(local, look_up->code, look_up->now_ms, look_up->arena,
                                             &look_up->found)
                           : LOCAL_MISS;
    return look_up->local == LOCAL_FRESH || (local && leave_to_lease_holder(local, look_up));
}

static enum cache_result link_cache_ask_remote(const struct link_cache *cache, struct slice code,
                                               struct arena *arena, struct cache_entry *out,
                                               struct error *err)
{
    if (!cache->remote ||
        (cache->invalidations && invalidation_queue_has(cache->invalidations, code)))
        return CACHE_MISS;
    return cache_get(cache->remote, code, arena, out, err);
}

/* Whether the entry may have been written by Curt: other programs may be able to reach
 * memcached. */
static bool is_possible(const struct link_cache *cache, const struct cache_entry *entry)
{
    return entry->kind != ENTRY_TARGET || url_may_be_ours(entry->target.long_url, &cache->urls);
}

bool link_cache_get_remote(const struct link_cache *cache, struct link_look_up *look_up,
                           struct error *err)
{
    struct cache_entry entry;
    enum cache_result result =
        link_cache_ask_remote(cache, look_up->code, look_up->arena, &entry, err);
    look_up->remote_failed = result == CACHE_DOWN;
    return result == CACHE_HIT && is_possible(cache, &entry) &&
           link_look_up_accept(look_up, &entry);
}

bool link_look_up_accept(struct link_look_up *look_up, const struct cache_entry *answer)
{
    if (look_up->local != LOCAL_MISS && cache_entry_supersedes(&look_up->found.entry, answer))
        return false;
    look_up->found.entry = *answer;
    return true;
}

void link_look_up_set_absent(struct link_look_up *look_up)
{
    if (look_up->local == LOCAL_MISS || look_up->found.entry.kind != ENTRY_TOMBSTONE)
        look_up->found.entry = (struct cache_entry){ .kind = ENTRY_ABSENT };
}

/* --- filling --- */

static void fill_remote(const struct link_cache *cache, const struct link_look_up *look_up,
                        enum link_origin origin)
{
    const struct cache_entry *entry = &look_up->found.entry;
    int64_t ttl_s = origin == LINK_FROM_REPLICA   ? cache->replica_ttl_s
                    : entry->kind == ENTRY_TARGET ? cache->ttl_s
                                                  : cache->negative_ttl_s;
    cache_fill(cache->remote, look_up->code, entry,
               cache_entry_lifetime(entry, ttl_s, look_up->jitter, look_up->now));
}

static void fill_local(const struct link_cache *cache, const struct link_look_up *look_up,
                       enum link_origin origin)
{
    const struct local_found *found = &look_up->found;
    struct local_lifetime life =
        origin == LINK_FROM_SPOOL
            ? local_lifetime_offline(&cache->policy, look_up->now_ms)
            : local_lifetime_of(&cache->policy, &found->entry, look_up->now_ms);
    local_cache_fill(cache->local, look_up->code, &found->entry, life, found->stamp);
}

/* Without an answer: whether the local cache has an entry. */
static bool link_cache_fall_back(const struct link_cache *cache, struct link_look_up *look_up)
{
    if (look_up->local == LOCAL_MISS && cache->local)
        look_up->local = local_cache_get_again(cache->local, look_up->code, look_up->now_ms,
                                               look_up->arena, &look_up->found);
    look_up->level = look_up->local == LOCAL_MISS ? LEVEL_NONE : LEVEL_LOCAL;
    return look_up->local != LOCAL_MISS;
}

bool link_cache_fill(const struct link_cache *cache, struct link_look_up *look_up,
                     enum link_origin origin)
{
    static const enum cache_level LEVELS[] = {
        [LINK_FROM_REMOTE] = LEVEL_MEMCACHED,
        [LINK_FROM_SPOOL] = LEVEL_LOCAL,
        [LINK_FROM_REPLICA] = LEVEL_DATABASE,
        [LINK_FROM_PRIMARY] = LEVEL_DATABASE,
    };
    bool is_stored = origin == LINK_FROM_REPLICA || origin == LINK_FROM_PRIMARY;
    if (cache->remote && is_stored && !look_up->remote_failed)
        fill_remote(cache, look_up, origin);
    if (cache->local && origin != LINK_FROM_NONE)
        fill_local(cache, look_up, origin);
    if (cache->local)
        local_cache_release(cache->local, look_up->code);
    look_up->level = LEVELS[origin];
    return origin != LINK_FROM_NONE || link_cache_fall_back(cache, look_up);
}

void link_cache_fill_lowered(const struct link_cache *cache, const struct link_look_up *look_up)
{
    const struct cache_entry entry = { .kind = ENTRY_LOWERED };
    bool is_absent = look_up->found.entry.kind == ENTRY_ABSENT;
    if (cache->local && is_absent)
        local_cache_fill(cache->local, look_up->code, &entry,
                         local_lifetime_of(&cache->policy, &entry, look_up->now_ms),
                         look_up->found.stamp);
}

/* --- publishing --- */

static void link_cache_publish_code(const struct link_cache *cache, struct slice code,
                                    const struct cache_entry *entry, int64_t lifetime_s)
{
    bool published = !cache->remote || cache_publish(cache->remote, code, entry, lifetime_s, NULL);
    bool is_new = entry->kind == ENTRY_TARGET && entry->target.version <= 1;
    if (!published && cache->invalidations)
        invalidation_queue_add(cache->invalidations, code, is_new);
    if (cache->local)
        local_cache_publish(cache->local, code, entry,
                            local_lifetime_of(&cache->policy, entry, monotonic_ms()));
}

/* Publishes `entry` under each code of the link. */
static void link_cache_publish_entry(const struct link_cache *cache, const struct link *link,
                                     const struct cache_entry *entry, int64_t lifetime_s)
{
    link_cache_publish_code(cache, link->code, entry, lifetime_s);
    for (unsigned i = 0; i < link->n_aliases; i++) {
        if (!slice_eq(link->aliases[i], link->code))
            link_cache_publish_code(cache, link->aliases[i], entry, lifetime_s);
    }
    for (unsigned i = 0; i < link->n_lowered; i++)
        link_cache_publish_code(cache, link->lowered[i], entry, lifetime_s);
}

void link_cache_publish(const struct link_cache *cache, const struct link *link, int64_t now)
{
    const struct cache_entry entry = { .kind = ENTRY_TARGET, .target = link->target };
    link_cache_publish_entry(cache, link, &entry,
                             cache_entry_lifetime(&entry, cache->ttl_s, 0, now));
}

/* To the local cache first: the same entry with the usual lifetime, which is published afterwards,
 * does not replace it. */
void link_cache_publish_offline(const struct link_cache *cache, const struct link *link,
                                int64_t now)
{
    const struct cache_entry entry = { .kind = ENTRY_TARGET, .target = link->target };
    local_cache_publish(cache->local, link->code, &entry,
                        local_lifetime_offline(&cache->policy, monotonic_ms()));
    link_cache_publish(cache, link, now);
}

void link_cache_delete(const struct link_cache *cache, const struct link *link, int64_t now)
{
    const struct cache_entry entry = {
        .kind = ENTRY_TOMBSTONE,
        .target = { .link_id = link->target.link_id, .version = link->target.version + 1 },
    };
    link_cache_publish_entry(cache, link, &entry,
                             cache_entry_lifetime(&entry, TOMBSTONE_LIFE_S, 0, now));
}

void link_cache_confirm(const struct link_cache *cache, const struct link *link,
                        int64_t fresh_until_ms)
{
    const struct local_lifetime life = { fresh_until_ms, fresh_until_ms + cache->policy.stale_ms };
    if (cache->local)
        local_cache_confirm(cache->local, link->code, link->target.link_id, life);
}

static bool is_other(const struct cache_entry *entry, const struct link *link)
{
    return entry->kind == ENTRY_TARGET && entry->target.link_id != link->target.link_id;
}

bool link_cache_has_other(const struct link_cache *cache, const struct link *link,
                          struct arena *arena)
{
    struct local_found found;
    struct cache_entry entry;
    if (local_cache_get(cache->local, link->code, monotonic_ms(), arena, &found) != LOCAL_MISS &&
        is_other(&found.entry, link))
        return true;
    return link_cache_ask_remote(cache, link->code, arena, &entry, NULL) == CACHE_HIT &&
           is_other(&entry, link);
}
