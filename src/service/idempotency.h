/* SPDX-License-Identifier: MIT */
/* Creates that need not make anything: the same create again, and a link that is there already. */
#pragma once

#include "service/shorten.h"

/* What the request's idempotency key is stored as. */
struct idempotency idempotency_of(const struct shorten_request *request);

/* The link that the key was used for: SHORTEN_REPEATED with the link, SHORTEN_KEY_CONFLICT,
 * SHORTEN_AWAY, SHORTEN_UNAVAILABLE, or SHORTEN_MADE when it was used for nothing since `since`. */
enum shorten_outcome idempotency_find(const struct shortener *shortener,
                                      const struct shorten_request *request, int64_t since,
                                      struct link *out, struct error *err);

/* A live (or scheduled) link of the same owner that is what `draft` is to be: SHORTEN_REUSED with
 * the link, SHORTEN_AWAY, SHORTEN_UNAVAILABLE, or SHORTEN_MADE when there is none. An expiry that
 * was not wished for but comes from a policy counts as the same as any other such one. */
enum shorten_outcome link_find_equal(const struct shortener *shortener,
                                     const struct shorten_request *request,
                                     const struct link *draft, struct link *out, struct error *err);
