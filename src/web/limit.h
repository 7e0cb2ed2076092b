/* SPDX-License-Identifier: MIT */
/* Rate limits: the step of dispatch that applies them, and what handlers report to it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "web/exchange.h"

/* Refuses a body that is too large (413), and a request beyond a rate limit: 429 with Retry-After
 * and RateLimit-*. Counts a create of a link or key and adds the RateLimit-* headers; an address
 * that has requested too many unknown codes is refused every code for a while. 0 when the request
 * may go on. */
int limit(struct exchange *x);

/* Counts the `n` links of a create, or one attempt for 0, before any is created. 0 when the
 * request may go on. */
int limit_links(struct exchange *x, size_t n);

/* Whether a key that is not cached may be looked up for the address of `x`: not after too many
 * invalid ones, so that they cause no load on the database. */
bool limit_allows_keys(struct exchange *x);

/* Counts an invalid key like an unknown code. Returns the status of the problem: 401 with `detail`,
 * or 429. */
int limit_wrong_key(struct exchange *x, const char *detail);

/* Counts a request for an unknown code. A text that cannot be a code is not counted: it finds
 * nothing, and browsers request favicon.ico unasked. */
void limit_missed(struct exchange *x);
