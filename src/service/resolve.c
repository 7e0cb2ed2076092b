/* SPDX-License-Identifier: MIT */
/* Cache-aside resolving; the state of a target is computed from the clock for every answer, cached
 * or not. */
#include "service/resolve.h"

#include "link/code.h"

static enum resolve_outcome resolve_judge(const struct cache_entry *entry, int64_t now)
{
    if (entry->kind != ENTRY_TARGET)
        return RESOLVE_UNKNOWN;
    switch (target_state(&entry->target, 0, now)) {
    case LINK_LIVE:
        return RESOLVE_LIVE;
    case LINK_SCHEDULED:
        return RESOLVE_UNKNOWN;
    case LINK_EXPIRED:
    case LINK_EXHAUSTED:
        break;
    }
    return RESOLVE_GONE;
}

/* A look-up through the layers. */
struct look_up {
    const struct resolver *resolver;
    const struct resolve_request *request;
    struct resolution *out;
    enum local_result at_hand; /* the local cache's answer */
    struct local_found known;  /* the entry found so far */
    bool is_spooled;           /* found in the spool */
    struct error *err;
};

/* Whether `answer` is older than what the local cache has. */
static bool is_outdated(const struct look_up *l, const struct cache_entry *answer)
{
    return l->at_hand != LOCAL_MISS && cache_entry_supersedes(&l->known.entry, answer);
}

/* Whether a replica has the code in a version that is not outdated. */
static bool ask_replicas(const struct look_up *l, struct cache_entry *entry)
{
    struct error err = { "" }; /* the primary is asked next */
    const struct resolve_request *request = l->request;
    struct replicas *replicas = l->resolver->replicas;
    return replicas &&
           replicas_resolve(replicas, request->code, request->arena, &entry->target, &err) ==
               DB_OK &&
           !is_outdated(l, entry);
}

static bool ask_primary(const struct look_up *l, struct cache_entry *entry)
{
    const struct resolve_request *request = l->request;
    enum db_result result =
        db_resolve(l->resolver->db, request->code, request->arena, &entry->target, l->err);
    bool was_deleted = l->at_hand != LOCAL_MISS && l->known.entry.kind == ENTRY_TOMBSTONE;
    if (result == DB_MISSING && was_deleted)
        *entry =
            l->known
                .entry; /* the tombstone still blocks older entries of slow readers and replicas */
    else if (result == DB_MISSING)
        *entry = (struct cache_entry){ .kind = ENTRY_ABSENT };
    return result == DB_OK || result == DB_MISSING;
}

/* Reads the database and stores its answer in memcached, unless memcached has just failed. */
static bool resolve_ask_database(struct look_up *l)
{
    const struct resolver *resolver = l->resolver;
    const struct resolve_request *request = l->request;
    struct cache_entry entry = { .kind = ENTRY_TARGET };
    bool by_replica = ask_replicas(l, &entry);
    if (!by_replica && !ask_primary(l, &entry))
        return false;
    if (!l->out->cache_failed) {
        int64_t ttl = by_replica                   ? resolver->replica_ttl_s
                      : entry.kind == ENTRY_TARGET ? resolver->ttl_s
                                                   : resolver->negative_ttl_s;
        cache_fill(resolver->cache, request->code, &entry,
                   cache_entry_lifetime(&entry, ttl, request->jitter, request->now));
    }
    l->known.entry = entry;
    l->out->level = LEVEL_DATABASE;
    return true;
}

/* Whether the entry may have been written by Curt: other programs may be able to reach
 * memcached. */
static bool is_possible(const struct look_up *l, const struct cache_entry *entry)
{
    return entry->kind != ENTRY_TARGET ||
           url_may_be_ours(entry->target.long_url, &l->resolver->urls);
}

static bool ask_cache(struct look_up *l)
{
    struct cache_entry entry;
    enum cache_result cached =
        cache_get(l->resolver->cache, l->request->code, l->request->arena, &entry, l->err);
    l->out->cache_failed = cached == CACHE_DOWN;
    if (cached != CACHE_HIT || is_outdated(l, &entry) || !is_possible(l, &entry))
        return false;
    l->known.entry = entry;
    l->out->level = LEVEL_MEMCACHED;
    return true;
}

