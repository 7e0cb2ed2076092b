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
