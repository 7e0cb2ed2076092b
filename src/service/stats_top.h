/* SPDX-License-Identifier: MIT */
/* Finds the most clicked values of each dimension over many click records. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "click/day.h"

enum {
    STATS_TOP_DEFAULT = 10,
    STATS_TOP_MAX = 200,     /* most values of one breakdown in an answer */
    STATS_VALUES_MAX = 8192, /* most distinct values of a dimension; beyond, the half with fewer
                                clicks is added to "other" */
    STATS_ALL_DIMENSIONS = (1 << CLICK_DIMENSIONS) - 1,
};

/* "referrer", "country", "browser", "os", "device". */
const char *stats_dimension_name(enum click_dimension dimension);

/* Parses comma-separated names into a bit set of 1 << dimension; false for an unknown name. */
bool stats_dimensions_read(struct slice names, unsigned *out);

/* The values of a dimension in descending order of clicks, with their display names. */
struct stats_breakdown {
    struct click_value *values;
    unsigned n;
    uint64_t other; /* clicks of all other values */
};

struct stats_tops;

/* Makes empty tables for a set of dimensions; NULL when the arena is full. */
struct stats_tops *stats_tops_new(struct arena *arena, unsigned dimensions);

/* Adds a record's breakdowns; `by` need not outlive the call. Values are turned into display names:
 * the referrer of a direct visit is "direct", an unknown country "unknown". False when the arena is
 * full; a dimension uses up to 2 MiB of it. */
bool stats_tops_add(struct stats_tops *tops, const struct click_breakdown by[CLICK_DIMENSIONS]);

/* Returns the `most` most clicked values of each dimension, equal ones by name; the others are
 * summed up as "other". `tops` must not be used afterwards. False when the arena is full. */
bool stats_tops_finish(struct stats_tops *tops, unsigned most,
                       struct stats_breakdown by[CLICK_DIMENSIONS]);
