/* SPDX-License-Identifier: MIT */
/* Which redirects count as clicks. */
#pragma once

#include <stdint.h>

#include "web/exchange.h"

/* Records the redirect of `x` to the link, unless nobody visits it: a HEAD, a browser that fetches
 * what its user may want next (Sec-Purpose, Purpose or X-Moz: prefetch). "DNT: 1" and "Sec-GPC: 1"
 * say that the visitor does not want to be tracked. */
void record(struct exchange *x, uint64_t link_id);
