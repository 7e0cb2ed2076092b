/* SPDX-License-Identifier: MIT */
/* Statistics as programs read them. Both return a slice in the arena, empty when that is full. */
#pragma once

#include "base/arena.h"
#include "base/slice.h"
#include "service/statistics.h"

/* {code, from, to, unit, clicks, visitors, bots, series: [{at, clicks, visitors, bots}],
 * by: {dimension: [{value, clicks}]}}; `to` is the end of the last unit. What is not among the most
 * clicked values comes last, as "other". Without a line break. */
struct slice stats_json(const struct statistics *statistics, struct arena *arena);

/* A table for spreadsheets (RFC 4180), with titles. One row a fact: section ("total", "series", or
 * the name of a dimension), value, clicks, visitors, bots; the last two are empty for dimensions.
 * Text that a spreadsheet would take for a formula begins with an apostrophe. */
struct slice stats_csv(const struct statistics *statistics, struct arena *arena);
