/* SPDX-License-Identifier: MIT */
/* The record of a link's day: counting clicks, merging records, and compacting them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "click/breakdown.h"
#include "support/arena_state.h"
#include "support/between.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

enum {
    ARENA_MAX = 1 << 20,
    DAY = 20000, /* the UTC day that the events are of */
    HOUR_S = 3600,
};

static int setup(void **state)
{
    return arena_state_make(state, ARENA_MAX);
}

/* A pseudorandom hash (splitmix64); 0 for visitor 0, which means none. */
static uint64_t hash_of(uint64_t visitor)
{
    uint64_t z = visitor * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* A click on the day, `at` seconds into it. */
static struct click_event click(uint32_t at, uint64_t visitor)
{
    return (struct click_event){ .link_id = 7,
                                 .visitor = hash_of(visitor),
                                 .at = (uint32_t)DAY * CLICK_DAY_SECONDS + at,
                                 .country = { 'D', 'E' },
                                 .browser = BROWSER_FIREFOX,
                                 .os = OS_LINUX,
                                 .device = DEVICE_DESKTOP };
}

static struct click_event with_referrer(struct click_event event, const char *host)
{
    size_t len = strlen(host);
    assert_true(len <= CLICK_REFERRER_MAX);
    memcpy(event.referrer, host, len);
    event.referrer_len = (uint8_t)len;
    return event;
}

static void add_one(struct click_day *day, struct click_event event)
{
    assert_true(click_day_add(day, &event, 1));
}

static uint64_t clicks_by(const struct click_day *day, enum click_dimension by, struct slice value)
{
    const struct click_value *found = breakdown_find(&day->by[by], value);
    return found ? found->clicks : 0;
}

/* Encodes and decodes the record, which must not change it. */
static void store(struct click_day *day)
{
    struct slice bytes = click_day_encode(day, day->arena);
    struct click_day again;
    assert_true(bytes.len > 0 && bytes.len <= CLICK_DETAIL_MAX);
    assert_true(click_day_decode(bytes, day->arena, &again));
    assert_memory_equal(&again.total, &day->total, sizeof(day->total));
    assert_memory_equal(again.hours, day->hours, sizeof(day->hours));
    assert_true(slice_eq(click_day_encode(&again, day->arena), bytes));
    *day = again;
}

static void who_is_counted(void **state)
{
    static const struct {
        const char *what;
        uint8_t flags;
        uint64_t visitor;
        struct click_counts counts;
        unsigned values; /* of each breakdown */
    } rows[] = {
        { "a visitor", 0, 5, { 1, 1, 0 }, 1 },
        { "one without a hash", 0, 0, { 1, 0, 0 }, 1 },
        { "a bot", CLICK_BOT, 5, { 0, 0, 1 }, 0 },
        { "one who is not tracked", CLICK_PRIVATE, 5, { 1, 0, 0 }, 0 },
        { "a bot that is not tracked", CLICK_BOT | CLICK_PRIVATE, 5, { 0, 0, 1 }, 0 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct click_day day;
        struct click_event event = click(23 * HOUR_S + 3599, rows[i].visitor);
        event.flags = rows[i].flags;
        click_day_init(&day, *state);
        add_one(&day, event);
        if (memcmp(&day.total, &rows[i].counts, sizeof(day.total)) != 0 ||
            memcmp(&day.hours[23], &rows[i].counts, sizeof(day.total)) != 0)
            fail_msg("%s is counted otherwise", rows[i].what);
        for (unsigned by = 0; by < CLICK_DIMENSIONS; by++)
            if (day.by[by].n != rows[i].values)
                fail_msg("%s is in %u values", rows[i].what, day.by[by].n);
        store(&day);
    }
}

static void what_is_counted_of_a_click(void **state)
{
    static const struct {
        const char *country;
        uint8_t agent[3]; /* browser, system, device */
        const char *country_value;
        struct slice agent_values[3];
    } rows[] = {
        { "DE", { 1, 2, 3 }, "DE", { SLICE("\1"), SLICE("\2"), SLICE("\3") } },
        { "\0\0", { 0, 0, 0 }, "", { SLICE("\0"), SLICE("\0"), SLICE("\0") } },
        { "de", { 8, 6, 4 }, "", { SLICE("\x8"), SLICE("\6"), SLICE("\4") } },
        { "D\0", { 9, 7, 5 }, "", { SLICE("\0"), SLICE("\0"), SLICE("\0") } },
        { "\xff\xff", { 255, 16, 17 }, "", { SLICE("\0"), SLICE("\0"), SLICE("\0") } },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct click_day day;
        struct click_event event = click(0, 1);
        memcpy(event.country, rows[i].country, sizeof(event.country));
        event.browser = rows[i].agent[0];
        event.os = rows[i].agent[1];
        event.device = rows[i].agent[2];
        click_day_init(&day, *state);
        add_one(&day, event);
        store(&day);
        if (clicks_by(&day, CLICK_BY_COUNTRY, slice_of(rows[i].country_value)) != 1)
            fail_msg("row %zu: another country", i);
        for (unsigned k = 0; k < 3; k++)
            if (clicks_by(&day, CLICK_BY_BROWSER + k, rows[i].agent_values[k]) != 1)
                fail_msg("row %zu: another agent", i);
    }
}

static void referrers_are_counted(void **state)
{
    struct click_day day;
    click_day_init(&day, *state);
    struct click_event too_long = click(0, 1);
    memset(too_long.referrer, 'x', sizeof(too_long.referrer));
    too_long.referrer_len = 255;
    struct slice whole = { too_long.referrer, sizeof(too_long.referrer) };
    add_one(&day, with_referrer(click(0, 1), "a.example"));
    add_one(&day, with_referrer(click(0, 2), "b.example"));
    add_one(&day, with_referrer(click(0, 2), "a.example"));
    add_one(&day, click(0, 3));
    add_one(&day, too_long);
    store(&day);
    assert_int_equal(clicks_by(&day, CLICK_BY_REFERRER, SLICE("a.example")), 2);
    assert_int_equal(clicks_by(&day, CLICK_BY_REFERRER, SLICE("b.example")), 1);
    assert_int_equal(clicks_by(&day, CLICK_BY_REFERRER, SLICE("")), 1);
    assert_int_equal(clicks_by(&day, CLICK_BY_REFERRER, whole), 1);
    assert_int_equal(day.by[CLICK_BY_REFERRER].n, 4);
}

/* Counts a click of each of the referrers number `from` to `to`. */
static void add_referrers(struct click_day *day, unsigned from, unsigned to)
{
    char host[CLICK_REFERRER_MAX];
    for (unsigned i = from; i < to; i++) {
        snprintf(host, sizeof(host), "%u.example", i);
        add_one(day, with_referrer(click(0, 1), host));
    }
}

static void the_rest_is_other(void **state)
{
    struct click_day day;
    click_day_init(&day, *state);
    add_referrers(&day, 0, 300);
    store(&day);
    assert_int_equal(day.by[CLICK_BY_REFERRER].n, CLICK_VALUES_MAX);
    assert_int_equal(day.by[CLICK_BY_REFERRER].other, 100);
    add_referrers(&day, 100, 300);
    store(&day);
    assert_int_equal(day.by[CLICK_BY_REFERRER].n, CLICK_VALUES_MAX);
    assert_int_equal(day.by[CLICK_BY_REFERRER].other, 200);
    assert_int_equal(clicks_by(&day, CLICK_BY_REFERRER, SLICE("99.example")), 1);
    assert_int_equal(clicks_by(&day, CLICK_BY_REFERRER, SLICE("199.example")), 2);
    assert_int_equal(clicks_by(&day, CLICK_BY_REFERRER, SLICE("200.example")), 0);
    assert_int_equal(day.total.clicks, 500);
}

/* A visitor of two hours counts in the first, for any order of the events. */
static void visitors_count_in_their_first_hour(void **state)
{
    static const struct {
        struct {
            unsigned hour;
            uint64_t visitor;
        } clicks[5];
        unsigned at[3]; /* the visitors of the hours 0, 5, 23 */
        unsigned total;
    } rows[] = {
        { { { 0, 1 }, { 5, 1 }, { 23, 1 }, { 5, 1 }, { 0, 1 } }, { 1, 0, 0 }, 1 },
        { { { 23, 1 }, { 5, 1 }, { 0, 1 }, { 23, 2 }, { 5, 2 } }, { 1, 1, 0 }, 2 },
        { { { 5, 1 }, { 5, 2 }, { 5, 3 }, { 0, 4 }, { 23, 4 } }, { 1, 3, 0 }, 4 },
        { { { 23, 1 }, { 23, 2 }, { 23, 0 }, { 0, 0 }, { 5, 3 } }, { 0, 1, 2 }, 3 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct click_event events[5];
        struct click_day day;
        for (size_t k = 0; k < 5; k++)
            events[k] = click(rows[i].clicks[k].hour * HOUR_S, rows[i].clicks[k].visitor);
        click_day_init(&day, *state);
        assert_true(click_day_add(&day, events, 5));
        store(&day);
        if (day.hours[0].visitors != rows[i].at[0] || day.hours[5].visitors != rows[i].at[1] ||
            day.hours[23].visitors != rows[i].at[2] || day.total.visitors != rows[i].total)
            fail_msg("row %zu: %d, %d, %d of %d", i, (int)day.hours[0].visitors,
                     (int)day.hours[5].visitors, (int)day.hours[23].visitors,
                     (int)day.total.visitors);
        assert_true(click_day_add(&day, events, 5));
        assert_int_equal(day.total.visitors, rows[i].total);
        assert_int_equal(day.total.clicks, 10);
    }
}

static struct click_counts sum_of_hours(const struct click_day *day)
{
    struct click_counts sum = { 0, 0, 0 };
    for (unsigned i = 0; i < CLICK_HOURS; i++) {
        assert_true(day->hours[i].visitors <= day->hours[i].clicks);
        sum.clicks += day->hours[i].clicks;
        sum.visitors += day->hours[i].visitors;
        sum.bots += day->hours[i].bots;
    }
    return sum;
}

/* A day with many batches, encoded and decoded in between. */
static void a_busy_day(void **state)
{
    static const struct {
        unsigned batches, batch, visitors;
    } rows[] = {
        { 200, 5, 800 },      /* few visitors: exact */
        { 400, 250, 100000 }, /* each clicks once */
        { 50, 6000, 100000 }, /* three times each */
        { 3, 40000, 40000 },
    };
    static struct click_event events[40000];
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct click_day day;
        struct arena *arenas[2] = { *state, arena_new(ARENA_MAX) };
        unsigned n = 0;
        click_day_init(&day, *state);
        for (unsigned batch = 0; batch < rows[i].batches; batch++) {
            for (unsigned k = 0; k < rows[i].batch; k++, n++)
                events[k] = click(batch * CLICK_DAY_SECONDS / rows[i].batches + k % HOUR_S,
                                  1 + n % rows[i].visitors);
            assert_true(click_day_add(&day, events, rows[i].batch));
            struct slice bytes = click_day_encode(&day, day.arena);
            struct arena *fresh = arenas[(batch + 1) % 2];
            arena_reset(fresh);
            assert_true(click_day_decode(bytes, fresh, &day));
        }
        struct click_counts sum = sum_of_hours(&day);
        assert_memory_equal(&sum, &day.total, sizeof(sum));
        assert_int_equal(day.total.clicks, n);
        uint64_t truth = n < rows[i].visitors ? n : rows[i].visitors;
        uint64_t slack = truth > 3000 ? truth / 50 : 0;
        assert_between(day.total.visitors, truth - slack, truth + slack);
        arena_reset(*state);
        arena_free(&arenas[1]);
    }
}

static void folding_keeps_the_totals(void **state)
{
    struct click_day day;
    click_day_init(&day, *state);
    add_referrers(&day, 0, 3);
    add_one(&day, click(5 * HOUR_S, 9));
    const struct click_counts total = day.total;
    click_day_compact(&day);
    store(&day);
    assert_true(day.compacted);
    assert_null(day.visitors);
    assert_memory_equal(&day.total, &total, sizeof(total));
    assert_int_equal(sum_of_hours(&day).clicks, 0);
    assert_int_equal(day.by[CLICK_BY_REFERRER].n, 4);
}

static void late_clicks_find_a_folded_record(void **state)
{
    struct click_day day;
    click_day_init(&day, *state);
    add_one(&day, click(0, 1));
    click_day_compact(&day);
    struct click_event late[] = { click(0, 1), click(0, 1), click(HOUR_S, 2) };
    late[2].flags = CLICK_PRIVATE;
    assert_true(click_day_add(&day, late, ROWS(late)));
    store(&day);
    assert_true(day.compacted);
    assert_int_equal(day.total.clicks, 4);
    assert_int_equal(day.total.visitors, 2); /* after merging, the same visitor cannot be
                                              * recognised */
    assert_int_equal(clicks_by(&day, CLICK_BY_COUNTRY, SLICE("DE")), 3);
}

static void days_make_a_month(void **state)
{
    struct click_day month;
    click_day_init(&month, *state);
    for (unsigned i = 0; i < 30; i++) {
        struct click_day day;
        click_day_init(&day, *state);
        add_one(&day, with_referrer(click(0, 1), "a.example"));
        add_one(&day, with_referrer(click(HOUR_S, 2), i % 2 ? "odd.example" : "even.example"));
        struct click_event bot = click(0, 3);
        bot.flags = CLICK_BOT;
        add_one(&day, bot);
        assert_true(click_day_merge(&month, &day));
        store(&month);
    }
    assert_true(month.compacted);
    assert_int_equal(month.total.clicks, 60);
    assert_int_equal(month.total.visitors, 60);
    assert_int_equal(month.total.bots, 30);
    assert_int_equal(clicks_by(&month, CLICK_BY_REFERRER, SLICE("a.example")), 30);
    assert_int_equal(clicks_by(&month, CLICK_BY_REFERRER, SLICE("odd.example")), 15);
    assert_int_equal(clicks_by(&month, CLICK_BY_REFERRER, SLICE("even.example")), 15);
    assert_int_equal(clicks_by(&month, CLICK_BY_OS, (SLICE("\3"))), 60);
}

/* A first day full of referrers that occur once does not displace those that occur often. */
static void the_most_clicked_stay_in_a_month(void **state)
{
    struct click_day month;
    struct click_day day;
    click_day_init(&month, *state);
    click_day_init(&day, *state);
    add_referrers(&day, 0, 250);
    assert_true(click_day_merge(&month, &day));
    click_day_init(&day, *state);
    add_referrers(&day, 1000, 1150);
    add_referrers(&day, 1000, 1150);
    add_referrers(&day, 50, 100);
    assert_true(click_day_merge(&month, &day));
    store(&month);
    const struct click_breakdown *by = &month.by[CLICK_BY_REFERRER];
    assert_int_equal(by->n, CLICK_VALUES_MAX);
    assert_int_equal(clicks_by(&month, CLICK_BY_REFERRER, SLICE("1000.example")), 2);
    assert_int_equal(clicks_by(&month, CLICK_BY_REFERRER, SLICE("1149.example")), 2);
    assert_int_equal(clicks_by(&month, CLICK_BY_REFERRER, SLICE("50.example")), 2);
    assert_int_equal(clicks_by(&month, CLICK_BY_REFERRER, SLICE("99.example")), 2);
    assert_int_equal(clicks_by(&month, CLICK_BY_REFERRER, SLICE("0.example")), 0);
    assert_int_equal(by->other, 50 + 150); /* those of the first day, and those that were removed */
}

/* For any size of the arena, the result is a complete record or a failure. */
static void full_arenas_are_reported(void **state)
{
    (void)state;
    static struct click_event events[4000];
    unsigned failed = 0;
    unsigned done = 0;
    for (unsigned i = 0; i < ROWS(events); i++)
        events[i] = click(i, i + 1);
    for (size_t max = 0; max < 256 * 1024; max += 997) {
        struct arena *arena = arena_new(max);
        struct click_day day;
        click_day_init(&day, arena);
        bool good = click_day_add(&day, events, ROWS(events));
        struct slice bytes = good ? click_day_encode(&day, arena) : (struct slice){ NULL, 0 };
        good = bytes.len > 0 && click_day_decode(bytes, arena, &day);
        *(good ? &done : &failed) += 1;
        arena_free(&arena);
    }
    assert_true(failed > 0 && done > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_is_counted, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(what_is_counted_of_a_click, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(referrers_are_counted, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(the_rest_is_other, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(visitors_count_in_their_first_hour, setup,
                                        arena_state_free),
        cmocka_unit_test_setup_teardown(a_busy_day, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(folding_keeps_the_totals, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(late_clicks_find_a_folded_record, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(days_make_a_month, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(the_most_clicked_stay_in_a_month, setup, arena_state_free),
        cmocka_unit_test(full_arenas_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
