/* SPDX-License-Identifier: MIT */
/* Limits on requests: the step of dispatch that keeps them, and what handlers report to it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "web/exchange.h"

/* Refuses what is too large (413), and who asks for too much: 429 with Retry-After and RateLimit-*.
 * Counts what makes a link or a key, and tells the client what is left; who looks for unknown codes
 * is refused any code for a while. 0 when the request may go on. */
int limit(struct exchange *x);

/* Counts the `n` links that a bulk request asks for, or the attempt where none could be read,
 * before anything is done for them. 0 when the request may go on. */
int limit_bulk(struct exchange *x, size_t n);

/* Whether the address of `x` may show a key that is not remembered: who showed too many wrong ones
 * may not, and makes the database look for none. */
bool limit_allows_keys(struct exchange *x);

/* `x` shows a key that is not valid: counts as an unknown code does. Returns the status of the
 * problem: 401 with `detail`, or 429. */
int limit_wrong_key(struct exchange *x, const char *detail);

/* `x` asked for a code that does not exist. Nonsense that cannot be a code does not count: it finds
 * nothing, and browsers ask for favicon.ico on their own. */
void limit_missed(struct exchange *x);
