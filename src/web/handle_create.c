/* SPDX-License-Identifier: MIT */
/* Making a link through the API. */
#include "web/handlers.h"
#include "web/json_in.h"
#include "web/json_out.h"
#include "web/refusal.h"
#include "web/validator.h"

int handle_create(struct exchange *x)
{
    struct shorten_request request = {
        .caller = x->caller,
        .now = x->now,
        .arena = x->arena,
    };
    int status = json_read_wishes(x, &request.wishes);
    if (status)
        return status;
    struct link link;
    enum shorten_outcome outcome = shorten(&x->services->shortener, &request, &link, &x->err);
    if (outcome != SHORTEN_MADE)
        return refuse_wish(x, outcome);
    http_header_add(&x->response, "Location", short_url(x, link.code));
    validator_add(x, &link);
    respond_body(x, JSON_TYPE, json_link(x, &link));
    return 201;
}
