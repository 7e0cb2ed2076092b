/* SPDX-License-Identifier: MIT */
/* What the metrics of the host learn of an answered request. */
#pragma once

#include <stdint.h>

#include "web/exchange.h"

/* Counts an answered exchange, whose request may be gone but for its method, which took
 * `duration_us` until its answer was written: by method, route and status; its duration by route
 * and cache level; and which cache could answer. */
void count_exchange(const struct exchange *x, int64_t duration_us);
