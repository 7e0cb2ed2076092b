/* SPDX-License-Identifier: MIT */
/* The most clicked values of each dimension over many records. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "click/day.h"

enum {
    STATS_TOP_DEFAULT = 10,
    STATS_TOP_MAX = 200,     /* values of one breakdown in an answer */
    STATS_VALUES_MAX = 8192, /* different ones of a dimension that are told apart; whenever there
                              * are more, the half with fewer clicks becomes "other" */
    STATS_ALL_DIMENSIONS = (1 << CLICK_DIMENSIONS) - 1,
};

/* "referrer", "country", "browser", "os", "device". */
const char *stats_dimension_name(enum click_dimension dimension);

/* Reads such names with commas between them into a set of 1 << dimension; false for anything else.
 */
bool stats_dimensions_read(struct slice names, unsigned *out);

/* The most clicked values of a dimension, the most first; their names are for people. */
struct stats_breakdown {
    struct click_value *values;
    unsigned n;
    uint64_t other; /* clicks of all other values */
};

struct stats_tops;

/* For a set of dimensions; NULL when the arena is full. */
struct stats_tops *stats_tops_new(struct arena *arena, unsigned dimensions);

/* Adds a record's breakdowns; `by` may go afterwards. Values become names: a direct visit's
 * referrer "direct", an unknown country "unknown". False when the arena is full, of which a
 * dimension takes up to 2 MiB. */
bool stats_tops_add(struct stats_tops *tops, const struct click_breakdown by[CLICK_DIMENSIONS]);

/* The first `most` of each dimension, the most clicked first, equal ones by name; everything else
 * is "other". `tops` ends with this. False when the arena is full. */
bool stats_tops_finish(struct stats_tops *tops, unsigned most,
                       struct stats_breakdown by[CLICK_DIMENSIONS]);
