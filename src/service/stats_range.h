/* SPDX-License-Identifier: MIT */
/* Which hours, days or months a statistic is about. All in UTC. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    STATS_BUCKETS_MAX = 2000, /* of one series: 83 days by hour, five years by day */
};

enum stats_unit {
    STATS_HOUR,
    STATS_DAY,
    STATS_MONTH,
};

/* "hour", "day", "month"; and back, false for anything else. */
const char *stats_unit_name(enum stats_unit unit);
bool stats_unit_read(struct slice name, enum stats_unit *out);

/* Whole units: from the beginning of the first to the end of the last, which is not in it. Seconds
 * since the epoch. */
struct stats_range {
    enum stats_unit unit;
    int64_t from;
    int64_t end;
};

/* In place of a time that nobody gave. */
#define STATS_NO_TIME INT64_MIN

/* The units from the one that `from` is in to the one that `to` is in. Without `to` they end now;
 * without `from` they are as many as make a picture: 48 hours, 30 days, 12 months. False when they
 * are more than STATS_BUCKETS_MAX, the end comes before the beginning, or something is before 1970
 * or after 9999. */
bool stats_range_make(enum stats_unit unit, int64_t from, int64_t to, int64_t now,
                      struct stats_range *out);

/* The beginning of the unit that `at` is in, and that of the one after it. */
int64_t stats_unit_begin(enum stats_unit unit, int64_t at);
int64_t stats_unit_next(enum stats_unit unit, int64_t at);
