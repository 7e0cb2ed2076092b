/* SPDX-License-Identifier: MIT */
/* Reads the link, checks the change, and writes it with the version that was read; again when
 * another process has changed it in between. */
#include "service/manage.h"

#include "link/alias.h"
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

/* Reads the link of a code; where letter case does not count, else that of the alias that is the
 * code's lower-case form. */
static enum db_result manage_find(struct db *db, const struct manage_request *request,
                                  struct link *out, struct error *err)
{
    enum db_result result = db_link_find(db, request->code, request->arena, out, err);
    if (result != DB_MISSING || !request->ignores_case)
        return result;
    struct slice lower = alias_lower(request->code, request->arena);
    if (!lower.at || slice_eq(lower, request->code))
        return DB_MISSING;
    result = db_link_find(db, lower, request->arena, out, err);
    bool is_alias = result != DB_OK || link_has_alias(out, lower) || link_has_lowered(out, lower);
    return is_alias ? result : DB_MISSING;
}

enum outcome manage_show(struct db *db, const struct manage_request *request, struct link *out,
                         struct error *err)
{
    if (!code_is_wellformed(request->code))
        return OUTCOME_MISSING;
    bool waits = is_waiting(request, out);
    enum db_result result = waits ? DB_UNAVAILABLE : manage_find(db, request, out, err);
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

/* Whether the link has another alias whose lower-case form is `code`. */
static bool manage_needs_lowered(const struct link *link, struct slice code)
{
    for (unsigned i = 0; i < link->n_aliases; i++) {
        if (!slice_eq(link->aliases[i], code) && slice_eq_nocase(link->aliases[i], code))
            return true;
    }
    return false;
}

/* Sets the link's lower-case forms to what its aliases need of those that it has, and of `also`
 * (empty: none). False when the arena is full. */
static bool manage_keep_lowered(struct link *link, struct slice also, struct arena *arena)
{
    struct slice *lowered = arena_alloc(arena, (link->n_lowered + 1) * sizeof(*lowered));
    unsigned n = 0;
    if (!lowered)
        return false;
    for (unsigned i = 0; i < link->n_lowered; i++) {
        struct slice lower = link->lowered[i];
        if (manage_needs_lowered(link, lower) && !link_has_alias(link, lower))
            lowered[n++] = lower;
    }
    bool is_code = !link->code_is_alias && slice_eq(link->code, also);
    if (also.len && manage_needs_lowered(link, also) && !link_has_alias(link, also) &&
        !link_has_lowered(link, also) && !is_code)
        lowered[n++] = also;
    link->lowered = lowered;
    link->n_lowered = n;
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

/* Makes the alias the link's newest, with its lower-case form where letter case does not count. */
static bool manage_add_alias(const struct managing *m, struct slice alias)
{
    struct arena *arena = m->request->arena;
    struct slice lower = { NULL, 0 };
    if (m->shortener->aliases.ignores_case) {
        lower = alias_lower(alias, arena);
        if (!lower.at)
            return false;
    }
    return manage_replace_alias(m->link, alias, alias, arena) &&
           manage_keep_lowered(m->link, lower, arena);
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
    if (alias.at && !manage_add_alias(m, alias))
        return OUTCOME_UNAVAILABLE;
    const struct author by = { m->request->caller.user, m->request->caller.key_id };
    bool may_move = m->fields->given & FIELD_BIT(FIELD_LONG_URL);
    enum db_result result =
        db_link_update(m->shortener->db, link, alias, may_move ? &by : NULL, m->err);
    if (result == DB_TAKEN) {
        error_set(m->err, "the alias is taken");
        return manage_refuse_alias(m, OUTCOME_ALIAS_TAKEN);
    }
    if (result != DB_OK)
        return outcome_of(result);
    link->target.version++;
    link_cache_publish(m->shortener->cache, link, m->request->now);
    return OUTCOME_OK;
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

/* Publishes that the link has lost a code, unless it still has it: the deletion of a link with that
 * code alone. */
static void manage_publish_loss(const struct managing *m, struct slice code)
{
    const struct link *link = m->link;
    const struct link gone = { .target = link->target, .code = code };
    if (!slice_eq(link->code, code) && !link_has_alias(link, code) && !link_has_lowered(link, code))
        link_cache_delete(m->shortener->cache, &gone, m->request->now);
}

static void manage_publish_removal(const struct managing *m, struct slice alias,
                                   const struct link *before)
{
    manage_publish_loss(m, alias);
    for (unsigned i = 0; i < before->n_lowered; i++)
        manage_publish_loss(m, before->lowered[i]);
    link_cache_publish(m->shortener->cache, m->link, m->request->now);
}

/* The link's alias that is to be removed; where letter case does not count, else the newest that
 * differs in it alone. `at` is NULL when it has none. */
static struct slice manage_find_alias(const struct managing *m)
{
    const struct link *link = m->link;
    if (link_has_alias(link, m->alias))
        return m->alias;
    for (unsigned i = link->n_aliases; i > 0 && m->shortener->aliases.ignores_case; i--) {
        if (slice_eq_nocase(link->aliases[i - 1], m->alias))
            return link->aliases[i - 1];
    }
    return (struct slice){ NULL, 0 };
}

static enum outcome remove_alias(const struct managing *m)
{
    struct link *link = m->link;
    const struct link before = *link;
    const struct slice none = { NULL, 0 };
    const struct slice alias = manage_find_alias(m);
    if (!alias.at)
        return OUTCOME_MISSING;
    if (link->n_aliases == 1 && slice_eq(link->code, alias)) {
        error_set(m->err, "this is the link's only code; delete the link instead");
        return manage_refuse_alias(m, OUTCOME_INVALID_ALIAS);
    }
    struct slice lower = alias_lower(alias, m->request->arena);
    bool may_stay = m->shortener->aliases.ignores_case && slice_eq(alias, lower);
    if (!lower.at || !manage_replace_alias(link, alias, none, m->request->arena) ||
        !manage_keep_lowered(link, may_stay ? alias : none, m->request->arena))
        return OUTCOME_UNAVAILABLE;
    if (slice_eq(link->code, alias))
        link->code = link->aliases[0];
    link->updated_at = m->request->now;
    enum db_result result = db_alias_delete(m->shortener->db, link, alias, m->err);
    if (result == DB_MISSING)
        return OUTCOME_STALE; /* the link or the alias is gone: see which */
    if (result != DB_OK)
        return outcome_of(result);
    link->target.version++;
    manage_publish_removal(m, alias, &before);
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
    uint64_t link_id = m->link->target.link_id;
    struct db *db = m->shortener->db;
    enum db_result result = m->shortener->restore_window_s
                                ? db_link_hide(db, link_id, version, m->request->now, m->err)
                                : db_link_delete(db, link_id, version, m->err);
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

/* --- restoring --- */

/* Reads a deleted link by its code, as manage_find reads others. */
static enum db_result manage_find_deleted(struct db *db, const struct manage_request *request,
                                          struct link *out, struct error *err)
{
    enum db_result result = db_deleted_find(db, request->code, request->arena, out, err);
    if (result != DB_MISSING || !request->ignores_case)
        return result;
    struct slice lower = alias_lower(request->code, request->arena);
    if (!lower.at || slice_eq(lower, request->code))
        return DB_MISSING;
    return db_deleted_find(db, lower, request->arena, out, err);
}

enum outcome manage_restore(struct shortener *shortener, const struct manage_request *request,
                            struct link *out, struct error *err)
{
    int64_t since = request->now - shortener->restore_window_s;
    if (!code_is_wellformed(request->code))
        return OUTCOME_MISSING;
    enum db_result result = manage_find_deleted(shortener->db, request, out, err);
    if (result == DB_OK && !may_see(&request->caller, out))
        return OUTCOME_MISSING;
    if (result == DB_OK)
        result = db_link_restore(shortener->db, out->target.link_id, since, err);
    if (result != DB_OK)
        return outcome_of(result);
    out->target.version++;
    out->deleted_at = 0;
    link_cache_publish(shortener->cache, out, request->now);
    return OUTCOME_OK;
}
