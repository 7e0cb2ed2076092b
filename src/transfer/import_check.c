/* SPDX-License-Identifier: MIT */
/* Checks one record by the rules of creates, except its times, which may be in the past. */
#include "service/draft.h"
#include "transfer/import_batch.h"
#include "transfer/import_mend.h"

/* A record that is being checked. */
struct checking {
    struct import *import;
    struct link *link;
    struct import_row *row;
    struct arena *arena;
    struct error *err;
};

/* Reports the row; returns the result for that. */
static enum db_result check_refuse(const struct checking *c, enum import_refusal kind,
                                   const char *why)
{
    import_refuse(c->import, kind, c->row, c->link->code, why);
    return DB_MISSING;
}

static enum db_result check_no_memory(const struct checking *c)
{
    error_set(c->err, "out of memory");
    return DB_FAILED;
}

/* --- codes --- */

/* The kind of the change for a code that an admin's import takes although policy refuses it. */
static enum import_change change_for(enum alias_verdict verdict)
{
    if (verdict == ALIAS_RESERVED)
        return IMPORT_CHANGE_CODE_RESERVED;
    return verdict == ALIAS_LISTED ? IMPORT_CHANGE_CODE_LISTED : IMPORT_CHANGE_CODE_OFFENSIVE;
}

static enum db_result check_code(const struct checking *c, struct slice code)
{
    struct alias_policy policy = c->import->shortener->aliases;
    if (c->import->is_admin) {
        policy.min_length = 1;
        policy.max_length = CODE_MAX;
    }
    struct error why = { "" };
    enum alias_verdict verdict = alias_check(code, &policy, &why);
    if (verdict == ALIAS_OK)
        return DB_OK;
    if (verdict == ALIAS_INVALID)
        return check_refuse(c, IMPORT_REFUSAL_CODE_INVALID, why.text);
    if (verdict == ALIAS_PATH)
        return check_refuse(c, IMPORT_REFUSAL_CODE_PATH, why.text);
    if (!c->import->is_admin)
        return check_refuse(c, IMPORT_REFUSAL_CODE_RESERVED, why.text);
    c->row->changes |= IMPORT_CHANGE_BIT(change_for(verdict));
    return DB_OK;
}

/* Makes `code` the first of the aliases, since every imported code is an alias. */
static enum db_result complete_aliases(const struct checking *c)
{
    struct link *link = c->link;
    struct slice *all = arena_alloc(c->arena, (link->n_aliases + 1) * sizeof(*all));
    unsigned n = 0;
    bool has_code = link_has_alias(link, link->code);
    if (!all)
        return check_no_memory(c);
    if (!has_code && link->n_aliases == LINK_ALIASES_MAX)
        return check_refuse(c, IMPORT_REFUSAL_CODES_TOO_MANY, "aliases are too many");
    if (!has_code)
        all[n++] = link->code;
    for (unsigned i = 0; i < link->n_aliases; i++)
        all[n++] = link->aliases[i];
    link->aliases = all;
    link->n_aliases = n;
    link->code_is_alias = true;
    if (c->import->shortener->aliases.ignores_case && !alias_lower_all(link, c->arena))
        return check_no_memory(c);
    return DB_OK;
}

/* Without a code the first alias is it; without both one is generated later. */
static enum db_result check_codes(const struct checking *c)
{
    struct link *link = c->link;
    if (link->code.len == 0 && link->n_aliases > 0)
        link->code = link->aliases[0];
    c->row->has_code = link->code.len > 0;
    if (!c->row->has_code) {
        c->row->changes |= IMPORT_CHANGE_BIT(IMPORT_CHANGE_CODE_GENERATED);
        return DB_OK;
    }
    enum db_result result = check_code(c, link->code);
    for (unsigned i = 0; i < link->n_aliases && result == DB_OK; i++)
        result = check_code(c, link->aliases[i]);
    return result == DB_OK ? complete_aliases(c) : result;
}

/* --- other fields --- */

static enum import_refusal refusal_of(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_INVALID_URL:
    case OUTCOME_UNSUPPORTED_SCHEME:
    case OUTCOME_URL_TOO_LONG:
        return IMPORT_REFUSAL_URL_INVALID;
    case OUTCOME_URL_IS_SHORT_URL:
        return IMPORT_REFUSAL_URL_OWN;
    case OUTCOME_BLOCKED_DESTINATION:
        return IMPORT_REFUSAL_URL_BLOCKED;
    default:
        return IMPORT_REFUSAL_FIELD_INVALID;
    }
}

/* The times of a link are its own in an admin's import. In others the rules for new links hold
 * where they say how long a link may live; one that has ended already stays as it is. */
static unsigned check_which_fields(const struct checking *c)
{
    const unsigned times = FIELD_BIT(FIELD_STARTS_AT) | FIELD_BIT(FIELD_EXPIRES_AT);
    const int64_t expires_at = c->link->target.expires_at;
    const bool has_ended = expires_at != 0 && expires_at <= c->import->now;
    return link_fields_settable & ~(c->import->is_admin || has_ended ? times : 0);
}

static enum db_result check_fields(const struct checking *c)
{
    struct create_request request = {
        .fields = { .given = check_which_fields(c), .link = *c->link },
        .caller = { .policy = c->import->policy },
        .now = c->import->now,
        .arena = c->arena,
    };
    struct error why = { "" };
    if (c->link->target.long_url.len == 0)
        return check_refuse(c, IMPORT_REFUSAL_URL_MISSING, "long_url is missing");
    enum outcome outcome = draft_apply(c->import->shortener, &request, c->link, &why);
    if (outcome == OUTCOME_BLOCKED_DESTINATION && c->import->force) {
        c->row->changes |= IMPORT_CHANGE_BIT(IMPORT_CHANGE_URL_BLOCKED);
        request.force = true;
        outcome = draft_apply(c->import->shortener, &request, c->link, &why);
    }
    if (outcome == OUTCOME_OK)
        return DB_OK;
    if (outcome != OUTCOME_UNAVAILABLE)
        return check_refuse(c, refusal_of(outcome), why.text);
    *c->err = why;
    return DB_FAILED;
}

static void check_complete(const struct checking *c)
{
    struct link *link = c->link;
    link->target.version = 1;
    if (link->created_at == 0)
        link->created_at = c->import->now;
    if (link->updated_at < link->created_at)
        link->updated_at = link->created_at;
    if (link->target.max_clicks == 0)
        link->used = 0;
}

static enum db_result check_set_owner(const struct checking *c)
{
    struct import *import = c->import;
    struct error why = { "" };
    c->link->owner = import->owner ? slice_of(import->owner) : c->link->owner;
    enum db_result result =
        import_owner_find(&import->owners, c->link->owner, c->arena, &c->link->owner_id, &why);
    if (result == DB_MISSING)
        return check_refuse(c, IMPORT_REFUSAL_OWNER_UNKNOWN, why.text);
    if (result != DB_OK)
        *c->err = why;
    return result == DB_OK || result == DB_UNAVAILABLE ? result : DB_FAILED;
}

enum db_result import_check(struct import *import, struct link_record *record,
                            struct import_row *row, struct arena *arena, struct error *err)
{
    const struct checking c = { import, &record->link, row, arena, err };
    if (!import_mend(record, arena))
        return check_no_memory(&c);
    row->changes = record->changes;
    enum db_result result = check_codes(&c);
    if (result == DB_OK)
        result = check_fields(&c);
    if (result == DB_OK)
        check_complete(&c);
    return result == DB_OK ? check_set_owner(&c) : result;
}
