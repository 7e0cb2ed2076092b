/* SPDX-License-Identifier: MIT */
/* The range of hours, days, weeks or months of a statistic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "files/zone_file.h"
#include "service/stats_range.h"
#include "text/rfc3339.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define NOW         "2026-11-22T08:30:00Z"

enum {
    ARENA_MAX = 1 << 20,
};

static int64_t time_of(const char *text)
{
    int64_t at = STATS_NO_TIME;
    if (text && !rfc3339_parse(slice_of(text), &at))
        fail_msg("%s", text);
    return at;
}

static const struct {
    enum stats_unit unit;
    const char *from, *to;   /* NULL: not given */
    const char *begin, *end; /* NULL: refused */
    unsigned n;
    const char *zone; /* NULL: UTC */
} ranges[] = {
    /* Both ends are included. */
    { STATS_DAY, "2026-11-01", "2026-11-01", "2026-11-01", "2026-11-02", 1, NULL },
    { STATS_DAY, "2026-11-01", "2026-11-02", "2026-11-01", "2026-11-03", 2, NULL },
    { STATS_DAY, "2026-11-01T23:59:59Z", "2026-11-02T00:00:00Z", "2026-11-01", "2026-11-03", 2,
      NULL },
    { STATS_HOUR, "2026-11-01T07:59:59Z", "2026-11-01T08:00:00Z", "2026-11-01T07:00:00Z",
      "2026-11-01T09:00:00Z", 2, NULL },
    { STATS_MONTH, "2026-01-31", "2026-02-01", "2026-01-01", "2026-03-01", 2, NULL },
    { STATS_MONTH, "2025-12-31", "2025-12-31", "2025-12-01", "2026-01-01", 1, NULL },
    { STATS_MONTH, "2023-12-05", "2024-03-05", "2023-12-01", "2024-04-01", 4, NULL },
    { STATS_DAY, "2024-02-28", "2024-03-01", "2024-02-28", "2024-03-02", 3, NULL },
    /* Times are converted to UTC. */
    { STATS_DAY, "2026-11-01T23:00:00-02:00", "2026-11-02", "2026-11-02", "2026-11-03", 1, NULL },
    /* Defaults. */
    { STATS_HOUR, NULL, NULL, "2026-11-20T09:00:00Z", "2026-11-22T09:00:00Z", 48, NULL },
    { STATS_DAY, NULL, NULL, "2026-10-24", "2026-11-23", 30, NULL },
    { STATS_MONTH, NULL, NULL, "2025-12-01", "2026-12-01", 12, NULL },
    { STATS_MONTH, NULL, "2024-02-29", "2023-03-01", "2024-03-01", 12, NULL },
    { STATS_MONTH, NULL, "2026-12-31", "2026-01-01", "2027-01-01", 12, NULL },
    { STATS_DAY, "2026-11-20", NULL, "2026-11-20", "2026-11-23", 3, NULL },
    { STATS_DAY, NULL, "2026-01-10", "2025-12-12", "2026-01-11", 30, NULL },
    { STATS_DAY, NULL, "1970-01-05", "1970-01-01", "1970-01-06", 5, NULL },
    { STATS_DAY, "1970-01-01", "1970-01-01", "1970-01-01", "1970-01-02", 1, NULL },
    /* Times in the future are allowed. */
    { STATS_DAY, "2027-01-01", "2027-01-02", "2027-01-01", "2027-01-03", 2, NULL },
    /* Limits. */
    { STATS_DAY, "2021-06-02", "2026-11-22", "2021-06-02", "2026-11-23", 2000, NULL },
    { STATS_DAY, "2021-06-01", "2026-11-22", NULL, NULL, 0, NULL },
    { STATS_HOUR, "2026-08-31T01:00:00Z", "2026-11-22T08:00:00Z", "2026-08-31T01:00:00Z",
      "2026-11-22T09:00:00Z", 2000, NULL },
    { STATS_HOUR, "2026-08-31T00:59:59Z", "2026-11-22T08:00:00Z", NULL, NULL, 0, NULL },
    { STATS_MONTH, "1970-01-01", "2136-08-01", "1970-01-01", "2136-09-01", 2000, NULL },
    { STATS_MONTH, "1970-01-01", "2136-09-01", NULL, NULL, 0, NULL },
    { STATS_DAY, "2026-11-02", "2026-11-01", NULL, NULL, 0, NULL },
    { STATS_DAY, "2026-12-01", NULL, NULL, NULL, 0, NULL },
    { STATS_DAY, "1969-12-31", "1970-01-05", NULL, NULL, 0, NULL },
    { STATS_DAY, NULL, "1969-12-31", NULL, NULL, 0, NULL },
    { STATS_MONTH, "9999-01-01", "9999-11-30T23:59:59Z", "9999-01-01", "9999-12-01", 11, NULL },
    { STATS_DAY, "9999-12-31", "9999-12-31", NULL, NULL, 0, NULL },
    { STATS_DAY, NULL, "0001-01-01", NULL, NULL, 0, NULL },
    /* Weeks begin on Monday. */
    { STATS_WEEK, "2026-11-29", "2026-11-29", "2026-11-23", "2026-11-30", 1, NULL },
    { STATS_WEEK, "2026-11-29", "2026-11-30", "2026-11-23", "2026-12-07", 2, NULL },
    { STATS_WEEK, NULL, NULL, "2026-08-31", "2026-11-23", 12, NULL },
    { STATS_WEEK, "1970-01-01", "1970-01-01", "1969-12-29", "1970-01-05", 1, NULL },
    { STATS_WEEK, "1988-07-25", "2026-11-22", "1988-07-25", "2026-11-23", 2000, NULL },
    { STATS_WEEK, "1988-07-24", "2026-11-22", NULL, NULL, 0, NULL },
    /* Days of 23 and of 25 hours: 2026-03-29 and 2026-10-25. */
    { STATS_DAY, "2026-03-28", "2026-03-30", "2026-03-27T23:00:00Z", "2026-03-30T22:00:00Z", 3,
      "Europe/Berlin" },
    { STATS_HOUR, "2026-03-29", "2026-03-29T21:00:00Z", "2026-03-28T23:00:00Z",
      "2026-03-29T22:00:00Z", 23, "Europe/Berlin" },
    { STATS_HOUR, "2026-10-25", "2026-10-25T22:59:59Z", "2026-10-24T22:00:00Z",
      "2026-10-25T23:00:00Z", 25, "Europe/Berlin" },
    { STATS_DAY, NULL, "2026-11-05", "2026-10-06T22:00:00Z", "2026-11-05T23:00:00Z", 30,
      "Europe/Berlin" },
    { STATS_DAY, NULL, "2026-04-10", "2026-03-11T23:00:00Z", "2026-04-10T22:00:00Z", 30,
      "Europe/Berlin" },
    { STATS_WEEK, "2026-03-29", "2026-03-29", "2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z", 1,
      "Europe/Berlin" },
    { STATS_MONTH, "2026-03-01", "2026-10-31", "2026-02-28T23:00:00Z", "2026-10-31T23:00:00Z", 8,
      "Europe/Berlin" },
    { STATS_MONTH, NULL, NULL, "2025-11-30T23:00:00Z", "2026-11-30T23:00:00Z", 12,
      "Europe/Berlin" },
    { STATS_DAY, "2026-11-01", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z", 1,
      "America/New_York" },
    { STATS_DAY, "2026-11-01", "2026-11-01", "2026-10-31T18:30:00Z", "2026-11-01T18:30:00Z", 1,
      "Asia/Kolkata" },
    /* A zone whose clocks are put forward at midnight: the day begins at 01:00. */
    { STATS_DAY, "2026-04-24", "2026-04-24", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z", 1,
      "Africa/Cairo" },
    /* A day that a zone left out has no length, and is passed over. */
    { STATS_DAY, "2011-12-29", "2011-12-31", "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z", 2,
      "Pacific/Apia" },
    { STATS_DAY, "1970-01-01", "1970-01-01", NULL, NULL, 0, "Asia/Tokyo" },
    { STATS_DAY, "1970-01-02", "1970-01-02", "1970-01-01T15:00:00Z", "1970-01-02T15:00:00Z", 1,
      "Asia/Tokyo" },
    { STATS_DAY, "2026-11-01", "2026-11-01", "2026-10-31T18:30:00Z", "2026-11-01T18:30:00Z", 1,
      "+05:30" },
};

