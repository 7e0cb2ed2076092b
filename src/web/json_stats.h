/* SPDX-License-Identifier: MIT */
/* Statistics in JSON. Each returns a slice in the arena, empty when that is full. */
#pragma once

#include "service/statistics.h"
#include "web/exchange.h"

/* {code, from, to, unit, clicks, visitors, bots, series, by}; `by` is a set of
 * 1 << enum click_dimension. */
struct slice json_statistics(const struct exchange *x, const struct statistics *statistics,
                             const struct stats_range *range, unsigned by);

/* {links, clicks, visitors, bots}. */
struct slice json_click_totals(const struct exchange *x, const struct click_totals *totals);
