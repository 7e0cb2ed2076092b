/* SPDX-License-Identifier: MIT */
/* Statistics in JSON and CSV. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "service/stats_text.h"
#include "support/arena_state.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

enum {
    ARENA_MAX = 16 << 20,
};

static int setup(void **state)
{
    return arena_state_make(state, ARENA_MAX);
}

/* Two days of a link, and one referrer. */
struct sample {
    struct stats_bucket buckets[2];
    struct click_value referrer;
    struct statistics statistics;
};

static void make(struct sample *sample, struct slice referrer)
{
    *sample = (struct sample){
        .buckets = { { 0, { 0, 0, 0 } }, { 86400, { 5, 3, 2 } } },
        .referrer = { referrer, 4 },
    };
    sample->statistics = (struct statistics){
        .link = { .code = SLICE("abc"), .clicks = 1005, .clicks_imported = 1000 },
        .query = { .range = { .unit = STATS_DAY, .from = 0, .end = INT64_C(2) * 86400 },
                   .by = 1 << CLICK_BY_REFERRER | 1 << CLICK_BY_OS,
                   .top = 1 },
        .total = { 5, 3, 2 },
        .buckets = sample->buckets,
        .n = 2,
    };
    sample->statistics.by[CLICK_BY_REFERRER] = (struct stats_breakdown){ &sample->referrer, 1, 1 };
}

static void assert_text(struct slice got, const char *expected)
{
    if (!slice_eq(got, slice_of(expected)))
        fail_msg("%.*s", SLICE_ARG(got));
}

static void as_json(void **state)
{
    struct sample sample;
    make(&sample, SLICE("a.example"));
    assert_text(stats_json(&sample.statistics, *state),
                "{\"code\":\"abc\",\"from\":\"1970-01-01T00:00:00Z\","
                "\"to\":\"1970-01-03T00:00:00Z\",\"unit\":\"day\","
                "\"zone\":{\"name\":\"UTC\",\"utc_until\":null},"
                "\"clicks\":5,\"visitors\":3,\"bots\":2,\"clicks_imported\":1000,"
                "\"series\":["
                "{\"at\":\"1970-01-01T00:00:00Z\",\"clicks\":0,\"visitors\":0,\"bots\":0},"
                "{\"at\":\"1970-01-02T00:00:00Z\",\"clicks\":5,\"visitors\":3,\"bots\":2}],"
                "\"by\":{\"referrer\":[{\"value\":\"a.example\",\"clicks\":4},"
                "{\"value\":\"other\",\"clicks\":1}],\"os\":[]}}");
    sample.statistics.query.by = 0;
    assert_non_null(strstr(stats_json(&sample.statistics, *state).at, "],\"by\":{}}"));
    sample.statistics.link.clicks_imported = 0;
    assert_non_null(strstr(stats_json(&sample.statistics, *state).at, ",\"clicks_imported\":0,"));
}

static void in_a_time_zone(void **state)
{
    static const struct zone zone = { .first = -(3 * 3600 + 30 * 60) };
    struct sample sample;
    make(&sample, SLICE("a.example"));
    sample.statistics.query.range.zone = &zone;
    sample.statistics.query.range.zone_name = SLICE("America/St_Johns");
    sample.statistics.utc_until = 1;
    struct slice json = stats_json(&sample.statistics, *state);
    struct slice csv = stats_csv(&sample.statistics, *state);
    static const char *const said[] = {
        "\"from\":\"1969-12-31T20:30:00-03:30\"",
        "\"zone\":{\"name\":\"America/St_Johns\",\"utc_until\":\"1970-01-02\"}",
        "{\"at\":\"1970-01-01T20:30:00-03:30\"",
    };
    for (size_t i = 0; i < ROWS(said); i++) {
        if (!strstr(json.at, said[i]))
            fail_msg("%s in %.*s", said[i], SLICE_ARG(json));
    }
    assert_non_null(strstr(csv.at, "series,1970-01-01T20:30:00-03:30,5,3,2\r\n"));
}

