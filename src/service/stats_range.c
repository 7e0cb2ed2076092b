/* SPDX-License-Identifier: MIT */
/* Arithmetic of hours, days and months for the ranges of statistics. */
#include "service/stats_range.h"

#include "click/day.h"
#include "db/click_rollup.h"
#include "text/rfc3339.h"

enum {
    HOUR = 60 * 60,
    DAY = CLICK_DAY_SECONDS,
    LONGEST_MONTH = 31,
};

/* The latest time whose unit ends within RFC3339_MAX. */
#define LAST (RFC3339_MAX - LONGEST_MONTH * (int64_t)DAY)

const char *stats_unit_name(enum stats_unit unit)
{
    static const char *const names[] = { "hour", "day", "month" };
    return names[unit];
}

bool stats_unit_read(struct slice name, enum stats_unit *out)
{
    static const enum stats_unit units[] = { STATS_HOUR, STATS_DAY, STATS_MONTH };
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (slice_eq(name, slice_of(stats_unit_name(units[i])))) {
            *out = units[i];
            return true;
        }
    }
    return false;
}

int64_t stats_unit_begin(enum stats_unit unit, int64_t at)
{
    if (unit == STATS_MONTH)
        return (int64_t)click_month_of(click_day_of(at)) * DAY;
    int64_t size = unit == STATS_HOUR ? HOUR : DAY;
    return at / size * size;
}

int64_t stats_unit_next(enum stats_unit unit, int64_t at)
{
    int64_t begin = stats_unit_begin(unit, at);
    if (unit == STATS_MONTH)
        return (int64_t)click_month_of(click_day_of(begin) + LONGEST_MONTH) * DAY;
    return begin + (unit == STATS_HOUR ? HOUR : DAY);
}

/* The default start of a series that ends with the unit of `to`. */
static int64_t default_from(enum stats_unit unit, int64_t to)
{
    static const int64_t back[] = {
        [STATS_HOUR] = 47 * (int64_t)HOUR,
        [STATS_DAY] = 29 * (int64_t)DAY,
        [STATS_MONTH] = 320 * (int64_t)DAY, /* the middle of the eleventh month before */
    };
    int64_t begin = stats_unit_begin(unit, to);
    return begin > back[unit] ? begin - back[unit] : 0;
}

bool stats_range_make(enum stats_unit unit, int64_t from, int64_t to, int64_t now,
                      struct stats_range *out)
{
    if (to == STATS_NO_TIME)
        to = now;
    if (to < 0 || to > LAST)
        return false;
    if (from == STATS_NO_TIME)
        from = default_from(unit, to);
    if (from < 0)
        return false;
    *out = (struct stats_range){
        .unit = unit,
        .from = stats_unit_begin(unit, from),
        .end = stats_unit_next(unit, to),
    };
    if (out->from >= out->end)
        return false;
    unsigned n = 0;
    for (int64_t at = out->from; at < out->end && n <= STATS_BUCKETS_MAX; n++)
        at = stats_unit_next(unit, at);
    return n <= STATS_BUCKETS_MAX;
}
