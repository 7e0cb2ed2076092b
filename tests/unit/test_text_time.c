/* SPDX-License-Identifier: MIT */
/* Dates of RFC 3339, and durations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "text/duration.h"
#include "text/rfc3339.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const struct {
    int line;
    const char *text;
    int64_t seconds;
} dates[] = {
    { __LINE__, "1970-01-01T00:00:00Z", 0 },
    { __LINE__, "1969-12-31T23:59:59Z", -1 },
    { __LINE__, "2026-11-22T08:00:00Z", 1795334400 },
    { __LINE__, "2026-11-22t08:00:00z", 1795334400 },
    { __LINE__, "2026-11-22T08:00:00+00:00", 1795334400 },
    { __LINE__, "2026-11-22T08:00:00-00:00", 1795334400 },
    { __LINE__, "2026-11-22T09:30:00+01:30", 1795334400 },
    { __LINE__, "2026-11-21T22:00:00-10:00", 1795334400 },
    { __LINE__, "2026-11-23T07:59:00+23:59", 1795334400 },
    { __LINE__, "2026-11-22T08:00:00.999999999999Z", 1795334400 },
    { __LINE__, "1969-12-31T23:59:59.9Z", -1 },
    { __LINE__, "2026-11-22", 1795305600 },
    { __LINE__, "2000-02-29T00:00:00Z", 951782400 },
    { __LINE__, "2024-02-29T23:59:59Z", 1709251199 },
    { __LINE__, "2024-03-01T00:00:00Z", 1709251200 },
    { __LINE__, "2023-02-28T23:59:59Z", 1677628799 },
    { __LINE__, "2023-03-01T00:00:00Z", 1677628800 },
    { __LINE__, "2100-02-28T23:59:59Z", 4107542399 },
    { __LINE__, "2100-03-01T00:00:00Z", 4107542400 },
    { __LINE__, "2038-01-19T03:14:08Z", INT64_C(1) << 31 },
    { __LINE__, "2106-02-07T06:28:16Z", INT64_C(1) << 32 },
    { __LINE__, "1600-12-31T23:59:59Z", -11644473601 },
    { __LINE__, "0001-01-01T00:00:00Z", RFC3339_MIN },
    { __LINE__, "0001-01-01T00:00:00-00:01", RFC3339_MIN + 60 },
    { __LINE__, "9999-12-31T23:59:59Z", RFC3339_MAX },
    { __LINE__, "2016-12-31T23:59:60Z", 1483228800 },
    { __LINE__, "1990-12-31T15:59:60-08:00", 662688000 },
    { __LINE__, "2015-07-01T08:59:60.5+09:00", 1435708800 },
};

static void dates_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(dates); i++) {
        int64_t seconds = 42;
        if (!rfc3339_parse(slice_of(dates[i].text), &seconds) || seconds != dates[i].seconds)
            fail_msg("line %d: %lld", dates[i].line, (long long)seconds);
    }
}

static const char *const no_dates[] = {
    "",
    "now",
    "1795334400",
    "2026-11-22T",
    "2026-11-22T08",
    "2026-11-22T08:00",
    "2026-11-22T08:00:00",
    "2026-11-22T08:00Z",
    "2026-11-22 08:00:00Z",
    "2026-11-22_08:00:00Z",
    "2026-11-22Z",
    " 2026-11-22T08:00:00Z",
    "2026-11-22T08:00:00Z ",
    "2026-11-22T08:00:00ZZ",
    "2026-11-22T08:00:00+0100",
    "2026-11-22T08:00:00+01",
    "2026-11-22T08:00:00+1:00",
    "2026-11-22T08:00:00+24:00",
    "2026-11-22T08:00:00+01:60",
    "2026-11-22T08:00:00\u221201:00",
    "2026-11-22T08:00:00.Z",
    "2026-11-22T08:00:00,5Z",
    "2026-11-22T24:00:00Z",
    "2026-11-22T23:60:00Z",
    "2026-11-22T23:59:61Z",
    "2026-11-22T23:59:60Z",      /* no end of a month */
    "2026-11-30T22:59:60Z",      /* no end of a day */
    "2026-11-30T23:59:60+01:00", /* nor this one, in UTC */
    "2026-11-00T00:00:00Z",
    "2026-11-31T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2100-02-29",
    "0000-12-31T00:00:00Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "9999-12-31T23:59:60Z",
    "10000-01-01T00:00:00Z",
    "-2026-11-22T08:00:00Z",
    "+2026-11-22T08:00:00Z",
    "26-11-22T08:00:00Z",
    "2026-1-22T08:00:00Z",
    "2026-11-2",
    "2026/11/22",
    "20261122T080000Z",
    "2026-W47-7",
    "2026-326",
    "Sun, 22 Nov 2026 08:00:00 GMT",
};

