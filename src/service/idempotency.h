/* SPDX-License-Identifier: MIT */
/* Creates that need no new link: a repeated idempotency key, and `reuse` of an equal link. */
#pragma once

#include "service/shorten.h"

/* The hash and fingerprint that the request's idempotency key is stored as. */
struct idempotency idempotency_of(const struct shorten_request *request);

/* Finds the link that the request's idempotency key created. SHORTEN_REPEATED with the link,
 * SHORTEN_KEY_CONFLICT, SHORTEN_AWAY, SHORTEN_UNAVAILABLE, or SHORTEN_MADE when the key was not
 * used since `since`. */
enum shorten_outcome idempotency_find(const struct shortener *shortener,
                                      const struct shorten_request *request, int64_t since,
                                      struct link *out, struct error *err);

/* Finds a live or scheduled link of the same owner that equals `draft`: SHORTEN_REUSED with the
 * link, SHORTEN_AWAY, SHORTEN_UNAVAILABLE, or SHORTEN_MADE when there is none. Where the request
 * names no expiry but a policy gives the draft one, any link that expires is equal in that
 * respect. */
enum shorten_outcome link_find_equal(const struct shortener *shortener,
                                     const struct shorten_request *request,
                                     const struct link *draft, struct link *out, struct error *err);
