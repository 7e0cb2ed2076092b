/* SPDX-License-Identifier: MIT */
/* Times as other programs and spreadsheets write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "files/zone_file.h"
#include "text/rfc3339.h"
#include "transfer/import_change.h"
#include "transfer/time_text.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define ZONED        IMPORT_CHANGE_BIT(IMPORT_CHANGE_TIME_ZONE_ASSUMED)
#define TWICE        (ZONED | IMPORT_CHANGE_BIT(IMPORT_CHANGE_TIME_TWICE))
#define SKIPPED      (ZONED | IMPORT_CHANGE_BIT(IMPORT_CHANGE_TIME_SKIPPED_HOUR))
#define ZERO         IMPORT_CHANGE_BIT(IMPORT_CHANGE_TIME_ZERO)

static const struct {
    int line;
    const char *text;
    enum date_order order;
    const char *time; /* NULL: none; otherwise why it is refused, if it is no time */
    uint64_t changes;
} TIMES[] = {
    { __LINE__, "2026-11-29T10:00:00Z", 0, "2026-11-29T10:00:00Z", 0 },
    { __LINE__, "2026-11-29t10:00:00.25+01:00", 0, "2026-11-29T09:00:00Z", 0 },
    { __LINE__, "2020-10-26T17:20:40+0000", 0, "2020-10-26T17:20:40Z", 0 },
    { __LINE__, "2020-10-26T17:20:40-0330", 0, "2020-10-26T20:50:40Z", 0 },
    { __LINE__, "2020-10-26 17:20:40+02", 0, "2020-10-26T15:20:40Z", 0 },
    { __LINE__, "2020-10-26 17:20:40.123456+00", 0, "2020-10-26T17:20:40Z", 0 },
    { __LINE__, "2020-10-26 17:20:40 UTC", 0, "2020-10-26T17:20:40Z", 0 },
    { __LINE__, "2020-10-26 17:20:40 +0000 UTC", 0, "2020-10-26T17:20:40Z", 0 },
    { __LINE__, "2020-10-26 17:20 GMT", 0, "2020-10-26T17:20:00Z", 0 },
    { __LINE__, "2013-04-06 10:11:12", 0, "2013-04-06T10:11:12Z", ZONED },
    { __LINE__, " 2026-11-29 10:00 ", 0, "2026-11-29T10:00:00Z", ZONED },
    { __LINE__, "2026-11-29T10:00", 0, "2026-11-29T10:00:00Z", ZONED },
    { __LINE__, "2026-11-29", 0, "2026-11-29T00:00:00Z", ZONED },
    { __LINE__, "2026/11/29", 0, "2026-11-29T00:00:00Z", ZONED },
    { __LINE__, "2026/1/9 9:05", 0, "2026-01-09T09:05:00Z", ZONED },
    { __LINE__, "29.11.2026 10:00", 0, "2026-11-29T10:00:00Z", ZONED },
    { __LINE__, "3.4.2026", 0, "2026-04-03T00:00:00Z", ZONED },
    { __LINE__, "3.4.2026", DATE_ORDER_MDY, "2026-04-03T00:00:00Z", ZONED },
    { __LINE__, "29/11/2026 10:00", 0, "2026-11-29T10:00:00Z", ZONED },
    { __LINE__, "11/29/2026 10:00:01 PM", 0, "2026-11-29T22:00:01Z", ZONED },
    { __LINE__, "11/29/2026 12:00 am", 0, "2026-11-29T00:00:00Z", ZONED },
    { __LINE__, "11/29/2026, 12:30 PM", 0, "2026-11-29T12:30:00Z", ZONED },
    { __LINE__, "4/4/2026", 0, "2026-04-04T00:00:00Z", ZONED },
    { __LINE__, "03/04/2026", DATE_ORDER_DMY, "2026-04-03T00:00:00Z", ZONED },
    { __LINE__, "03/04/2026", DATE_ORDER_MDY, "2026-03-04T00:00:00Z", ZONED },
    { __LINE__, "03/04/2026", 0,
      "does not say which number is the month: use --date-order dmy or mdy", 0 },
    { __LINE__, "13/04/2026", DATE_ORDER_MDY,
      "is not a time that is known, such as 2026-11-29T10:00:00Z", 0 },
    { __LINE__, "1365243072", 0, "2013-04-06T10:11:12Z", 0 },
    { __LINE__, "1365243072999", 0, "2013-04-06T10:11:12Z", 0 },
    { __LINE__, "0000-00-00 00:00:00", 0, NULL, ZERO },
    { __LINE__, "0000-00-00", 0, NULL, ZERO },
    { __LINE__, "1969-12-31 10:00", 0, "is before 1970", 0 },
    { __LINE__, "1970-01-01T00:00:00Z", 0, "is before 1970", 0 },
};

static const char *const REFUSED[] = {
    "",
    "soon",
    "2026",
    "20261129",
    "44529.5",
    "2026-13-01",
    "2026-02-30",
    "2026-00-10",
    "26-11-29",
    "29.11.26",
    "2026-11-29 24:00",
    "2026-11-29 10:60",
    "2026-11-29 10:00:60",
    "2026-11-29 10",
    "2026-11-29 10:00:00.",
    "2026-11-29 13:00 PM",
    "2026-11-29 10:00 CET",
    "2026-11-29 10:00 +1",
    "2026-11-29 10:00 +2460",
    "2026-11-29 10:00Zx",
    "2026-11/29",
    "2026-11-29x",
    "29/11-2026",
    "99999999999999999999",
    "-1365243072",
};

