/* SPDX-License-Identifier: MIT */
/* The problems reported to clients, as RFC 9457 problem details: one table, from which error
 * bodies, error pages and the descriptions of the problem types are made. */
#pragma once

enum problem_id {
    PROBLEM_NONE,
    PROBLEM_INVALID_JSON,
    PROBLEM_INVALID_URL,
    PROBLEM_UNSUPPORTED_SCHEME,
    PROBLEM_URL_TOO_LONG,
    PROBLEM_URL_IS_SHORT_URL,
    PROBLEM_BLOCKED_DESTINATION,
    PROBLEM_INVALID_ALIAS,
    PROBLEM_RESERVED_ALIAS,
    PROBLEM_ALIAS_TAKEN,
    PROBLEM_INVALID_TIME,
    PROBLEM_INVALID_FIELD,
    PROBLEM_UNAUTHORIZED,
    PROBLEM_FORBIDDEN,
    PROBLEM_NOT_FOUND,
    PROBLEM_EXPIRED,
    PROBLEM_METHOD_NOT_ALLOWED,
    PROBLEM_CONFLICT,
    PROBLEM_IDEMPOTENCY_CONFLICT,
    PROBLEM_PRECONDITION_FAILED,
    PROBLEM_PAYLOAD_TOO_LARGE,
    PROBLEM_UNSUPPORTED_MEDIA_TYPE,
    PROBLEM_RATE_LIMITED,
    PROBLEM_UNAVAILABLE,
    PROBLEM_INTERNAL,
    PROBLEM_COUNT,
};

struct problem {
    const char *code; /* stable, since programs compare it */
    int status;
    const char *title;   /* the same for every occurrence */
    const char *meaning; /* what it means or what the client can do */
};

/* The table's row; never NULL for a valid id. */
const struct problem *problem_of(enum problem_id id);
