/* SPDX-License-Identifier: MIT */
/* Time zones: files made here, and every zone of the system compared with the C library. */
#include <fts.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "files/zone_file.h"
#include "support/arena_state.h"
#include "text/rfc3339.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

enum {
    ARENA_MAX = 1 << 20,
    ZONES_MIN = 300, /* of a whole database */
    TWO_WEEKS = 14 * 24 * 3600,
};

/* 2100-01-01, far behind the last change that a file lists. */
#define FAR INT64_C(4102444800)

static int setup(void **state)
{
    return arena_state_make(state, ARENA_MAX);
}

/* --- files --- */

/* A header, as version 2, with these counts. */
static size_t put_head(char *at, const unsigned char counts[6])
{
    static const char magic[] = { 'T', 'Z', 'i', 'f', '2' };
    memset(at, 0, 44);
    memcpy(at, magic, sizeof(magic));
    for (unsigned i = 0; i < 6; i++)
        at[20 + i * 4 + 3] = (char)counts[i];
    return 44;
}

/* A file with the types UTC and one hour ahead, of which the second is in use from the time 16,
 * and this last line. */
static struct slice make_file(char *file, const char *rule)
{
    static const unsigned char none[6] = { 0 };
    static const unsigned char counts[6] = { 0, 0, 0, 1, 2, 4 };
    static const char block[] = "\0\0\0\0\0\0\0\x10\1\0\0\0\0\0\0\0\0\x0E\x10\1\0UTC";
    size_t n = put_head(file, none);
    n += put_head(file + n, counts);
    memcpy(file + n, block, sizeof(block));
    n += sizeof(block);
    size_t length = strlen(rule);
    memcpy(file + n, rule, length + 1);
    return (struct slice){ file, n + length };
}

static const struct {
    const char *rule;
    bool valid;
    const char *at;
    int offset;
} rules[] = {
    { "\n\n", true, "2026-07-01", 3600 },
    { "\nUTC0\n", true, "2026-07-01", 0 },
    { "\n<+0330>-3:30\n", true, "2026-07-01", 12600 },
    { "\nNST3:30NDT,M3.2.0,M11.1.0\n", true, "2026-07-01", -9000 },
    { "\nNST3:30NDT,M3.2.0,M11.1.0\n", true, "2026-12-01", -12600 },
    { "\nNST3:30NDT,M3.2.0,M11.1.0\n", true, "2026-03-08T05:29:59Z", -12600 },
    { "\nNST3:30NDT,M3.2.0,M11.1.0\n", true, "2026-03-08T05:30:00Z", -9000 },
    { "\nCET-1CEST,M3.5.0,M10.5.0/3\n", true, "2026-10-25T00:59:59Z", 7200 },
    { "\nCET-1CEST,M3.5.0,M10.5.0/3\n", true, "2026-10-25T01:00:00Z", 3600 },
    /* Summer over the turn of the year. */
    { "\nAEST-10AEDT,M10.1.0,M4.1.0/3\n", true, "2026-01-01", 39600 },
    { "\nAEST-10AEDT,M10.1.0,M4.1.0/3\n", true, "2026-07-01", 36000 },
    /* Winter time as the exception, as in Ireland. */
    { "\nIST-1GMT0,M10.5.0,M3.5.0/1\n", true, "2026-07-01", 3600 },
    { "\nIST-1GMT0,M10.5.0,M3.5.0/1\n", true, "2026-01-01", 0 },
    /* Times before midnight and of a later day. */
    { "\n<-02>2<-01>,M3.5.0/-1,M10.5.0/0\n", true, "2026-03-29T00:59:59Z", -7200 },
    { "\n<-02>2<-01>,M3.5.0/-1,M10.5.0/0\n", true, "2026-03-29T01:00:00Z", -3600 },
    { "\nEET-2EEST,M3.4.4/50,M10.4.4/50\n", true, "2026-03-27T23:59:59Z", 7200 },
    { "\nEET-2EEST,M3.4.4/50,M10.4.4/50\n", true, "2026-03-28T00:00:00Z", 10800 },
    /* Days of the year, with February 29 and without. */
    { "\nAAA0BBB,J60/0,J300/0\n", true, "2024-02-29T23:59:59Z", 0 },
    { "\nAAA0BBB,J60/0,J300/0\n", true, "2024-03-01T00:00:00Z", 3600 },
    { "\nAAA0BBB,59/0,299/0\n", true, "2024-02-29T00:00:00Z", 3600 },
    { "\nAAA0BBB,59/0,299/0\n", true, "2026-02-28T23:59:59Z", 0 },
    { "\nAAA0BBB,59/0,299/0\n", true, "2026-03-01T00:00:00Z", 3600 },
    { "", false, NULL, 0 },
    { "\n", false, NULL, 0 },
    { "\nUTC\n", false, NULL, 0 },
    { "\nUTC0", false, NULL, 0 },
    { "\n<+03-3\n", false, NULL, 0 },
    { "\nCET-1CEST\n", false, NULL, 0 },
    { "\nCET-1CEST,M3.5.0\n", false, NULL, 0 },
    { "\nCET-1CEST,M13.5.0,M10.5.0\n", false, NULL, 0 },
    { "\nCET-1CEST,M3.6.0,M10.5.0\n", false, NULL, 0 },
    { "\nCET-1CEST,M3.5.7,M10.5.0\n", false, NULL, 0 },
    { "\nCET-1CEST,J0,J1\n", false, NULL, 0 },
    { "\nCET-1CEST,366,1\n", false, NULL, 0 },
    { "\nCET-1CEST,M3.5.0/168,M10.5.0\n", false, NULL, 0 },
    { "\nCET-99\n", false, NULL, 0 },
};

