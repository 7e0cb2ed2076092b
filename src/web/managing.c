/* SPDX-License-Identifier: MIT */
/* Makes requests to services from an exchange. */
#include "web/managing.h"

#include "web/refusal.h"

struct manage_request managing_request(const struct exchange *x)
{
    return (struct manage_request){
        .code = x->match.captures[0],
        .caller = x->caller,
        .now = x->now,
        .arena = x->arena,
        .spool = x->services->shortener.spool,
        .ignores_case = x->services->shortener.aliases.ignores_case,
    };
}

struct resolve_request resolving_request(const struct exchange *x)
{
    return (struct resolve_request){
        .code = x->match.captures[0],
        .now = x->now,
        .now_ms = x->now_us / 1000,
        .jitter = x->random,
        .arena = x->arena,
    };
}

int managing_show(struct exchange *x, struct link *out)
{
    const struct manage_request request = managing_request(x);
    enum outcome outcome = manage_show(x->services->db, &request, out, &x->err);
    return outcome == OUTCOME_OK ? 0 : refuse_outcome(x, outcome, NULL);
}

int managing_find_owner(struct exchange *x, struct slice name, uint32_t *id)
{
    struct user user;
    if (!name.at || slice_eq(name, x->caller.user)) {
        *id = name.at ? x->caller.user_id : *id;
        return 0;
    }
    if (x->caller.role != ROLE_ADMIN)
        return refuse_field(x, PROBLEM_FORBIDDEN, "owner", "Only an admin may name another user.");
    enum db_result found = db_user_find(x->services->db, name, x->arena, &user, &x->err);
    if (found == DB_MISSING)
        return refuse_field(x, PROBLEM_INVALID_FIELD, "owner", "There is no such user.");
    if (found != DB_OK)
        return refuse_outcome(x, outcome_of(found), NULL);
    *id = user.id;
    return 0;
}
