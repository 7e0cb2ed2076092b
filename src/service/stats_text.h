/* SPDX-License-Identifier: MIT */
/* Formats statistics as JSON and CSV. Both functions return a slice in the arena, empty when that
 * is full. */
#pragma once

#include "base/arena.h"
#include "base/slice.h"
#include "service/statistics.h"

/* {code, from, to, unit, clicks, visitors, bots, clicks_imported, series: [{at, clicks, visitors,
 * bots}], by: {dimension: [{value, clicks}]}}; `to` is the end of the last unit. The last value
 * "other" sums up those beyond the most clicked ones. Without a line break. Those of all
 * links have neither `code` nor `clicks_imported`. */
struct slice stats_json(const struct statistics *statistics, struct arena *arena);

/* CSV (RFC 4180) with a header row and the columns section ("total", "imported", "series", or
 * the name of a dimension), value, clicks, visitors, bots; the last two are empty for dimensions
 * and for imported clicks, which have a row only if there are any. Text that a
 * spreadsheet would take for a formula begins with an apostrophe. */
struct slice stats_csv(const struct statistics *statistics, struct arena *arena);
