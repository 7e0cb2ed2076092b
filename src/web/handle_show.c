/* SPDX-License-Identifier: MIT */
/* Showing a link to its owner. */
#include "web/handlers.h"
#include "web/json_out.h"
#include "web/refusal.h"
#include "web/validator.h"

int handle_show(struct exchange *x)
{
    const struct manage_request request = {
        .code = x->match.captures[0],
        .caller = x->caller,
        .now = x->now,
        .arena = x->arena,
        .spool = x->services->shortener.spool,
    };
    struct link link;
    enum manage_outcome outcome = manage_show(x->services->db, &request, &link, &x->err);
    if (outcome != MANAGE_DONE)
        return refuse_managing(x, outcome, SHORTEN_MADE);
    validator_add(x, &link);
    respond_body(x, JSON_TYPE, json_link(x, &link));
    return 200;
}
