/* SPDX-License-Identifier: MIT */
/* Counting clicks by value: of the referrer, of the country and so on. */
#pragma once

#include <stdbool.h>

#include "click/day.h"

/* The value, or NULL. */
struct click_value *breakdown_find(const struct click_breakdown *breakdown, struct slice value);

/* Counts clicks of a value: a new one is copied to `arena`, or counted as "other" when there are
 * CLICK_VALUES_MAX. False when the arena is full. */
bool breakdown_add(struct click_breakdown *breakdown, struct slice value, uint64_t clicks,
                   struct arena *arena);

/* Adds the other breakdown; where there are too many values, those with the most clicks stay. False
 * when the arena is full. */
bool breakdown_merge(struct click_breakdown *breakdown, const struct click_breakdown *other,
                     struct arena *arena);

/* The sum, but never more than CLICK_COUNT_MAX, nor are `a` and `b`. */
static inline uint64_t click_sum(uint64_t a, uint64_t b)
{
    return a + b < CLICK_COUNT_MAX ? a + b : CLICK_COUNT_MAX;
}
