/* SPDX-License-Identifier: MIT */
/* Handles a bulk create; each link has its own outcome. */
#include "web/handlers.h"
#include "web/json_in.h"
#include "web/json_out.h"
#include "web/limit.h"
#include "web/refusal.h"

/* Turns each refusal of the service into a problem of its item. */
static void note_refusals(struct exchange *x, struct bulk *bulk)
{
    for (size_t i = 0; i < bulk->n; i++) {
        enum create_outcome outcome = bulk->items[i].outcome;
        if (bulk->items[i].refused || status_of_link(outcome))
            continue;
        refuse_create(x, outcome, bulk->items[i].field);
        bulk->problems[i] = (struct item_problem){ x->problem, x->field, bulk->items[i].why };
        exchange_forget_problem(x);
    }
}

int handle_bulk(struct exchange *x)
{
    if (http_variable(x->request, "HTTP_IDEMPOTENCY_KEY").len)
        return refuse_field(x, PROBLEM_INVALID_FIELD, "Idempotency-Key",
                            "A bulk create takes no Idempotency-Key.");
    struct bulk bulk;
    int status = json_read_bulk(x, &bulk);
    int limited = limit_bulk(x, status ? 1 : bulk.n);
    if (limited || status)
        return limited ? limited : status;
    const struct create_request request = {
        .caller = x->caller,
        .now = x->now,
        .arena = x->arena,
    };
    enum create_outcome outcome =
        create_bulk(&x->services->shortener, &request, bulk.items, bulk.n, &x->err);
    if (outcome != CREATE_OK)
        return refuse_create(x, outcome, FIELD_CODE);
    note_refusals(x, &bulk);
    respond_body(x, JSON_TYPE, json_bulk(x, &bulk));
    return x->response.body.len ? 207 : refuse(x, PROBLEM_INTERNAL, NULL);
}