/* Reads the spool: links that this host has accepted and the database does not have yet. It is read
 * before the database, so that a link which is replayed in between is found in one of the two. */
static bool ask_spool(struct look_up *l)
{
    struct spool_entry entry;
    struct spool *spool = l->resolver->spool;
    if (!spool || !spool_find_code(spool, l->request->code, l->request->arena, &entry))
        return false;
    l->known.entry = (struct cache_entry){ .kind = ENTRY_TARGET, .target = entry.link.target };
    l->out->level = LEVEL_LOCAL;
    return l->is_spooled = true;
}

/* Reads memcached, the spool and the database. Another host may have cached a spooled code as
 * absent, so such an entry does not hide the spool. */
static bool ask_below(struct look_up *l)
{
    bool is_cached = ask_cache(l);
    if (is_cached && l->known.entry.kind != ENTRY_ABSENT)
        return true;
    return ask_spool(l) || is_cached || resolve_ask_database(l);
}

/* Reads the layers below the local cache, and stores the answer there. */
static bool resolve_refresh(struct look_up *l)
{
    const struct resolver *resolver = l->resolver;
    const struct local_policy *policy = &resolver->local_policy;
    int64_t now_ms = l->request->now_ms;
    bool answered = ask_below(l);
    if (!resolver->local)
        return answered;
    if (answered)
        local_cache_fill(resolver->local, l->request->code, &l->known.entry,
                         l->is_spooled ? local_lifetime_offline(policy, now_ms)
                                       : local_lifetime_of(policy, &l->known.entry, now_ms),
                         l->known.stamp);
    local_cache_release(resolver->local, l->request->code);
    return answered;
}

/* Reads the local cache. A code that is not fresh is refreshed by the one worker of the host that
 * gets the lease; the others use an entry that is still in its grace time, or wait a moment for the
 * refreshed one. */
static enum local_result resolve_recall(struct look_up *l)
{
    struct local_cache *local = l->resolver->local;
    const struct resolve_request *request = l->request;
    if (!local)
        return LOCAL_MISS;
    enum local_result at_hand =
        local_cache_get(local, request->code, request->now_ms, request->arena, &l->known);
    if (at_hand == LOCAL_FRESH || local_cache_lease(local, request->code, request->now_ms))
        return at_hand;
    if (at_hand == LOCAL_GRACE)
        return LOCAL_FRESH;
    return local_cache_wait(local, request->code, request->arena, &l->known);
}

/* Finds the entry of the code in the first layer that has it. */
static bool resolve_look_up(struct look_up *l)
{
    l->at_hand = resolve_recall(l);
    if (l->at_hand != LOCAL_FRESH && resolve_refresh(l))
        return true;
    l->out->level = l->at_hand == LOCAL_MISS ? LEVEL_NONE : LEVEL_LOCAL;
    return l->at_hand != LOCAL_MISS;
}

/* For a live link with max_clicks: asks the database whether one is left, and uses it up for a
 * visit. */
static enum resolve_outcome spend(const struct resolver *resolver,
                                  const struct resolve_request *request,
                                  const struct target *target, struct error *err)
{
    struct link link = { .used = 0 };
    enum db_result result =
        request->is_visit
            ? db_link_use(resolver->db, target->link_id, target->max_clicks, err)
            : db_link_find_id(resolver->db, target->link_id, request->arena, &link, err);
    if (result == DB_OK)
        return link.used < target->max_clicks ? RESOLVE_LIVE : RESOLVE_GONE;
    return result == DB_MISSING ? RESOLVE_GONE : RESOLVE_UNAVAILABLE;
}

enum resolve_outcome resolve(const struct resolver *resolver, const struct resolve_request *request,
                             struct resolution *out, struct error *err)
{
    *out = (struct resolution){ .level = LEVEL_NONE };
    if (!code_is_wellformed(request->code))
        return RESOLVE_UNKNOWN;
    struct look_up l = { .resolver = resolver, .request = request, .out = out, .err = err };
    if (!resolve_look_up(&l))
        return RESOLVE_UNAVAILABLE;
    out->target = l.known.entry.target;
    enum resolve_outcome outcome = resolve_judge(&l.known.entry, request->now);
    if (outcome == RESOLVE_LIVE && l.known.entry.target.max_clicks)
        outcome = spend(resolver, request, &l.known.entry.target, err);
    return outcome;
}

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
