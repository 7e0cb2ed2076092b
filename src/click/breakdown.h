/* SPDX-License-Identifier: MIT */
/* Counts of clicks by value of one dimension (referrer, country, …). */
#pragma once

#include <stdbool.h>

#include "click/day.h"

/* Returns the entry of `value`, or NULL. */
struct click_value *breakdown_find(const struct click_breakdown *breakdown, struct slice value);

/* Adds clicks of a value. A new value is copied to `arena`; if there are CLICK_VALUES_MAX already,
 * its clicks are counted as "other". False when the arena is full. */
bool breakdown_add(struct click_breakdown *breakdown, struct slice value, uint64_t clicks,
                   struct arena *arena);

/* Adds the other breakdown. If there are more than CLICK_VALUES_MAX values, those with the most
 * clicks are kept and the others counted as "other". False when the arena is full. */
bool breakdown_merge(struct click_breakdown *breakdown, const struct click_breakdown *other,
                     struct arena *arena);

/* The sum of `a` and `b`, each at most CLICK_COUNT_MAX, limited to CLICK_COUNT_MAX. */
static inline uint64_t click_sum(uint64_t a, uint64_t b)
{
    return a + b < CLICK_COUNT_MAX ? a + b : CLICK_COUNT_MAX;
}
