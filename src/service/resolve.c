/* SPDX-License-Identifier: MIT */
/* Cache-aside resolving; every answer is judged by the clock, whatever a cache still holds. */
#include "service/resolve.h"

#include "link/code.h"

static enum resolve_outcome judge(const struct record *record, int64_t now)
{
    if (record->kind != RECORD_TARGET)
        return RESOLVE_UNKNOWN;
    switch (target_state(&record->target, 0, now)) {
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

/* Asks the database and leaves its answer in the cache, unless the cache has just failed. */
static enum db_result fetch(const struct resolver *resolver, const struct resolve_request *request,
                            const struct resolution *so_far, struct record *record,
                            struct error *err)
{
    *record = (struct record){ .kind = RECORD_TARGET };
    enum db_result result =
        db_resolve(resolver->db, request->code, request->arena, &record->target, err);
    if (result == DB_MISSING)
        *record = (struct record){ .kind = RECORD_ABSENT };
    else if (result != DB_OK)
        return result;
    if (!so_far->cache_failed) {
        int64_t ttl = result == DB_OK ? resolver->ttl_s : resolver->negative_ttl_s;
        cache_fill(resolver->cache, request->code, record,
                   record_lifetime(record, ttl, request->jitter, request->now));
    }
    return DB_OK;
}

/* A link that looks live has max_clicks: whether the database lets one more through. */
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
    struct record record = { .kind = RECORD_ABSENT };
    enum cache_result cached =
        cache_get(resolver->cache, request->code, request->arena, &record, err);
    out->cache_failed = cached == CACHE_DOWN;
    out->level = LEVEL_MEMCACHED;
    if (cached != CACHE_HIT) {
        out->level = LEVEL_DATABASE;
        if (fetch(resolver, request, out, &record, err) != DB_OK) {
            out->level = LEVEL_NONE;
            return RESOLVE_UNAVAILABLE;
        }
    }
    out->target = record.target;
    enum resolve_outcome outcome = judge(&record, request->now);
    if (outcome == RESOLVE_LIVE && record.target.max_clicks)
        outcome = spend(resolver, request, &record.target, err);
    return outcome;
}

const char *cache_level_name(enum cache_level level)
{
    switch (level) {
    case LEVEL_MEMCACHED:
        return "memcached";
    case LEVEL_DATABASE:
        return "database";
    case LEVEL_NONE:
        break;
    }
    return "none";
}
