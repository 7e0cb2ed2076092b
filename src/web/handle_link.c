/* SPDX-License-Identifier: MIT */
/* Handles one link of its owner: reads, changes, deletes and restores it; and its history. */
#include "service/history.h"
#include "web/handlers.h"
#include "web/id_page.h"
#include "web/json_in.h"
#include "web/json_out.h"
#include "web/managing.h"
#include "web/refusal.h"
#include "web/validator.h"

/* Answers with the link. */
static int answer_link(struct exchange *x, const struct link *link)
{
    validator_add(x, link);
    respond_body(x, JSON_TYPE, json_link(x, link));
    return 200;
}

int handle_show(struct exchange *x)
{
    struct link link;
    int status = managing_show(x, &link);
    return status ? status : answer_link(x, &link);
}

/* PUT and PATCH both change the members in the body alone. */
int handle_change(struct exchange *x)
{
    struct link_fields fields;
    struct link link;
    enum link_field refused = FIELD_CODE;
    int status = json_read_changes(x, &fields);
    if (status)
        return status;
    struct manage_request request = managing_request(x);
    request.expected = validator_expected(x->request);
    request.refused = &refused;
    enum outcome outcome =
        manage_change(&x->services->shortener, &request, &fields, &link, &x->err);
    return outcome == OUTCOME_OK ? answer_link(x, &link) : refuse_link(x, outcome, refused);
}

int handle_alias_delete(struct exchange *x)
{
    struct link link;
    enum link_field refused = FIELD_CODE;
    struct manage_request request = managing_request(x);
    request.expected = validator_expected(x->request);
    request.refused = &refused;
    enum outcome outcome = manage_remove_alias(&x->services->shortener, &request,
                                               x->match.captures[1], &link, &x->err);
    return outcome == OUTCOME_OK ? answer_link(x, &link) : refuse_link(x, outcome, refused);
}

int handle_delete(struct exchange *x)
{
    struct link link;
    struct manage_request request = managing_request(x);
    request.expected = validator_expected(x->request);
    enum outcome outcome = manage_delete(&x->services->shortener, &request, &link, &x->err);
    if (outcome != OUTCOME_OK)
        return refuse_outcome(x, outcome, NULL);
    respond_body(x, JSON_TYPE, json_message(x, "The link is deleted."));
    return 200;
}

int handle_history(struct exchange *x)
{
    struct id_page wanted;
    struct history_page page;
    int status = id_page_read(x, SLICE("history"), &wanted);
    if (status)
        return status;
    const struct manage_request request = managing_request(x);
    const struct history_query query = {
        .below_version = wanted.after_id,
        .limit = wanted.limit < DB_HISTORY_MAX ? wanted.limit : DB_HISTORY_MAX,
    };
    enum outcome outcome = history_list(x->services->db, &request, &query, &page, &x->err);
    if (outcome != OUTCOME_OK)
        return refuse_outcome(x, outcome, NULL);
    uint32_t last = page.more && page.n ? page.changes[page.n - 1].version : 0;
    respond_body(x, JSON_TYPE, json_history_page(x, &page, id_page_next(x, &wanted, last)));
    return 200;
}

int handle_restore(struct exchange *x)
{
    struct link link;
    const struct manage_request request = managing_request(x);
    enum outcome outcome = manage_restore(&x->services->shortener, &request, &link, &x->err);
    return outcome == OUTCOME_OK ? answer_link(x, &link) : refuse_outcome(x, outcome, NULL);
}
