/* SPDX-License-Identifier: MIT */
/* The range of hours, days or months of a statistic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "service/stats_range.h"
#include "text/rfc3339.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define NOW         "2026-11-22T08:30:00Z"

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
} ranges[] = {
    /* Both ends are included. */
    { STATS_DAY, "2026-11-01", "2026-11-01", "2026-11-01", "2026-11-02", 1 },
    { STATS_DAY, "2026-11-01", "2026-11-02", "2026-11-01", "2026-11-03", 2 },
    { STATS_DAY, "2026-11-01T23:59:59Z", "2026-11-02T00:00:00Z", "2026-11-01", "2026-11-03", 2 },
    { STATS_HOUR, "2026-11-01T07:59:59Z", "2026-11-01T08:00:00Z", "2026-11-01T07:00:00Z",
      "2026-11-01T09:00:00Z", 2 },
    { STATS_MONTH, "2026-01-31", "2026-02-01", "2026-01-01", "2026-03-01", 2 },
    { STATS_MONTH, "2025-12-31", "2025-12-31", "2025-12-01", "2026-01-01", 1 },
    { STATS_MONTH, "2023-12-05", "2024-03-05", "2023-12-01", "2024-04-01", 4 },
    { STATS_DAY, "2024-02-28", "2024-03-01", "2024-02-28", "2024-03-02", 3 },
    /* Times are converted to UTC. */
    { STATS_DAY, "2026-11-01T23:00:00-02:00", "2026-11-02", "2026-11-02", "2026-11-03", 1 },
    /* Defaults. */
    { STATS_HOUR, NULL, NULL, "2026-11-20T09:00:00Z", "2026-11-22T09:00:00Z", 48 },
    { STATS_DAY, NULL, NULL, "2026-10-24", "2026-11-23", 30 },
    { STATS_MONTH, NULL, NULL, "2025-12-01", "2026-12-01", 12 },
    { STATS_MONTH, NULL, "2024-02-29", "2023-03-01", "2024-03-01", 12 },
    { STATS_MONTH, NULL, "2026-12-31", "2026-01-01", "2027-01-01", 12 },
    { STATS_DAY, "2026-11-20", NULL, "2026-11-20", "2026-11-23", 3 },
    { STATS_DAY, NULL, "2026-01-10", "2025-12-12", "2026-01-11", 30 },
    { STATS_DAY, NULL, "1970-01-05", "1970-01-01", "1970-01-06", 5 },
    { STATS_DAY, "1970-01-01", "1970-01-01", "1970-01-01", "1970-01-02", 1 },
    /* Times in the future are allowed. */
    { STATS_DAY, "2027-01-01", "2027-01-02", "2027-01-01", "2027-01-03", 2 },
    /* Limits. */
    { STATS_DAY, "2021-06-02", "2026-11-22", "2021-06-02", "2026-11-23", 2000 },
    { STATS_DAY, "2021-06-01", "2026-11-22", NULL, NULL, 0 },
    { STATS_HOUR, "2026-08-31T01:00:00Z", "2026-11-22T08:00:00Z", "2026-08-31T01:00:00Z",
      "2026-11-22T09:00:00Z", 2000 },
    { STATS_HOUR, "2026-08-31T00:59:59Z", "2026-11-22T08:00:00Z", NULL, NULL, 0 },
    { STATS_MONTH, "1970-01-01", "2136-08-01", "1970-01-01", "2136-09-01", 2000 },
    { STATS_MONTH, "1970-01-01", "2136-09-01", NULL, NULL, 0 },
    { STATS_DAY, "2026-11-02", "2026-11-01", NULL, NULL, 0 },
    { STATS_DAY, "2026-12-01", NULL, NULL, NULL, 0 },
    { STATS_DAY, "1969-12-31", "1970-01-05", NULL, NULL, 0 },
    { STATS_DAY, NULL, "1969-12-31", NULL, NULL, 0 },
    { STATS_MONTH, "9999-01-01", "9999-11-30T23:59:59Z", "9999-01-01", "9999-12-01", 11 },
    { STATS_DAY, "9999-12-31", "9999-12-31", NULL, NULL, 0 },
    { STATS_DAY, NULL, "0001-01-01", NULL, NULL, 0 },
};

static void the_units_of_a_range(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(ranges); i++) {
        struct stats_range range;
        bool good = stats_range_make(ranges[i].unit, time_of(ranges[i].from), time_of(ranges[i].to),
                                     time_of(NOW), &range);
        if (good != (ranges[i].begin != NULL))
            fail_msg("row %zu", i);
        if (!good)
            continue;
        unsigned n = 0;
        for (int64_t at = range.from; at < range.end; at = stats_unit_next(range.unit, at))
            n++;
        if (range.unit != ranges[i].unit || range.from != time_of(ranges[i].begin) ||
            range.end != time_of(ranges[i].end) || n != ranges[i].n)
            fail_msg("row %zu: %lld to %lld, %u units", i, (long long)range.from,
                     (long long)range.end, n);
    }
}

static void units_have_names(void **state)
{
    (void)state;
    static const enum stats_unit all[] = { STATS_HOUR, STATS_DAY, STATS_MONTH };
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
