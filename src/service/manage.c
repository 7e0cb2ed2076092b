/* SPDX-License-Identifier: MIT */
/* Reads the link, checks the change, and writes it with the version that was read; again when
 * another process has changed it in between. */
#include "service/manage.h"

#include "link/code.h"
#include "service/draft.h"

enum {
    TRIES_MAX = 16, /* more changes by others in a row than this: something else is wrong */
};

static bool may_see(const struct caller *caller, const struct link *link)
{
    return caller->role == ROLE_ADMIN || (caller->user_id && caller->user_id == link->owner_id);
}

/* Whether the link is in the spool. The spool is read before the database, so that a link which is
 * replayed in between is found in one of the two. */
static bool is_waiting(const struct manage_request *request, struct link *out)
{
    struct spool_entry entry;
    if (!request->spool || !spool_find_code(request->spool, request->code, request->arena, &entry))
        return false;
    *out = entry.link;
    return true;
}

enum manage_outcome manage_show(struct db *db, const struct manage_request *request,
                                struct link *out, struct error *err)
{
    if (!code_is_wellformed(request->code))
        return MANAGE_MISSING;
    if (is_waiting(request, out)) {
        error_set(err, "the link is in the spool until the database has stored it");
        return may_see(&request->caller, out) ? MANAGE_UNAVAILABLE : MANAGE_MISSING;
    }
    switch (db_link_find(db, request->code, request->arena, out, err)) {
    case DB_OK:
        return may_see(&request->caller, out) ? MANAGE_DONE : MANAGE_MISSING;
    case DB_MISSING:
        return MANAGE_MISSING;
    case DB_TAKEN:
    case DB_STALE:
    case DB_REPEATED:
    case DB_UNAVAILABLE:
    case DB_FAILED:
        break;
    }
    return MANAGE_UNAVAILABLE;
}

static bool is_expected(const struct expected *expected, uint32_t version)
{
    for (unsigned i = 0; i < expected->n; i++) {
        if (expected->versions[i] == version)
            return true;
    }
    return !expected->given;
}

/* Reads the link; MANAGE_DONE if it is the caller's and has an expected version. */
static enum manage_outcome manage_read_link(struct shortener *shortener,
                                            const struct manage_request *request, struct link *out,
                                            struct error *err)
{
    enum manage_outcome outcome = manage_show(shortener->db, request, out, err);
    if (outcome == MANAGE_DONE && !is_expected(&request->expected, out->target.version))
        outcome = MANAGE_STALE;
    return outcome;
}

/* Removes `old` from the link's aliases, and adds `new_alias` (empty: none) as the newest. False
 * when the arena is full. */
static bool manage_replace_alias(struct link *link, struct slice old, struct slice new_alias,
                                 struct arena *arena)
{
    struct slice *aliases = arena_alloc(arena, (link->n_aliases + 1) * sizeof(*aliases));
    if (!aliases)
        return false;
    unsigned n = 0;
    for (unsigned i = 0; i < link->n_aliases; i++) {
        if (!slice_eq(link->aliases[i], old))
            aliases[n++] = link->aliases[i];
    }
    if (new_alias.len)
        aliases[n++] = new_alias;
    link->aliases = aliases;
    link->n_aliases = n;
    return true;
}

/* Writes the fields into `link`; CREATE_OK, or the reason for a refusal. */
static enum create_outcome draft(const struct shortener *shortener,
                                 const struct manage_request *request,
                                 const struct link_fields *fields, struct changed *out,
                                 struct error *err)
{
    struct link *link = &out->link;
    const struct create_request drafted = {
        .fields = *fields,
        .caller = request->caller,
        .now = request->now,
        .arena = request->arena,
        .force = request->force,
        .refused = &out->refused,
    };
    enum create_outcome outcome = draft_apply(shortener, &drafted, link, err);
    if (outcome != CREATE_OK)
        return outcome;
    if (fields->custom_alias.at && link->n_aliases >= LINK_ALIASES_MAX &&
        !link_has_alias(link, fields->custom_alias)) {
        out->refused = FIELD_ALIASES;
        error_set(err, "the link already has the maximum of %d aliases", LINK_ALIASES_MAX);
        return CREATE_TOO_MANY_ALIASES;
    }
    if (fields->given & FIELD_BIT(FIELD_OWNER)) {
        link->owner_id = fields->link.owner_id;
        link->owner = fields->link.owner;
    }
    link->updated_at = request->now;
    return CREATE_OK;
}

