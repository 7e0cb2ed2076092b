/* SPDX-License-Identifier: MIT */
/* Making a link through the API. */
#include "web/handlers.h"
#include "web/json_in.h"
#include "web/json_out.h"

/* What a refused wish means to the client; `x->err` has the sentence. */
static int refuse_wish(struct exchange *x, enum shorten_outcome outcome)
{
    const char *why = x->err.text;
    switch (outcome) {
    case SHORTEN_INVALID_URL:
        return refuse_field(x, PROBLEM_INVALID_URL, "long_url", why);
    case SHORTEN_UNSUPPORTED_SCHEME:
        return refuse_field(x, PROBLEM_UNSUPPORTED_SCHEME, "long_url", why);
    case SHORTEN_URL_TOO_LONG:
        return refuse_field(x, PROBLEM_URL_TOO_LONG, "long_url", why);
    case SHORTEN_URL_IS_SHORT_URL:
        return refuse_field(x, PROBLEM_URL_IS_SHORT_URL, "long_url", why);
    case SHORTEN_INVALID_ALIAS:
        return refuse_field(x, PROBLEM_INVALID_ALIAS, "custom_alias", why);
    case SHORTEN_RESERVED_ALIAS:
        return refuse_field(x, PROBLEM_RESERVED_ALIAS, "custom_alias", why);
    case SHORTEN_ALIAS_TAKEN:
        return refuse_field(x, PROBLEM_ALIAS_TAKEN, "custom_alias", why);
    case SHORTEN_INVALID_TIME:
        return refuse_field(x, PROBLEM_INVALID_TIME, "expires_at", why);
    case SHORTEN_INVALID_STATUS:
        return refuse_field(x, PROBLEM_INVALID_FIELD, "redirect_status", why);
    case SHORTEN_EXHAUSTED:
        return refuse(x, PROBLEM_UNAVAILABLE, "No ids are left for new links.");
    case SHORTEN_UNAVAILABLE:
    case SHORTEN_MADE:
        break;
    }
    return refuse(x, PROBLEM_UNAVAILABLE, NULL);
}

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
    respond_body(x, JSON_TYPE, json_link(x, &link));
    return 201;
}
