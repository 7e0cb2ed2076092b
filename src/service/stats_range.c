/* SPDX-License-Identifier: MIT */
/* Arithmetic of hours, days, weeks and months for the ranges of statistics. */
#include "service/stats_range.h"

#include "text/date.h"

enum {
    HOUR = 60 * 60,
    DAY = DATE_DAY_SECONDS,
    WEEK_DAYS = 7,
    LONGEST_MONTH = 31,
    MONDAY_OF_1970 = 4, /* 1970-01-05 */
};

/* The latest time whose unit ends within RFC3339_MAX in every zone. */
#define LAST (RFC3339_MAX - LONGEST_MONTH * (int64_t)DAY)

static const char *const stats_units[] = { "hour", "day", "week", "month" };

const char *stats_unit_name(enum stats_unit unit)
{
    return stats_units[unit];
}

bool stats_unit_read(struct slice name, enum stats_unit *out)
{
    for (unsigned i = 0; i < sizeof(stats_units) / sizeof(stats_units[0]); i++) {
        if (slice_eq(name, slice_of(stats_units[i]))) {
            *out = (enum stats_unit)i;
            return true;
        }
    }
    return false;
}

bool stats_time_read(struct slice text, const struct zone *zone, int64_t *out)
{
    if (!rfc3339_parse(text, out))
        return false;
    if (text.len == sizeof("2026-11-22") - 1)
        *out = zone_day_begin(zone, *out / DAY);
    return true;
}

void stats_time_format(const struct stats_range *range, int64_t at, char out[RFC3339_OFFSET_SIZE])
{
    if (range->zone)
        rfc3339_format_offset(at, zone_offset(range->zone, at), out);
    else
        rfc3339_format(at, out);
}

/* The first day of the unit that has `day`. */
static int64_t first_day(enum stats_unit unit, int64_t day)
{
    if (unit == STATS_MONTH)
        return date_month_of(day);
    if (unit == STATS_WEEK) {
        int64_t since_monday = (day - MONDAY_OF_1970) % WEEK_DAYS;
        return day - (since_monday < 0 ? since_monday + WEEK_DAYS : since_monday);
    }
    return day;
}

int64_t stats_unit_begin(const struct stats_range *range, int64_t at)
{
    if (range->unit == STATS_HOUR)
        return at / HOUR * HOUR;
    return zone_day_begin(range->zone, first_day(range->unit, zone_day(range->zone, at)));
}

int64_t stats_unit_next(const struct stats_range *range, int64_t at)
{
    static const int64_t days[] = {
        [STATS_DAY] = 1, [STATS_WEEK] = WEEK_DAYS, [STATS_MONTH] = LONGEST_MONTH
    };
    if (range->unit == STATS_HOUR)
        return at / HOUR * HOUR + HOUR;
    int64_t first = first_day(range->unit, zone_day(range->zone, at));
    return zone_day_begin(range->zone, first_day(range->unit, first + days[range->unit]));
}

/* The default start of a series that ends with the unit of `to`: a time in the middle of its first
 * unit, whichever of the days between have 23 or 25 hours. */
static int64_t default_from(const struct stats_range *range, int64_t to)
{
    static const int64_t back[] = {
        [STATS_HOUR] = 47 * (int64_t)HOUR,
        [STATS_DAY] = 29 * (int64_t)DAY - DAY / 2,
        [STATS_WEEK] = 11 * WEEK_DAYS * (int64_t)DAY - WEEK_DAYS * (int64_t)DAY / 2,
        [STATS_MONTH] = 320 * (int64_t)DAY,
    };
    int64_t begin = stats_unit_begin(range, to);
    return begin > back[range->unit] ? begin - back[range->unit] : 0;
}

bool stats_range_set(struct stats_range *range, int64_t from, int64_t to, int64_t now)
{
    if (to == STATS_NO_TIME)
        to = now;
    if (to < 0 || to > LAST)
        return false;
    if (from == STATS_NO_TIME)
        from = default_from(range, to);
    if (from < 0 || from > LAST)
        return false;
    range->from = stats_unit_begin(range, from);
    range->end = stats_unit_next(range, to);
    if (range->from >= range->end)
        return false;
    unsigned n = 0;
    for (int64_t at = range->from; at < range->end && n <= STATS_BUCKETS_MAX; n++)
        at = stats_unit_next(range, at);
    return n <= STATS_BUCKETS_MAX;
}
