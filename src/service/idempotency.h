/* SPDX-License-Identifier: MIT */
/* Creates that need no new link: a repeated idempotency key, and `reuse` of an equal link. */
#pragma once

#include "service/create.h"

/* The hash and fingerprint that the request's idempotency key is stored as. */
struct idempotency idempotency_of(const struct create_request *request);

/* Finds the link that the request's idempotency key created. OUTCOME_REPEATED with the link,
 * OUTCOME_KEY_CONFLICT, OUTCOME_NO_DATABASE, OUTCOME_UNAVAILABLE, or OUTCOME_OK when the key was
 * not used since `since`. */
enum outcome idempotency_find(const struct shortener *shortener,
                              const struct create_request *request, int64_t since, struct link *out,
                              struct error *err);

/* Finds a live or scheduled link of the same owner that equals `draft`: OUTCOME_REUSED with the
 * link, OUTCOME_NO_DATABASE, OUTCOME_UNAVAILABLE, or OUTCOME_OK when there is none. Where the
 * request names no expiry but a policy gives the draft one, any link that expires is equal in that
 * respect. */
enum outcome link_find_equal(const struct shortener *shortener,
                             const struct create_request *request, const struct link *draft,
                             struct link *out, struct error *err);
