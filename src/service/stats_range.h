/* SPDX-License-Identifier: MIT */
/* The range of a statistic in whole hours, days or months, in UTC. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    STATS_BUCKETS_MAX = 2000, /* of one series: 83 days by the hour, five years by the day */
};

enum stats_unit {
    STATS_HOUR,
    STATS_DAY,
    STATS_MONTH,
};

/* "hour", "day" or "month", and the reverse; false for any other name. */
const char *stats_unit_name(enum stats_unit unit);
bool stats_unit_read(struct slice name, enum stats_unit *out);

/* Whole units: `from` is the start of the first, `end` the end of the last (exclusive), in seconds
 * since the epoch. */
struct stats_range {
    enum stats_unit unit;
    int64_t from;
    int64_t end;
};

/* A time that was not given. */
#define STATS_NO_TIME INT64_MIN

/* Makes the range of the units from that of `from` to that of `to`. Without `to` it ends with the
 * current unit; without `from` it has 48 hours, 30 days or 12 months. False when there are more
 * than STATS_BUCKETS_MAX units, the end is before the beginning, or a time is before 1970 or after
 * 9999. */
bool stats_range_make(enum stats_unit unit, int64_t from, int64_t to, int64_t now,
                      struct stats_range *out);

/* The start of the unit that `at` is in, and of the unit after it. */
int64_t stats_unit_begin(enum stats_unit unit, int64_t at);
int64_t stats_unit_next(enum stats_unit unit, int64_t at);