/* Writes the change once; MANAGE_STALE: another process has changed the link meanwhile. */
static enum manage_outcome write_change(struct shortener *shortener,
                                        const struct manage_request *request, struct slice alias,
                                        struct changed *out, struct error *err)
{
    struct link *link = &out->link;
    if (alias.at && !link->code_is_alias && slice_eq(link->code, alias))
        alias = (struct slice){ NULL, 0 }; /* it is the link's code already */
    switch (db_link_update(shortener->db, link, alias, err)) {
    case DB_OK:
        break;
    case DB_STALE:
        return MANAGE_STALE;
    case DB_MISSING:
        return MANAGE_MISSING;
    case DB_TAKEN:
        error_set(err, "the alias is taken");
        out->refusal = CREATE_ALIAS_TAKEN;
        out->refused = FIELD_ALIASES;
        return MANAGE_REFUSED;
    case DB_REPEATED:
    case DB_UNAVAILABLE:
    case DB_FAILED:
        return MANAGE_UNAVAILABLE;
    }
    link->target.version++;
    bool added = !alias.at || manage_replace_alias(link, alias, alias, request->arena);
    link_cache_publish(shortener->cache, link, request->now);
    return added ? MANAGE_DONE : MANAGE_UNAVAILABLE;
}

enum manage_outcome manage_change(struct shortener *shortener, const struct manage_request *request,
                                  const struct link_fields *fields, struct changed *out,
                                  struct error *err)
{
    out->refusal = CREATE_OK;
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        enum manage_outcome outcome = manage_read_link(shortener, request, &out->link, err);
        if (outcome != MANAGE_DONE || fields->given == 0)
            return outcome;
        out->refusal = draft(shortener, request, fields, out, err);
        if (out->refusal != CREATE_OK)
            return out->refusal == CREATE_UNAVAILABLE ? MANAGE_UNAVAILABLE : MANAGE_REFUSED;
        outcome = write_change(shortener, request, fields->custom_alias, out, err);
        if (outcome != MANAGE_STALE)
            return outcome;
    }
    error_set(err, "the link has changed %d times meanwhile", TRIES_MAX);
    return MANAGE_UNAVAILABLE;
}

/* Publishes that the link has lost the alias: the deletion of a link with that code alone. */
static void manage_publish_removal(struct shortener *shortener, const struct link *link,
                                   struct slice alias, int64_t now)
{
    struct link gone = { .target = link->target, .code = alias };
    link_cache_delete(shortener->cache, &gone, now);
    link_cache_publish(shortener->cache, link, now);
}

enum manage_outcome manage_remove_alias(struct shortener *shortener,
                                        const struct manage_request *request, struct slice alias,
                                        struct changed *out, struct error *err)
{
    struct link *link = &out->link;
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        enum manage_outcome outcome = manage_read_link(shortener, request, link, err);
        if (outcome != MANAGE_DONE)
            return outcome;
        if (!link_has_alias(link, alias))
            return MANAGE_MISSING;
        if (link->n_aliases == 1 && slice_eq(link->code, alias)) {
            error_set(err, "this is the link's only code; delete the link instead");
            out->refusal = CREATE_INVALID_ALIAS;
            out->refused = FIELD_ALIASES;
            return MANAGE_REFUSED;
        }
        if (!manage_replace_alias(link, alias, (struct slice){ NULL, 0 }, request->arena))
            return MANAGE_UNAVAILABLE;
        if (slice_eq(link->code, alias))
            link->code = link->aliases[0];
        link->updated_at = request->now;
        switch (db_alias_delete(shortener->db, link, alias, err)) {
        case DB_OK:
            link->target.version++;
            manage_publish_removal(shortener, link, alias, request->now);
            return MANAGE_DONE;
        case DB_MISSING:
        case DB_STALE:
            break; /* read again */
        case DB_TAKEN:
        case DB_REPEATED:
        case DB_UNAVAILABLE:
        case DB_FAILED:
            return MANAGE_UNAVAILABLE;
        }
    }
    error_set(err, "the link has changed %d times meanwhile", TRIES_MAX);
    return MANAGE_UNAVAILABLE;
}

enum manage_outcome manage_delete(struct shortener *shortener, const struct manage_request *request,
                                  struct link *out, struct error *err)
{
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        enum manage_outcome outcome = manage_read_link(shortener, request, out, err);
        if (outcome != MANAGE_DONE)
            return outcome;
        uint32_t version = request->expected.given ? out->target.version : 0;
        switch (db_link_delete(shortener->db, out->target.link_id, version, err)) {
        case DB_OK:
        case DB_MISSING: /* deleted by another process, or by this one with the answer lost */
            link_cache_delete(shortener->cache, out, request->now);
            return MANAGE_DONE;
        case DB_STALE:
            break;
        case DB_TAKEN:
        case DB_REPEATED:
        case DB_UNAVAILABLE:
        case DB_FAILED:
            return MANAGE_UNAVAILABLE;
        }
    }
    error_set(err, "the link has changed %d times meanwhile", TRIES_MAX);
    return MANAGE_UNAVAILABLE;
}
