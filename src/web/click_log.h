/* SPDX-License-Identifier: MIT */
/* Decides which redirects count as clicks, and records them. */
#pragma once

#include <stdint.h>

#include "web/exchange.h"

/* Whether the request is of a bot, or a prefetch: of a program that only looks at the link. */
bool visitor_is_robot(const struct exchange *x);

/* Records the redirect of `x` to the link as a click, unless it is not a visit: another method than
 * GET and POST, or a
 * prefetch by a browser (Sec-Purpose, Purpose or X-Moz: prefetch). "DNT: 1" and "Sec-GPC: 1" mark a
 * visitor who does not want to be tracked. */
void record(struct exchange *x, uint64_t link_id);
