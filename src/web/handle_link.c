/* SPDX-License-Identifier: MIT */
/* Handles one link of its owner: reads, changes and deletes it. */
#include "web/handlers.h"
#include "web/json_in.h"
#include "web/json_out.h"
#include "web/managing.h"
#include "web/refusal.h"
#include "web/validator.h"

int handle_show(struct exchange *x)
{
    struct link link;
    int status = managing_show(x, &link);
    if (status)
        return status;
    validator_add(x, &link);
    respond_body(x, JSON_TYPE, json_link(x, &link));
    return 200;
}

/* Answers with the changed link, or the refusal. */
static int answer_changed(struct exchange *x, enum manage_outcome outcome,
                          const struct changed *changed)
{
    if (outcome != MANAGE_DONE)
        return refuse_managing(x, outcome, changed);
    validator_add(x, &changed->link);
    respond_body(x, JSON_TYPE, json_link(x, &changed->link));
    return 200;
}

/* PUT and PATCH both change the members in the body alone. */
int handle_change(struct exchange *x)
{
    struct link_fields fields;
    int status = json_read_changes(x, &fields);
    if (status)
        return status;
    struct manage_request request = managing_request(x);
    request.expected = validator_expected(x->request);
    struct changed changed;
    enum manage_outcome outcome =
        manage_change(&x->services->shortener, &request, &fields, &changed, &x->err);
    return answer_changed(x, outcome, &changed);
}

int handle_alias_delete(struct exchange *x)
{
    struct manage_request request = managing_request(x);
    request.expected = validator_expected(x->request);
    struct changed changed;
    enum manage_outcome outcome = manage_remove_alias(&x->services->shortener, &request,
                                                      x->match.captures[1], &changed, &x->err);
    return answer_changed(x, outcome, &changed);
}

int handle_delete(struct exchange *x)
{
    struct manage_request request = managing_request(x);
    request.expected = validator_expected(x->request);
    struct link link;
    enum manage_outcome outcome = manage_delete(&x->services->shortener, &request, &link, &x->err);
    if (outcome != MANAGE_DONE)
        return refuse_managing(x, outcome, NULL);
    respond_body(x, JSON_TYPE, json_message(x, "The link is deleted."));
    return 200;
}
