/* SPDX-License-Identifier: MIT */
/* Statistics as a table for spreadsheets (RFC 4180). */
#pragma once

#include "base/arena.h"
#include "service/statistics.h"

#define CSV_TYPE "text/csv; charset=utf-8; header=present"

/* One row a fact: section ("total", "series", or the name of a dimension), value, clicks, visitors,
 * bots; the last two are empty in breakdowns. `by` is a set of 1 << enum click_dimension. Empty
 * when the arena is full. */
struct slice stats_csv(const struct statistics *statistics, unsigned by, struct arena *arena);