static void as_csv(void **state)
{
    struct sample sample;
    make(&sample, SLICE("a.example"));
    assert_text(stats_csv(&sample.statistics, *state), "section,value,clicks,visitors,bots\r\n"
                                                       "total,,5,3,2\r\n"
                                                       "imported,,1000,,\r\n"
                                                       "series,1970-01-01T00:00:00Z,0,0,0\r\n"
                                                       "series,1970-01-02T00:00:00Z,5,3,2\r\n"
                                                       "referrer,\"a.example\",4,,\r\n"
                                                       "referrer,\"other\",1,,\r\n");
    sample.statistics.link.clicks_imported = 0;
    assert_null(strstr(stats_csv(&sample.statistics, *state).at, "imported"));
}

/* Values that need escaping. */
static const struct {
    struct slice value;
    const char *json;
    const char *csv;
} values[] = {
    { SLICE("a.example"), "\"a.example\"", "\"a.example\"" },
    { SLICE("say \"hi\""), "\"say \\\"hi\\\"\"", "\"say \"\"hi\"\"\"" },
    { SLICE("a,b"), "\"a,b\"", "\"a,b\"" },
    { SLICE("=1+1"), "\"=1+1\"", "\"'=1+1\"" },
    { SLICE("+1"), "\"+1\"", "\"'+1\"" },
    { SLICE("-1"), "\"-1\"", "\"'-1\"" },
    { SLICE("@SUM(A1)"), "\"@SUM(A1)\"", "\"'@SUM(A1)\"" },
    { SLICE("\tx"), "\"\\tx\"", "\"'\tx\"" },
    { SLICE("\nx"), "\"\\nx\"", "\"'\nx\"" },
    { SLICE("a=b"), "\"a=b\"", "\"a=b\"" },
    { SLICE("\0x"), "\"\\u0000x\"", NULL },
    { SLICE("\xFF"), "\"\xEF\xBF\xBD\"", NULL },
};

static void odd_values(void **state)
{
    for (size_t i = 0; i < ROWS(values); i++) {
        struct sample sample;
        make(&sample, values[i].value);
        struct slice json = stats_json(&sample.statistics, *state);
        struct slice csv = stats_csv(&sample.statistics, *state);
        if (!strstr(json.at, values[i].json))
            fail_msg("row %zu: %.*s", i, SLICE_ARG(json));
        if (values[i].csv && !strstr(csv.at, values[i].csv))
            fail_msg("row %zu: %.*s", i, SLICE_ARG(csv));
    }
}

/* The longest statistics. */
static void the_longest(void **state)
{
    static struct stats_bucket buckets[STATS_BUCKETS_MAX];
    static struct click_value referrers[STATS_TOP_MAX];
    char name[CLICK_REFERRER_MAX];
    const struct click_counts most = { CLICK_COUNT_MAX, CLICK_COUNT_MAX, CLICK_COUNT_MAX };
    memset(name, '\1', sizeof(name));
    struct statistics statistics = {
        .link = { .code = SLICE("abc") },
        .query = { .by = STATS_ALL_DIMENSIONS },
        .buckets = buckets,
        .n = STATS_BUCKETS_MAX,
    };
    for (unsigned i = 0; i < STATS_BUCKETS_MAX; i++)
        buckets[i].counts = most;
    for (unsigned i = 0; i < STATS_TOP_MAX; i++)
        referrers[i] = (struct click_value){ { name, sizeof(name) }, CLICK_COUNT_MAX };
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++)
        statistics.by[i] = (struct stats_breakdown){ referrers, STATS_TOP_MAX, 1 };
    assert_true(stats_json(&statistics, *state).len > 0);
    assert_true(stats_csv(&statistics, *state).len > 0);
}

static void a_full_arena_is_reported(void **state)
{
    (void)state;
    struct sample sample;
    struct arena *arena = arena_new(64);
    make(&sample, SLICE("a.example"));
    assert_int_equal(stats_json(&sample.statistics, arena).len, 0);
    assert_int_equal(stats_csv(&sample.statistics, arena).len, 0);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(as_json, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(in_a_time_zone, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(as_csv, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(odd_values, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(the_longest, setup, arena_state_free),
        cmocka_unit_test(a_full_arena_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