static void rules_apply_after_the_last_change(void **state)
{
    char file[256];
    for (size_t i = 0; i < ROWS(rules); i++) {
        struct zone zone;
        int64_t at = 0;
        if (zone_parse(make_file(file, rules[i].rule), *state, &zone) != rules[i].valid)
            fail_msg("row %zu: %s", i, rules[i].rule);
        if (!rules[i].valid)
            continue;
        assert_true(rfc3339_parse(slice_of(rules[i].at), &at));
        if (zone_offset(&zone, at) != rules[i].offset)
            fail_msg("row %zu: %d", i, (int)zone_offset(&zone, at));
        assert_int_equal(zone_offset(&zone, 15), 0);
        if (!zone.has_rule)
            assert_int_equal(zone_offset(&zone, 16), 3600);
    }
}

static void a_truncated_file_is_refused(void **state)
{
    char file[256];
    struct zone zone;
    struct slice whole = make_file(file, "\nCET-1CEST,M3.5.0,M10.5.0/3\n");
    assert_true(zone_parse(whole, *state, &zone));
    for (size_t n = 0; n < whole.len; n++) {
        if (zone_parse((struct slice){ file, n }, *state, &zone))
            fail_msg("%zu bytes", n);
    }
}

/* --- names --- */

static const struct {
    const char *name;
    bool found;
    int offset; /* in July */
} names[] = {
    { "Europe/Berlin", true, 7200 },
    { "America/Argentina/Buenos_Aires", true, -10800 },
    { "Etc/GMT+5", true, -18000 },
    { "UTC", true, 0 },
    { "+05:30", true, 19800 },
    { "-03:30", true, -12600 },
    { "+24:00", false, 0 },
    { "+5:30", false, 0 },
    { "+05:60", false, 0 },
    { "", false, 0 },
    { "/", false, 0 },
    { "Europe", false, 0 },
    { "Europe/", false, 0 },
    { "/Europe/Berlin", false, 0 },
    { "Europe//Berlin", false, 0 },
    { "Europe/Paderborn", false, 0 },
    { "../../../etc/localtime", false, 0 },
    { "zone.tab", false, 0 },
    { "Europe/Berlin\n", false, 0 },
    { "leapseconds", false, 0 },
    { "a/very/long/name/that/no/zone/of/this/world/will/ever/be/given/by/anybody", false, 0 },
};

static void zones_are_found_by_name(void **state)
{
    int64_t july = 0;
    assert_true(rfc3339_parse(SLICE("2026-07-01"), &july));
    for (size_t i = 0; i < ROWS(names); i++) {
        struct zone zone;
        struct error why = { "" };
        if (zone_find(slice_of(names[i].name), *state, &zone, &why) != names[i].found)
            fail_msg("\"%s\"", names[i].name);
        if (names[i].found)
            assert_int_equal(zone_offset(&zone, july), names[i].offset);
        else
            assert_true(why.text[0] == 'i');
    }
}

/* --- the system's zones --- */

/* Compares with localtime_r, every two weeks from 1970 to 2060 and around each change. */
static void compare(const char *name, const struct zone *zone)
{
    setenv("TZ", name, 1);
    tzset();
    for (int64_t at = 0; at < FAR; at += at < FAR / 2 ? TWO_WEEKS : 7 * TWO_WEEKS) {
        time_t seconds = (time_t)at;
        struct tm tm;
        assert_non_null(localtime_r(&seconds, &tm));
        if (zone_offset(zone, at) != tm.tm_gmtoff)
            fail_msg("%s at %lld: %d, but %ld", name, (long long)at, (int)zone_offset(zone, at),
                     tm.tm_gmtoff);
        int64_t begin = zone_day_begin(zone, zone_day(zone, at));
        if (begin > at || zone_day(zone, begin) != zone_day(zone, at) ||
            zone_day(zone, begin - 1) >= zone_day(zone, at))
            fail_msg("%s: the day of %lld", name, (long long)at);
    }
}

static void every_zone_is_as_in_the_c_library(void **state)
{
    (void)state;
    char *const roots[] = { (char[]){ ZONE_DIRECTORY }, NULL };
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    unsigned n = 0;
    assert_non_null(tree);
    for (FTSENT *entry = fts_read(tree); entry; entry = fts_read(tree)) {
        struct arena *arena = arena_new(ARENA_MAX);
        struct zone zone;
        struct error why;
        const char *name = entry->fts_path + strlen(ZONE_DIRECTORY) + 1;
        bool candidate = entry->fts_info == FTS_F && !strstr(name, "right/");
        if (candidate && zone_find(slice_of(name), arena, &zone, &why)) {
            compare(name, &zone);
            n++;
        }
        arena_free(&arena);
    }
    fts_close(tree);
    if (n < ZONES_MIN)
        fail_msg("only %u zones", n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rules_apply_after_the_last_change, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(a_truncated_file_is_refused, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(zones_are_found_by_name, setup, arena_state_free),
        cmocka_unit_test(every_zone_is_as_in_the_c_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
