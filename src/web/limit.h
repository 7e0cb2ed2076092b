/* SPDX-License-Identifier: MIT */
/* Limits on requests: the step of dispatch that keeps them, and what handlers report to it. */
#pragma once

#include <stdint.h>

#include "web/exchange.h"

/* Refuses what is too large (413), and who asks for too much: 429 with Retry-After and RateLimit-*.
 * Counts what makes links, and tells the client what is left; who looks for unknown codes is
 * refused any code for a while. 0 when the request may go on. */
int limit(struct exchange *x);

/* What `x` makes beyond the one link that limit() has counted. */
void limit_create_more(struct exchange *x, uint64_t n);

/* `x` asked for a code that does not exist. Nonsense that cannot be a code does not count: it finds
 * nothing, and browsers ask for favicon.ico on their own. */
void limit_missed(struct exchange *x);
