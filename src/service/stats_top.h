/* SPDX-License-Identifier: MIT */
/* The most clicked values of each dimension over many records. */
#pragma once

#include "base/arena.h"
#include "click/day.h"

/* The most clicked values of a dimension, the most first; their names are for people. */
struct stats_breakdown {
    struct click_value *values;
    unsigned n;
    uint64_t other; /* clicks of all other values */
};

struct stats_tops;

/* NULL when the arena is full. */
struct stats_tops *stats_tops_new(struct arena *arena);

/* Adds a record's breakdowns; their values must stay where they are. False when the arena is full.
 */
bool stats_tops_add(struct stats_tops *tops, const struct click_breakdown by[CLICK_DIMENSIONS]);

/* The first `top` of each dimension, the most clicked first, equal ones by name; everything else is
 * "other". Values become names: a direct visit's referrer "direct", an unknown country "unknown".
 */
void stats_tops_finish(struct stats_tops *tops, unsigned top,
                       struct stats_breakdown by[CLICK_DIMENSIONS]);
