/* SPDX-License-Identifier: MIT */
/* The range of a statistic in whole hours, days, weeks or months of a time zone. Hours are those of
 * UTC in every zone, since clicks are kept by them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "text/rfc3339.h"
#include "text/zone.h"

enum {
    STATS_BUCKETS_MAX = 2000, /* of one series: 83 days by the hour, five years by the day */
};

enum stats_unit {
    STATS_HOUR,
    STATS_DAY,
    STATS_WEEK, /* from Monday (ISO 8601) */
    STATS_MONTH,
};

/* "hour", "day", "week" or "month", and the reverse; false for any other name. */
const char *stats_unit_name(enum stats_unit unit);
bool stats_unit_read(struct slice name, enum stats_unit *out);

/* Whole units: `from` is the start of the first, `end` the end of the last (exclusive), in seconds
 * since the epoch. */
struct stats_range {
    enum stats_unit unit;
    const struct zone *zone; /* borrowed; NULL: UTC */
    struct slice zone_name;  /* as it was asked for; empty where `zone` is NULL */
    int64_t from;
    int64_t end;
};

/* A time that was not given. */
#define STATS_NO_TIME INT64_MIN

/* Reads a date-time of RFC 3339, or a date: its first second in the zone. False for anything
 * else. */
bool stats_time_read(struct slice text, const struct zone *zone, int64_t *out);

/* Writes a time with the zone's offset, or with Z in UTC. */
void stats_time_format(const struct stats_range *range, int64_t at, char out[RFC3339_OFFSET_SIZE]);

/* Sets `from` and `end` of a range, whose unit and zone are given, so that it has the units from
 * that of `from` to that of `to`. Without `to` it ends with the current unit; without `from` it has
 * 48 hours, 30 days, 12 weeks or 12 months. False when there are more than STATS_BUCKETS_MAX units,
 * the end is before the beginning, or a time is before 1970 or after 9999. */
bool stats_range_set(struct stats_range *range, int64_t from, int64_t to, int64_t now);

/* The start of the range's unit that `at` is in, and of the unit after it. */
int64_t stats_unit_begin(const struct stats_range *range, int64_t at);
int64_t stats_unit_next(const struct stats_range *range, int64_t at);
