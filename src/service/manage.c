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

enum outcome manage_show(struct db *db, const struct manage_request *request, struct link *out,
                         struct error *err)
{
    if (!code_is_wellformed(request->code))
        return OUTCOME_MISSING;
    bool waits = is_waiting(request, out);
    enum db_result result =
        waits ? DB_UNAVAILABLE : db_link_find(db, request->code, request->arena, out, err);
    if ((waits || result == DB_OK) && !may_see(&request->caller, out))
        return OUTCOME_MISSING;
    if (waits)
        error_set(err, "the link is in the spool until the database has stored it");
    return outcome_of(result);
}

static bool is_expected(const struct expected *expected, uint32_t version)
{
    for (unsigned i = 0; i < expected->n; i++) {
        if (expected->versions[i] == version)
            return true;
    }
    return !expected->given;
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

/* The arguments of the functions that change or delete the link once. */
struct managing {
    struct shortener *shortener;
    const struct manage_request *request;
    const struct link_fields *fields; /* to be changed */
    struct slice alias;               /* to be removed */
    struct link *link;                /* as it was read; afterwards as it is now */
    struct error *err;
};

/* Changes or deletes m->link in the database, and publishes that. OUTCOME_STALE: another process
 * has changed the link since it was read. */
typedef enum outcome manage_step(const struct managing *m);

/* Reads the link and takes the step, again when another process has changed the link in between. */
static enum outcome manage_try(const struct managing *m, manage_step *step)
{
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        enum outcome outcome = manage_show(m->shortener->db, m->request, m->link, m->err);
        if (outcome != OUTCOME_OK)
            return outcome;
        if (!is_expected(&m->request->expected, m->link->target.version))
            return OUTCOME_STALE;
        outcome = step(m);
        if (outcome != OUTCOME_STALE)
            return outcome;
    }
    error_set(m->err, "the link has changed %d times meanwhile", TRIES_MAX);
    return OUTCOME_UNAVAILABLE;
}

static enum outcome manage_refuse_alias(const struct managing *m, enum outcome outcome)
{
    if (m->request->refused)
        *m->request->refused = FIELD_ALIASES;
    return outcome;
}

/* --- changes --- */

/* Writes the fields into the link; OUTCOME_OK, or the reason for a refusal. */
static enum outcome draft(const struct managing *m)
{
    struct link *link = m->link;
    const struct link_fields *fields = m->fields;
    const struct create_request drafted = {
        .fields = *fields,
        .caller = m->request->caller,
        .now = m->request->now,
        .arena = m->request->arena,
        .force = m->request->force,
        .refused = m->request->refused,
    };
    enum outcome outcome = draft_apply(m->shortener, &drafted, link, m->err);
    if (outcome != OUTCOME_OK)
        return outcome;
    if (fields->custom_alias.at && link->n_aliases >= LINK_ALIASES_MAX &&
        !link_has_alias(link, fields->custom_alias)) {
        error_set(m->err, "the link already has the maximum of %d aliases", LINK_ALIASES_MAX);
        return manage_refuse_alias(m, OUTCOME_INVALID_FIELD);
    }
    if (fields->given & FIELD_BIT(FIELD_OWNER)) {
        link->owner_id = fields->link.owner_id;
        link->owner = fields->link.owner;
    }
    link->updated_at = m->request->now;
    return OUTCOME_OK;
}

static enum outcome change(const struct managing *m)
{
    struct link *link = m->link;
    struct slice alias = m->fields->custom_alias;
    if (m->fields->given == 0)
        return OUTCOME_OK;
    enum outcome outcome = draft(m);
    if (outcome != OUTCOME_OK)
        return outcome;
    if (alias.at && !link->code_is_alias && slice_eq(link->code, alias))
        alias = (struct slice){ NULL, 0 }; /* it is the link's code already */
    enum db_result result = db_link_update(m->shortener->db, link, alias, m->err);
    if (result == DB_TAKEN) {
        error_set(m->err, "the alias is taken");
        return manage_refuse_alias(m, OUTCOME_ALIAS_TAKEN);
    }
    if (result != DB_OK)
        return outcome_of(result);
    link->target.version++;
    bool added = !alias.at || manage_replace_alias(link, alias, alias, m->request->arena);
    link_cache_publish(m->shortener->cache, link, m->request->now);
    return added ? OUTCOME_OK : OUTCOME_UNAVAILABLE;
}

enum outcome manage_change(struct shortener *shortener, const struct manage_request *request,
                           const struct link_fields *fields, struct link *out, struct error *err)
{
    const struct managing m = {
        .shortener = shortener, .request = request, .fields = fields, .link = out, .err = err
    };
    return manage_try(&m, change);
}

/* --- aliases --- */

/* Publishes that the link has lost the alias: the deletion of a link with that code alone. */
static void manage_publish_removal(const struct managing *m)
{
    struct link gone = { .target = m->link->target, .code = m->alias };
    link_cache_delete(m->shortener->cache, &gone, m->request->now);
    link_cache_publish(m->shortener->cache, m->link, m->request->now);
}

static enum outcome remove_alias(const struct managing *m)
{
    struct link *link = m->link;
    if (!link_has_alias(link, m->alias))
        return OUTCOME_MISSING;
    if (link->n_aliases == 1 && slice_eq(link->code, m->alias)) {
        error_set(m->err, "this is the link's only code; delete the link instead");
        return manage_refuse_alias(m, OUTCOME_INVALID_ALIAS);
    }
    if (!manage_replace_alias(link, m->alias, (struct slice){ NULL, 0 }, m->request->arena))
        return OUTCOME_UNAVAILABLE;
    if (slice_eq(link->code, m->alias))
        link->code = link->aliases[0];
    link->updated_at = m->request->now;
    enum db_result result = db_alias_delete(m->shortener->db, link, m->alias, m->err);
    if (result == DB_MISSING)
        return OUTCOME_STALE; /* the link or the alias is gone: see which */
    if (result != DB_OK)
        return outcome_of(result);
    link->target.version++;
    manage_publish_removal(m);
    return OUTCOME_OK;
}

enum outcome manage_remove_alias(struct shortener *shortener, const struct manage_request *request,
                                 struct slice alias, struct link *out, struct error *err)
{
    const struct managing m = {
        .shortener = shortener, .request = request, .alias = alias, .link = out, .err = err
    };
    return manage_try(&m, remove_alias);
}

/* --- deletion --- */

static enum outcome delete_link(const struct managing *m)
{
    uint32_t version = m->request->expected.given ? m->link->target.version : 0;
    enum db_result result =
        db_link_delete(m->shortener->db, m->link->target.link_id, version, m->err);
    /* DB_MISSING: deleted by another process, or by this one with the answer lost */
    if (result != DB_OK && result != DB_MISSING)
        return outcome_of(result);
    link_cache_delete(m->shortener->cache, m->link, m->request->now);
    return OUTCOME_OK;
}

enum outcome manage_delete(struct shortener *shortener, const struct manage_request *request,
                           struct link *out, struct error *err)
{
    const struct managing m = {
        .shortener = shortener, .request = request, .link = out, .err = err
    };
    return manage_try(&m, delete_link);
}