static void other_text_is_no_date(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(no_dates); i++) {
        int64_t seconds = 42;
        if (rfc3339_parse(slice_of(no_dates[i]), &seconds) || seconds != 42)
            fail_msg("\"%s\" is read as %lld", no_dates[i], (long long)seconds);
    }
    int64_t seconds;
    assert_false(rfc3339_parse(SLICE("2026-11-22T08:00:00Z\0"), &seconds));
}

static void a_cut_date_is_refused_without_reading_on(void **state)
{
    (void)state;
    const struct slice whole = SLICE("2026-11-22T08:00:00.25+01:00");
    for (size_t len = 0; len < whole.len; len++) {
        int64_t seconds;
        bool read = rfc3339_parse((struct slice){ whole.at, len }, &seconds);
        assert_int_equal(read, len == strlen("2026-11-22"));
    }
}

static void every_day_is_written_as_it_is_read(void **state)
{
    (void)state;
    static const char *const first = "0001-01-01", *const last = "9999-12-31";
    char text[RFC3339_SIZE], before[RFC3339_SIZE] = "";
    int64_t day = 86400, read;
    for (int64_t at = RFC3339_MIN; at <= RFC3339_MAX; at += day) {
        rfc3339_format(at + 86399, text);
        if (!rfc3339_parse(slice_of(text), &read) || read != at + 86399 ||
            strcmp(before, text) >= 0)
            fail_msg("%s is read as %lld", text, (long long)read);
        memcpy(before, text, sizeof before);
        if (at == RFC3339_MIN)
            assert_memory_equal(text, first, strlen(first));
    }
    assert_memory_equal(text, last, strlen(last));
}

static void dates_are_written(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *text;
    } rows[] = {
        { 0, "1970-01-01T00:00:00Z" },
        { -1, "1969-12-31T23:59:59Z" },
        { 1795334400, "2026-11-22T08:00:00Z" },
        { 951782400 + 3661, "2000-02-29T01:01:01Z" },
        { RFC3339_MIN, "0001-01-01T00:00:00Z" },
        { RFC3339_MAX, "9999-12-31T23:59:59Z" },
        { RFC3339_MIN - 1, "0001-01-01T00:00:00Z" },
        { RFC3339_MAX + 1, "9999-12-31T23:59:59Z" },
        { INT64_MIN, "0001-01-01T00:00:00Z" },
        { INT64_MAX, "9999-12-31T23:59:59Z" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[RFC3339_SIZE];
        rfc3339_format(rows[i].seconds, text);
        assert_string_equal(text, rows[i].text);
    }
}

