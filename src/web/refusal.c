/* SPDX-License-Identifier: MIT */
/* The table of problems for refused fields. */
#include "web/refusal.h"

static const enum problem_id PROBLEMS[] = {
    [CREATE_KEY_CONFLICT] = PROBLEM_IDEMPOTENCY_CONFLICT,
    [CREATE_INVALID_URL] = PROBLEM_INVALID_URL,
    [CREATE_UNSUPPORTED_SCHEME] = PROBLEM_UNSUPPORTED_SCHEME,
    [CREATE_URL_TOO_LONG] = PROBLEM_URL_TOO_LONG,
    [CREATE_URL_IS_SHORT_URL] = PROBLEM_URL_IS_SHORT_URL,
    [CREATE_BLOCKED_DESTINATION] = PROBLEM_BLOCKED_DESTINATION,
    [CREATE_INVALID_ALIAS] = PROBLEM_INVALID_ALIAS,
    [CREATE_RESERVED_ALIAS] = PROBLEM_RESERVED_ALIAS,
    [CREATE_ALIAS_TAKEN] = PROBLEM_ALIAS_TAKEN,
    [CREATE_TOO_MANY_ALIASES] = PROBLEM_INVALID_FIELD,
    [CREATE_INVALID_TIME] = PROBLEM_INVALID_TIME,
    [CREATE_INVALID_FIELD] = PROBLEM_INVALID_FIELD,
    [CREATE_UNAVAILABLE] = PROBLEM_NONE,
};

/* The field as a client knows it: the name of a header or a member of the body. */
static const char *refusal_name_of(enum create_outcome outcome, enum link_field field)
{
    if (outcome == CREATE_KEY_CONFLICT)
        return "Idempotency-Key";
    return field == FIELD_ALIASES ? "custom_alias" : link_field_rows[field].name;
}

const char *allow_methods(struct exchange *x, unsigned methods)
{
    char *allow = arena_alloc(x->arena, HTTP_ALLOW_MAX);
    if (allow) {
        http_allow(methods | HTTP_OPTIONS, allow);
        http_header_add(&x->response, "Allow", slice_of(allow));
    }
    return allow;
}

int send_elsewhere(struct exchange *x, struct slice url)
{
    http_header_add(&x->response, "Location", url);
    return 302;
}

int refuse_visit(struct exchange *x, enum problem_id problem)
{
    struct slice url = problem == PROBLEM_EXPIRED ? x->site->expired_url : x->site->unknown_url;
    bool visits = x->request->method & (HTTP_GET | HTTP_HEAD);
    return visits && url.len ? send_elsewhere(x, url) : refuse(x, problem, NULL);
}

int refuse_method(struct exchange *x, unsigned methods)
{
    return refuse(x, allow_methods(x, methods) ? PROBLEM_METHOD_NOT_ALLOWED : PROBLEM_INTERNAL,
                  NULL);
}

int status_of_link(enum create_outcome outcome)
{
    switch (outcome) {
    case CREATE_OK:
    case CREATE_REPEATED:
        return 201;
    case CREATE_REUSED:
        return 200;
    case CREATE_SPOOLED:
        return 202;
    default:
        return 0;
    }
}

int refuse_create(struct exchange *x, enum create_outcome outcome, enum link_field field)
{
    if (outcome == CREATE_EXHAUSTED) {
        x->ids_exhausted = true;
        return refuse(x, PROBLEM_UNAVAILABLE, "No ids are left for new links.");
    }
    if (PROBLEMS[outcome] == PROBLEM_NONE)
        return refuse(x, PROBLEM_UNAVAILABLE, NULL);
    return refuse_field(x, PROBLEMS[outcome], refusal_name_of(outcome, field), x->err.text);
}

int refuse_managing(struct exchange *x, enum manage_outcome outcome, const struct changed *changed)
{
    switch (outcome) {
    case MANAGE_MISSING:
        return refuse(x, PROBLEM_NOT_FOUND, NULL);
    case MANAGE_STALE:
        return refuse(x, PROBLEM_PRECONDITION_FAILED, NULL);
    case MANAGE_REFUSED:
        return refuse_create(x, changed->refusal, changed->refused);
    case MANAGE_UNAVAILABLE:
    case MANAGE_DONE:
        break;
    }
    return refuse(x, PROBLEM_UNAVAILABLE, NULL);
}
