/* SPDX-License-Identifier: MIT */
/* The table of problems for the services' outcomes. */
#include "web/refusal.h"

#include "web/managing.h"

/* The problem of each outcome, and whether x->err is a sentence for the client about a field. */
static const struct {
    enum problem_id problem;
    bool is_explained;
} REFUSALS[] = {
    [OUTCOME_KEY_CONFLICT] = { PROBLEM_IDEMPOTENCY_CONFLICT, true },
    [OUTCOME_INVALID_URL] = { PROBLEM_INVALID_URL, true },
    [OUTCOME_UNSUPPORTED_SCHEME] = { PROBLEM_UNSUPPORTED_SCHEME, true },
    [OUTCOME_URL_TOO_LONG] = { PROBLEM_URL_TOO_LONG, true },
    [OUTCOME_URL_IS_SHORT_URL] = { PROBLEM_URL_IS_SHORT_URL, true },
    [OUTCOME_BLOCKED_DESTINATION] = { PROBLEM_BLOCKED_DESTINATION, true },
    [OUTCOME_INVALID_ALIAS] = { PROBLEM_INVALID_ALIAS, true },
    [OUTCOME_RESERVED_ALIAS] = { PROBLEM_RESERVED_ALIAS, true },
    [OUTCOME_ALIAS_TAKEN] = { PROBLEM_ALIAS_TAKEN, true },
    [OUTCOME_INVALID_TIME] = { PROBLEM_INVALID_TIME, true },
    [OUTCOME_INVALID_FIELD] = { PROBLEM_INVALID_FIELD, true },
    [OUTCOME_FORBIDDEN] = { PROBLEM_FORBIDDEN, true },
    [OUTCOME_OUTLIVES] = { PROBLEM_FORBIDDEN, true },
    [OUTCOME_MISSING] = { PROBLEM_NOT_FOUND, false },
    [OUTCOME_EXPIRED] = { PROBLEM_EXPIRED, false },
    [OUTCOME_CONFLICT] = { PROBLEM_CONFLICT, true },
    [OUTCOME_STALE] = { PROBLEM_PRECONDITION_FAILED, false },
    [OUTCOME_EXHAUSTED] = { PROBLEM_UNAVAILABLE, false },
    [OUTCOME_UNAVAILABLE] = { PROBLEM_UNAVAILABLE, false },
    [OUTCOME_NO_DATABASE] = { PROBLEM_UNAVAILABLE, false },
};

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

struct slice visit_fallback(const struct exchange *x, const struct resolution *found,
                            enum outcome outcome)
{
    bool is_over = outcome == OUTCOME_EXPIRED;
    if (!(x->request->method & (HTTP_GET | HTTP_HEAD)) || !(is_over || found->is_early))
        return (struct slice){ NULL, 0 };
    struct resolve_request request = resolving_request(x);
    struct slice own = resolve_fallback(&x->services->resolver, &request, found);
    if (own.len)
        return own;
    return is_over ? x->site->expired_url : x->site->not_started_url;
}

int refuse_visit(struct exchange *x, enum outcome outcome)
{
    struct slice url = { NULL, 0 };
    if (x->request->method & (HTTP_GET | HTTP_HEAD) && outcome == OUTCOME_MISSING)
        url = x->site->unknown_url;
    return url.len ? send_elsewhere(x, url) : refuse_outcome(x, outcome, NULL);
}

int refuse_method(struct exchange *x, unsigned methods)
{
    return refuse(x, allow_methods(x, methods) ? PROBLEM_METHOD_NOT_ALLOWED : PROBLEM_INTERNAL,
                  NULL);
}

int status_of_created(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_OK:
    case OUTCOME_REPEATED:
        return 201;
    case OUTCOME_REUSED:
        return 200;
    case OUTCOME_SPOOLED:
        return 202;
    default:
        return 0;
    }
}

int refuse_outcome(struct exchange *x, enum outcome outcome, const char *field)
{
    if (outcome == OUTCOME_EXHAUSTED) {
        x->ids_exhausted = true;
        return refuse(x, PROBLEM_UNAVAILABLE, "There are no ids for new links.");
    }
    enum problem_id problem = REFUSALS[outcome].problem;
    return REFUSALS[outcome].is_explained ? refuse_field(x, problem, field, x->err.text)
                                          : refuse(x, problem, NULL);
}

int refuse_link(struct exchange *x, enum outcome outcome, enum link_field field)
{
    const char *name = field == FIELD_ALIASES ? "custom_alias" : link_field_rows[field].name;
    return refuse_outcome(x, outcome, outcome == OUTCOME_KEY_CONFLICT ? "Idempotency-Key" : name);
}
