/* SPDX-License-Identifier: MIT */
/* Counts answered requests in the host's metrics. */
#pragma once

#include <stdint.h>

#include "web/exchange.h"

/* Counts an answered exchange: by method, route and status; its duration by route and cache level;
 * and cache hits and misses. Of the request only the method is used, so it may be freed.
 * `duration_us` is the time until the response was written. */
void count_exchange(const struct exchange *x, int64_t duration_us);
