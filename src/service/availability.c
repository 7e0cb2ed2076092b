/* SPDX-License-Identifier: MIT */
/* Checks the rules of aliases, then asks the database. */
#include "service/availability.h"

/* Looks for a link that has the code, also for one that is deleted and not purged yet. */
static enum db_result availability_find(const struct shortener *shortener, struct slice code,
                                        struct arena *arena, struct error *err)
{
    struct target target;
    struct link deleted;
    enum db_result result = db_resolve(shortener->db, code, arena, &target, err);
    return result == DB_MISSING ? db_deleted_find(shortener->db, code, arena, &deleted, err)
                                : result;
}

/* Looks for a link that has the alias, or the lower-case form that it would get. */
static enum outcome availability_look_up(const struct shortener *shortener, struct slice alias,
                                         struct arena *arena, struct error *err)
{
    enum db_result result = availability_find(shortener, alias, arena, err);
    if (result != DB_MISSING || !shortener->aliases.ignores_case)
        return outcome_of(result);
    struct slice lower = alias_lower(alias, arena);
    return lower.at ? outcome_of(availability_find(shortener, lower, arena, err))
                    : OUTCOME_UNAVAILABLE;
}

enum outcome availability_of(const struct shortener *shortener, struct slice alias,
                             struct arena *arena, struct error *err)
{
    enum alias_verdict verdict = alias_check(alias, &shortener->aliases, err);
    if (verdict != ALIAS_OK)
        return verdict == ALIAS_INVALID ? OUTCOME_INVALID_ALIAS : OUTCOME_RESERVED_ALIAS;
    enum outcome outcome = availability_look_up(shortener, alias, arena, err);
    if (outcome == OUTCOME_MISSING)
        return OUTCOME_OK;
    if (outcome != OUTCOME_OK)
        return outcome;
    error_set(err, "another link has the alias \"%.*s\"", SLICE_ARG(alias));
    return OUTCOME_ALIAS_TAKEN;
}
