/* SPDX-License-Identifier: MIT */
/* Deleting a link. */
#include "web/handlers.h"
#include "web/json_out.h"
#include "web/refusal.h"
#include "web/validator.h"

int handle_delete(struct exchange *x)
{
    const struct manage_request request = {
        .code = x->match.captures[0],
        .caller = x->caller,
        .expected = validator_expected(x->request),
        .now = x->now,
        .arena = x->arena,
        .spool = x->services->shortener.spool,
    };
    struct link link;
    enum manage_outcome outcome = manage_delete(&x->services->shortener, &request, &link, &x->err);
    if (outcome != MANAGE_DONE)
        return refuse_managing(x, outcome, SHORTEN_MADE);
    respond_body(x, JSON_TYPE, json_message(x, "The link is deleted."));
    return 200;
}
