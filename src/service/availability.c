/* SPDX-License-Identifier: MIT */
/* Checks the rules of aliases, then asks the database. */
#include "service/availability.h"

enum outcome availability_of(const struct shortener *shortener, struct slice alias,
                             struct arena *arena, struct error *err)
{
    struct target target;
    enum alias_verdict verdict = alias_check(alias, &shortener->aliases, err);
    if (verdict != ALIAS_OK)
        return verdict == ALIAS_INVALID ? OUTCOME_INVALID_ALIAS : OUTCOME_RESERVED_ALIAS;
    enum outcome outcome = outcome_of(db_resolve(shortener->db, alias, arena, &target, err));
    if (outcome == OUTCOME_MISSING)
        return OUTCOME_OK;
    if (outcome != OUTCOME_OK)
        return outcome;
    error_set(err, "another link has the alias \"%.*s\"", SLICE_ARG(alias));
    return OUTCOME_ALIAS_TAKEN;
}
