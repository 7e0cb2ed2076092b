/* SPDX-License-Identifier: MIT */
/* Handles creates of one link, and of many, each with its own outcome. */
#include "web/handlers.h"
#include "web/idempotency_header.h"
#include "web/json_in.h"
#include "web/json_out.h"
#include "web/limit.h"
#include "web/refusal.h"
#include "web/validator.h"

int handle_create(struct exchange *x)
{
    enum link_field refused = FIELD_CODE;
    struct create_request request = {
        .body = x->request->body,
        .caller = x->caller,
        .now = x->now,
        .arena = x->arena,
        .refused = &refused,
    };
    int status = json_read_create(x, &request.fields);
    if (status == 0)
        status = idempotency_header_read(x, &request.idempotency_key);
    if (status)
        return status;
    struct link link;
    enum outcome outcome = create_link(&x->services->shortener, &request, &link, &x->err);
    status = status_of_created(outcome);
    if (status == 0)
        return refuse_link(x, outcome, refused);
    http_header_add(&x->response, "Location", short_url(x, link.code));
    validator_add(x, &link);
    respond_body(x, JSON_TYPE, json_link(x, &link));
    return status;
}

/* --- many --- */

/* Turns each refusal of the service into a problem of its item. */
static void note_refusals(struct exchange *x, struct bulk *bulk)
{
    for (size_t i = 0; i < bulk->n; i++) {
        enum outcome outcome = bulk->items[i].outcome;
        if (bulk->items[i].refused || status_of_created(outcome))
            continue;
        refuse_link(x, outcome, bulk->items[i].field);
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
    int limited = limit_links(x, status ? 1 : bulk.n);
    if (limited || status)
        return limited ? limited : status;
    const struct create_request request = {
        .caller = x->caller,
        .now = x->now,
        .arena = x->arena,
    };
    enum outcome outcome =
        create_bulk(&x->services->shortener, &request, bulk.items, bulk.n, &x->err);
    if (outcome != OUTCOME_OK)
        return refuse_outcome(x, outcome, NULL);
    note_refusals(x, &bulk);
    respond_body(x, JSON_TYPE, json_bulk(x, &bulk));
    return x->response.body.len ? 207 : refuse(x, PROBLEM_INTERNAL, NULL);
}