/* The zone of a row, in `arena`; NULL: UTC. */
static const struct zone *zone_of(const char *name, struct arena *arena)
{
    struct error why = { "" };
    struct zone *zone = arena_alloc(arena, sizeof(*zone));
    if (name && !zone_find(slice_of(name), arena, zone, &why))
        fail_msg("%s %s", name, why.text);
    return name ? zone : NULL;
}

static int64_t time_in(const char *text, const struct zone *zone)
{
    int64_t at = STATS_NO_TIME;
    if (text && !stats_time_read(slice_of(text), zone, &at))
        fail_msg("%s", text);
    return at;
}

static void the_units_of_a_range(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(ranges); i++) {
        struct arena *arena = arena_new(ARENA_MAX);
        struct stats_range range = { .unit = ranges[i].unit,
                                     .zone = zone_of(ranges[i].zone, arena) };
        bool good = stats_range_set(&range, time_in(ranges[i].from, range.zone),
                                    time_in(ranges[i].to, range.zone), time_of(NOW));
        if (good != (ranges[i].begin != NULL))
            fail_msg("row %zu", i);
        unsigned n = 0;
        for (int64_t at = range.from; good && at < range.end; at = stats_unit_next(&range, at))
            n++;
        if (good && (range.from != time_of(ranges[i].begin) ||
                     range.end != time_of(ranges[i].end) || n != ranges[i].n))
            fail_msg("row %zu: %lld to %lld, %u units", i, (long long)range.from,
                     (long long)range.end, n);
        arena_free(&arena);
    }
}

static void units_have_names(void **state)
{
    (void)state;
    static const enum stats_unit all[] = { STATS_HOUR, STATS_DAY, STATS_WEEK, STATS_MONTH };
    static const char *const none[] = { "", "hours", "Day", "year", "mont" };
    for (size_t i = 0; i < ROWS(all); i++) {
        enum stats_unit unit = STATS_HOUR;
        assert_true(stats_unit_read(slice_of(stats_unit_name(all[i])), &unit));
        assert_int_equal(unit, all[i]);
    }
    for (size_t i = 0; i < ROWS(none); i++) {
        enum stats_unit unit = STATS_MONTH;
        assert_false(stats_unit_read(slice_of(none[i]), &unit));
        assert_int_equal(unit, STATS_MONTH);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_units_of_a_range),
        cmocka_unit_test(units_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
