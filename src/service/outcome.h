/* SPDX-License-Identifier: MIT */
/* What the services' use cases return. web/refusal.c has the HTTP problem of each outcome. */
#pragma once

#include "db/db_types.h"

enum outcome {
    OUTCOME_OK,

    /* also links, of creates */
    OUTCOME_REUSED,   /* the owner had an equal link, which is returned */
    OUTCOME_SPOOLED,  /* the database is unavailable: the link is in the spool and redirects on this
                       * host */
    OUTCOME_REPEATED, /* the idempotency key was used for the same request: its link is returned */

    /* refused: a value of the request; the error is a sentence for the caller */
    OUTCOME_KEY_CONFLICT, /* the idempotency key was used for another request */
    OUTCOME_INVALID_URL,
    OUTCOME_UNSUPPORTED_SCHEME,
    OUTCOME_URL_TOO_LONG,
    OUTCOME_URL_IS_SHORT_URL,
    OUTCOME_BLOCKED_DESTINATION,
    OUTCOME_INVALID_ALIAS,
    OUTCOME_RESERVED_ALIAS,
    OUTCOME_ALIAS_TAKEN,
    OUTCOME_INVALID_TIME,  /* of expires_at or starts_at */
    OUTCOME_INVALID_FIELD, /* the value of any other field */
    OUTCOME_FORBIDDEN,     /* the caller may not do this */
    OUTCOME_OUTLIVES,      /* a key that expires may not create one that expires later or never */

    /* refused: the state of what the request is about */
    OUTCOME_MISSING,  /* the caller has no such thing; of a code: unknown, or not started yet */
    OUTCOME_EXPIRED,  /* the link is past its end, or its clicks are used up */
    OUTCOME_CONFLICT, /* what is there does not allow it; the error is a sentence for the caller */
    OUTCOME_STALE,    /* the link has none of the expected versions */

    /* failed; the error is for the log */
    OUTCOME_EXHAUSTED, /* no ids are left, or the sequence went back: an administrator must act */
    OUTCOME_UNAVAILABLE,
    OUTCOME_NO_DATABASE, /* the database is unavailable; only between the files of service/ */
};

/* The outcome of a question to the database. A value that another row has (DB_TAKEN) and a repeated
 * key (DB_REPEATED) are for the caller to explain, and unavailable here. */
enum outcome outcome_of(enum db_result result);