static void times_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(TIMES); i++) {
        const struct time_rules rules = { .order = TIMES[i].order };
        const char *why = NULL;
        int64_t seconds = -1;
        uint64_t changes = 0;
        char text[RFC3339_SIZE] = "";
        if (time_text_parse(slice_of(TIMES[i].text), &rules, &seconds, &changes, &why)) {
            if (seconds)
                rfc3339_format(seconds, text);
            why = text;
            if (changes != TIMES[i].changes)
                fail_msg("line %d: changes %llx", TIMES[i].line, (unsigned long long)changes);
        }
        if (!slice_eq(slice_of(why), slice_of(TIMES[i].time)))
            fail_msg("line %d: %s", TIMES[i].line, why);
    }
    for (size_t i = 0; i < COUNT(REFUSED); i++) {
        const struct time_rules rules = { .order = DATE_ORDER_UNKNOWN };
        const char *why = NULL;
        int64_t seconds;
        uint64_t changes = 0;
        if (time_text_parse(slice_of(REFUSED[i]), &rules, &seconds, &changes, &why) || !why)
            fail_msg("%s", REFUSED[i]);
    }
}

/* Times of a zone's clocks, those that they show twice or not at all among them. */
static const struct {
    int line;
    const char *zone;
    const char *text, *time;
    uint64_t changes;
} ZONED_TIMES[] = {
    { __LINE__, "Europe/Berlin", "2026-01-10 10:00", "2026-01-10T09:00:00Z", ZONED },
    { __LINE__, "Europe/Berlin", "2026-07-10 10:00", "2026-07-10T08:00:00Z", ZONED },
    { __LINE__, "Europe/Berlin", "2026-07-10", "2026-07-09T22:00:00Z", ZONED },
    { __LINE__, "Europe/Berlin", "2026-07-10 10:00Z", "2026-07-10T10:00:00Z", 0 },
    /* the clocks go from 2:00 to 3:00 on 2026-03-29, and from 3:00 to 2:00 on 2026-10-25 */
    { __LINE__, "Europe/Berlin", "2026-03-29 01:59:59", "2026-03-29T00:59:59Z", ZONED },
    { __LINE__, "Europe/Berlin", "2026-03-29 02:30", "2026-03-29T01:30:00Z", SKIPPED },
    { __LINE__, "Europe/Berlin", "2026-03-29 03:00", "2026-03-29T01:00:00Z", ZONED },
    { __LINE__, "Europe/Berlin", "2026-10-25 01:59:59", "2026-10-24T23:59:59Z", ZONED },
    { __LINE__, "Europe/Berlin", "2026-10-25 02:30", "2026-10-25T00:30:00Z", TWICE },
    { __LINE__, "Europe/Berlin", "2026-10-25 03:00", "2026-10-25T02:00:00Z", ZONED },
    { __LINE__, "America/New_York", "2026-03-08 02:30", "2026-03-08T07:30:00Z", SKIPPED },
    { __LINE__, "America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00Z", TWICE },
    { __LINE__, "Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45:00Z", TWICE },
    /* Samoa had no 30 December 2011 */
    { __LINE__, "Pacific/Apia", "2011-12-29 12:00", "2011-12-29T22:00:00Z", ZONED },
    { __LINE__, "Pacific/Apia", "2011-12-30 12:00", "2011-12-30T22:00:00Z", SKIPPED },
    { __LINE__, "Pacific/Apia", "2011-12-31 12:00", "2011-12-30T22:00:00Z", ZONED },
    { __LINE__, "+05:30", "2026-07-10 10:00", "2026-07-10T04:30:00Z", ZONED },
};

static void times_without_an_offset_are_of_the_zone(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ZONED_TIMES); i++) {
        struct arena *arena = arena_new(1024 * 1024);
        struct zone zone;
        struct error err = { "" };
        if (!zone_find(slice_of(ZONED_TIMES[i].zone), arena, &zone, &err))
            fail_msg("%s %s", ZONED_TIMES[i].zone, err.text);
        const struct time_rules rules = { .zone = &zone };
        const char *why = "";
        int64_t seconds = 0;
        uint64_t changes = 0;
        char text[RFC3339_SIZE];
        assert_true(
            time_text_parse(slice_of(ZONED_TIMES[i].text), &rules, &seconds, &changes, &why));
        rfc3339_format(seconds, text);
        if (!slice_eq(slice_of(text), slice_of(ZONED_TIMES[i].time)) ||
            changes != ZONED_TIMES[i].changes)
            fail_msg("line %d: %s %llx", ZONED_TIMES[i].line, text, (unsigned long long)changes);
        arena_free(&arena);
    }
}

static const struct {
    const char *text;
    int64_t seconds; /* 0: refused */
} DURATIONS[] = {
    { "90s", 90 },
    { "2 hours", 7200 },
    { "1 Hour", 3600 },
    { "30min", 1800 },
    { "5 minutes", 300 },
    { "7 days", 604800 },
    { "1d", 86400 },
    { "2w", 1209600 },
    { "1 month", 2592000 },
    { "2 years", 63072000 },
    { "1 fortnight", 0 },
    { "hour", 0 },
    { "2", 0 },
    { "-2 hours", 0 },
    { "2 hours ago", 0 },
    { "2ds", 0 },
    { "", 0 },
    { "9999999999 days", 0 },
};

static void durations_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(DURATIONS); i++) {
        int64_t seconds = 0;
        bool read = time_text_parse_duration(slice_of(DURATIONS[i].text), &seconds);
        if (read != (DURATIONS[i].seconds != 0) || seconds != DURATIONS[i].seconds)
            fail_msg("%s: %lld", DURATIONS[i].text, (long long)seconds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(times_without_an_offset_are_of_the_zone),
        cmocka_unit_test(durations_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
