/* SPDX-License-Identifier: MIT */
/* Cache-aside resolving; the state of a target is computed from the clock for every answer, cached
 * or not. */
#include "service/resolve.h"

#include "link/code.h"

/* --- the answers of spool and database --- */

/* Reads the spool: links that this host has accepted and the database does not have yet. It is read
 * before the database, so that a link which is replayed in between is found in one of the two. */
static bool ask_spool(const struct resolver *resolver, struct link_look_up *look_up)
{
    struct spool_entry entry;
    if (!resolver->spool ||
        !spool_find_code(resolver->spool, look_up->code, look_up->arena, &entry))
        return false;
    look_up->found.entry =
        (struct cache_entry){ .kind = ENTRY_TARGET, .target = entry.link.target };
    return true;
}

static bool ask_replicas(const struct resolver *resolver, struct link_look_up *look_up)
{
    struct error err = { "" }; /* the primary is asked next */
    struct cache_entry entry = { .kind = ENTRY_TARGET };
    return resolver->replicas &&
           replicas_resolve(resolver->replicas, look_up->code, look_up->arena, &entry.target,
                            &err) == DB_OK &&
           link_look_up_accept(look_up, &entry);
}

static bool ask_primary(const struct resolver *resolver, struct link_look_up *look_up,
                        struct error *err)
{
    struct cache_entry entry = { .kind = ENTRY_TARGET };
    enum db_result result =
        db_resolve(resolver->db, look_up->code, look_up->arena, &entry.target, err);
    if (result == DB_OK)
        look_up->found.entry = entry;
    else if (result == DB_MISSING)
        link_look_up_set_absent(look_up);
    return result == DB_OK || result == DB_MISSING;
}

/* Reads memcached, the spool and the database. Another host may have cached a spooled code as
 * absent, so such an entry does not hide the spool. */
static enum link_origin fetch(const struct resolver *resolver, struct link_look_up *look_up,
                              struct error *err)
{
    bool is_cached = link_cache_get_remote(resolver->cache, look_up, err);
    if (is_cached && look_up->found.entry.kind != ENTRY_ABSENT)
        return LINK_FROM_REMOTE;
    if (ask_spool(resolver, look_up))
        return LINK_FROM_SPOOL;
    if (is_cached)
        return LINK_FROM_REMOTE;
    if (ask_replicas(resolver, look_up))
        return LINK_FROM_REPLICA;
    return ask_primary(resolver, look_up, err) ? LINK_FROM_PRIMARY : LINK_FROM_NONE;
}

/* --- the judgement --- */

static enum outcome resolve_outcome_of(const struct cache_entry *entry, int64_t now)
{
    if (entry->kind != ENTRY_TARGET)
        return OUTCOME_MISSING;
    switch (target_state(&entry->target, 0, now)) {
    case LINK_LIVE:
        return OUTCOME_OK;
    case LINK_SCHEDULED:
        return OUTCOME_MISSING;
    case LINK_EXPIRED:
    case LINK_EXHAUSTED:
        break;
    }
    return OUTCOME_EXPIRED;
}

static struct link_look_up look_up_of(const struct resolve_request *request)
{
    return (struct link_look_up){
        .code = request->code,
        .now = request->now,
        .now_ms = request->now_ms,
        .jitter = request->jitter,
        .arena = request->arena,
    };
}

static enum outcome resolve_look_up(const struct resolver *resolver, struct link_look_up *look_up,
                                    struct error *err)
{
    if (!code_is_wellformed(look_up->code))
        return OUTCOME_MISSING;
    if (!link_cache_get(resolver->cache, look_up) &&
        !link_cache_fill(resolver->cache, look_up, fetch(resolver, look_up, err)))
        return OUTCOME_UNAVAILABLE;
    return resolve_outcome_of(&look_up->found.entry, look_up->now);
}

/* --- lower-case forms --- */

/* Whether the code of a target is an alias; otherwise it was made from the link's id. */
static enum outcome resolve_check_alias(const struct resolver *resolver,
                                        const struct link_look_up *look_up, struct error *err)
{
    uint64_t id = 0;
    if (!codes_prepare(resolver->codes, err))
        return OUTCOME_UNAVAILABLE;
    bool is_generated = code_to_id(&resolver->codes->scheme, look_up->code, &id) &&
                        id == look_up->found.entry.target.link_id;
    return is_generated ? OUTCOME_MISSING : OUTCOME_OK;
}

/* After no link has the code: looks up its lower-case form, which is taken if it is an alias.
 * *look_up becomes that look-up if so. */
