/* SPDX-License-Identifier: MIT */
/* Makes a manage_request from an exchange. */
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

int managing_show(struct exchange *x, struct link *out)
{
    const struct manage_request request = managing_request(x);
    enum outcome outcome = manage_show(x->services->db, &request, out, &x->err);
    return outcome == OUTCOME_OK ? 0 : refuse_outcome(x, outcome, NULL);
}