static void faults_have_their_reason(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text;
        const char *fault; /* the beginning of the fault's text */
    } rows[] = {
        { __LINE__, "", "is empty" },
        { __LINE__, "soon", "does not begin with a date" },
        { __LINE__, "2027-1-1", "does not begin with a date" },
        { __LINE__, "1800000000", "does not begin with a date" },
        { __LINE__, "2027-02-30", "names a day that does not exist" },
        { __LINE__, "2027-13-01T00:00:00Z", "names a day that does not exist" },
        { __LINE__, "2027-01-01 00:00:00", "has a space instead of a T" },
        { __LINE__, "2027-01-01x", "has no time of day" },
        { __LINE__, "2027-01-01T", "has no time of day" },
        { __LINE__, "2027-01-01T08:00Z", "has no time of day" },
        { __LINE__, "2027-01-01T24:00:00Z", "names a time of day that does not exist" },
        { __LINE__, "2027-01-01T08:60:00Z", "names a time of day that does not exist" },
        { __LINE__, "2027-01-01T00:00:00", "has no time zone" },
        { __LINE__, "2027-01-01T00:00:00.5", "has no time zone" },
        { __LINE__, "2027-01-01T00:00:00 Z", "has a time zone that is neither" },
        { __LINE__, "2027-01-01T00:00:00+0200", "has a time zone that is neither" },
        { __LINE__, "2027-01-01T00:00:00+25:00", "has a time zone that is neither" },
        { __LINE__, "2027-01-01T00:00:00Zulu", "has a time zone that is neither" },
        { __LINE__, "2027-01-02T23:59:60Z", "names a leap second that does not exist" },
        { __LINE__, "9999-12-31T23:59:59-01:00", "is before the year 1 or past" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct slice text = slice_of(rows[i].text);
        int64_t seconds;
        const char *fault = rfc3339_fault(text);
        if (rfc3339_parse(text, &seconds) ||
            strncmp(fault, rows[i].fault, strlen(rows[i].fault)) != 0)
            fail_msg("line %d: %s", rows[i].line, fault);
    }
}

static void durations_are_read(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *text;
        int64_t ms; /* -1: refused */
    } rows[] = {
        { __LINE__, "500ms", 500 },
        { __LINE__, "0ms", 0 },
        { __LINE__, "5s", 5000 },
        { __LINE__, "10m", 600000 },
        { __LINE__, "24h", 86400000 },
        { __LINE__, "7d", 604800000 },
        { __LINE__, "2w", 1209600000 },
        { __LINE__, "30", 30000 },
        { __LINE__, "0", 0 },
        { __LINE__, "007", 7000 },
        { __LINE__, "9223372036854775807ms", INT64_MAX },
        { __LINE__, "9223372036854775808ms", -1 },
        { __LINE__, "9223372036854775s", INT64_C(9223372036854775000) },
        { __LINE__, "9223372036854776s", -1 },
        { __LINE__, "106751991167d", INT64_C(106751991167) * 86400000 },
        { __LINE__, "106751991168d", -1 },
        { __LINE__, "99999999999999999999999", -1 },
        { __LINE__, "", -1 },
        { __LINE__, "s", -1 },
        { __LINE__, "-1s", -1 },
        { __LINE__, "+1s", -1 },
        { __LINE__, "1.5s", -1 },
        { __LINE__, "1 s", -1 },
        { __LINE__, " 1s", -1 },
        { __LINE__, "1s ", -1 },
        { __LINE__, "1S", -1 },
        { __LINE__, "1W", -1 },
        { __LINE__, "1us", -1 },
        { __LINE__, "1h30m", -1 },
        { __LINE__, "0x10", -1 },
        { __LINE__, "1e3", -1 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        int64_t ms = -1;
        bool read = duration_parse(slice_of(rows[i].text), &ms);
        if (read != (rows[i].ms >= 0) || ms != rows[i].ms)
            fail_msg("line %d: %lld", rows[i].line, (long long)ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_read),
        cmocka_unit_test(other_text_is_no_date),
        cmocka_unit_test(a_cut_date_is_refused_without_reading_on),
        cmocka_unit_test(every_day_is_written_as_it_is_read),
        cmocka_unit_test(dates_are_written),
        cmocka_unit_test(faults_have_their_reason),
        cmocka_unit_test(durations_are_read),
    };
    return cmocka_run_group_tests_name("dates and durations", tests, NULL, NULL);
}