static enum outcome resolve_lowered(const struct resolver *resolver,
                                    const struct resolve_request *request,
                                    struct link_look_up *look_up, struct error *err)
{
    bool is_stale = look_up->found.entry.kind == ENTRY_LOWERED && look_up->local == LOCAL_STALE;
    struct link_look_up lower = look_up_of(request);
    lower.code = alias_lower(request->code, request->arena);
    if (!lower.code.at || slice_eq(lower.code, look_up->code))
        return OUTCOME_MISSING;
    enum outcome outcome = resolve_look_up(resolver, &lower, err);
    look_up->remote_failed |= lower.remote_failed;
    bool is_found = outcome != OUTCOME_UNAVAILABLE && lower.found.entry.kind == ENTRY_TARGET;
    enum outcome checked = is_found ? resolve_check_alias(resolver, &lower, err) : outcome;
    if (checked == OUTCOME_MISSING && is_stale)
        return OUTCOME_UNAVAILABLE; /* a link may have the code meanwhile */
    if (!is_found || checked != OUTCOME_OK)
        return checked;
    link_cache_fill_lowered(resolver->cache, look_up);
    lower.remote_failed = look_up->remote_failed;
    *look_up = lower;
    return outcome;
}

/* Whether the look-up has found that no link has its code. */
static bool resolve_is_absent(const struct link_look_up *look_up, enum outcome outcome)
{
    enum cache_entry_kind kind = look_up->found.entry.kind;
    return outcome == OUTCOME_MISSING &&
           (kind == ENTRY_ABSENT || kind == ENTRY_LOWERED || kind == ENTRY_TOMBSTONE);
}

/* Looks up the code as it is, and then its lower-case form where letter case does not count. */
static enum outcome resolve_either(const struct resolver *resolver,
                                   const struct resolve_request *request,
                                   struct link_look_up *look_up, struct error *err)
{
    *look_up = look_up_of(request);
    enum outcome outcome = resolve_look_up(resolver, look_up, err);
    if (resolver->codes && resolve_is_absent(look_up, outcome))
        outcome = resolve_lowered(resolver, request, look_up, err);
    return outcome;
}

/* For a live link with max_clicks: uses one up for a visit; otherwise reads whether one is left. */
static enum outcome spend(const struct resolver *resolver, const struct resolve_request *request,
                          struct resolution *out, struct error *err)
{
    const struct target *target = &out->target;
    struct link link = { .used = 0 };
    out->was_visit = request->is_visit(request->visitor, target);
    enum db_result result =
        out->was_visit ? db_link_use(resolver->db, target->link_id, target->max_clicks, err)
                       : db_link_find_id(resolver->db, target->link_id, request->arena, &link, err);
    out->title = link.title;
    if (result == DB_OK)
        return link.used < target->max_clicks ? OUTCOME_OK : OUTCOME_EXPIRED;
    return result == DB_MISSING ? OUTCOME_EXPIRED : OUTCOME_UNAVAILABLE;
}

enum outcome resolve(const struct resolver *resolver, const struct resolve_request *request,
                     struct resolution *out, struct error *err)
{
    struct link_look_up look_up;
    enum outcome outcome = resolve_either(resolver, request, &look_up, err);
    *out = (struct resolution){
        .target = look_up.found.entry.target,
        .was_visit = true,
        .level = look_up.level,
        .cache_failed = look_up.remote_failed,
    };
    out->is_early = outcome == OUTCOME_MISSING && look_up.found.entry.kind == ENTRY_TARGET;
    if ((outcome == OUTCOME_OK || outcome == OUTCOME_EXPIRED || out->is_early) && request->takes &&
        !request->takes(request->visitor, &out->target)) {
        out->is_early = false;
        return OUTCOME_MISSING;
    }
    if (outcome == OUTCOME_OK && out->target.max_clicks)
        outcome = spend(resolver, request, out, err);
    return outcome;
}

struct slice resolve_fallback(const struct resolver *resolver,
                              const struct resolve_request *request, const struct resolution *found)
{
    struct error err = { "" }; /* the site has a page for all links */
    struct link link = { .expired_url = { NULL, 0 } };
    struct spool_entry entry;
    if (!(found->target.flags & LINK_HAS_FALLBACK))
        return (struct slice){ NULL, 0 };
    if (db_link_find_id(resolver->db, found->target.link_id, request->arena, &link, &err) !=
            DB_OK &&
        resolver->spool && spool_find_code(resolver->spool, request->code, request->arena, &entry))
        link = entry.link;
    return found->is_early ? link.not_started_url : link.expired_url;
}

enum outcome resolve_find(const struct resolver *resolver, const struct resolve_request *request,
                          struct error *err)
{
    struct link_look_up look_up;
    if (resolve_either(resolver, request, &look_up, err) == OUTCOME_UNAVAILABLE)
        return OUTCOME_UNAVAILABLE;
    return look_up.found.entry.kind == ENTRY_TARGET ? OUTCOME_OK : OUTCOME_MISSING;
}
