/* SPDX-License-Identifier: MIT */
/* Headers by which a browser says what a request is for, and what the visitor wants. */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* Whether the value of Sec-Purpose, Purpose or X-Moz is a prefetch: an element of a list such as
 * "prefetch;prerender" is "prefetch" (Sec-Purpose is a structured token with parameters, RFC 9651,
 * 3.3.4; the others are its predecessors). */
bool hint_is_prefetch(struct slice value);

/* Whether the value of DNT or Sec-GPC asks not to be tracked: it is "1". */
bool hint_is_private(struct slice value);
