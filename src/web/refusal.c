/* SPDX-License-Identifier: MIT */
/* The table of problems for refused fields. */
#include "web/refusal.h"

static const struct {
    enum problem_id problem;
    const char *field; /* member of the body; the detail is the service's sentence */
} REFUSALS[] = {
    [CREATE_KEY_CONFLICT] = { PROBLEM_IDEMPOTENCY_CONFLICT, "Idempotency-Key" },
    [CREATE_INVALID_URL] = { PROBLEM_INVALID_URL, "long_url" },
    [CREATE_UNSUPPORTED_SCHEME] = { PROBLEM_UNSUPPORTED_SCHEME, "long_url" },
    [CREATE_URL_TOO_LONG] = { PROBLEM_URL_TOO_LONG, "long_url" },
    [CREATE_URL_IS_SHORT_URL] = { PROBLEM_URL_IS_SHORT_URL, "long_url" },
    [CREATE_BLOCKED_DESTINATION] = { PROBLEM_BLOCKED_DESTINATION, "long_url" },
    [CREATE_INVALID_ALIAS] = { PROBLEM_INVALID_ALIAS, "custom_alias" },
    [CREATE_RESERVED_ALIAS] = { PROBLEM_RESERVED_ALIAS, "custom_alias" },
    [CREATE_ALIAS_TAKEN] = { PROBLEM_ALIAS_TAKEN, "custom_alias" },
    [CREATE_TOO_MANY_ALIASES] = { PROBLEM_INVALID_FIELD, "custom_alias" },
    [CREATE_INVALID_TIME] = { PROBLEM_INVALID_TIME, "expires_at" },
    [CREATE_INVALID_START] = { PROBLEM_INVALID_TIME, "starts_at" },
    [CREATE_INVALID_MAX_CLICKS] = { PROBLEM_INVALID_FIELD, "max_clicks" },
    [CREATE_INVALID_STATUS] = { PROBLEM_INVALID_FIELD, "redirect_status" },
    [CREATE_INVALID_TITLE] = { PROBLEM_INVALID_FIELD, "title" },
    [CREATE_INVALID_TAGS] = { PROBLEM_INVALID_FIELD, "tags" },
    [CREATE_UNAVAILABLE] = { PROBLEM_NONE, NULL },
};

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

int refuse_create(struct exchange *x, enum create_outcome outcome)
{
    if (outcome == CREATE_EXHAUSTED) {
        x->ids_exhausted = true;
        return refuse(x, PROBLEM_UNAVAILABLE, "No ids are left for new links.");
    }
    if (REFUSALS[outcome].problem == PROBLEM_NONE)
        return refuse(x, PROBLEM_UNAVAILABLE, NULL);
    return refuse_field(x, REFUSALS[outcome].problem, REFUSALS[outcome].field, x->err.text);
}

int refuse_managing(struct exchange *x, enum manage_outcome outcome, enum create_outcome refusal)
{
    switch (outcome) {
    case MANAGE_MISSING:
        return refuse(x, PROBLEM_NOT_FOUND, NULL);
    case MANAGE_STALE:
        return refuse(x, PROBLEM_PRECONDITION_FAILED, NULL);
    case MANAGE_REFUSED:
        return refuse_create(x, refusal);
    case MANAGE_UNAVAILABLE:
    case MANAGE_DONE:
        break;
    }
    return refuse(x, PROBLEM_UNAVAILABLE, NULL);
}
