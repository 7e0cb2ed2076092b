/* SPDX-License-Identifier: MIT */
/* The values with the most clicks, over several records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "service/stats_top.h"
#include "support/arena_state.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

enum {
    ARENA_MAX = 16 << 20,
};

static int setup(void **state)
{
    return arena_state_make(state, ARENA_MAX);
}

/* A record's values of one dimension. */
struct record {
    struct click_value values[4];
    uint64_t other;
};

static void add(struct stats_tops *tops, enum click_dimension dimension,
                const struct record *record)
{
    struct click_value values[ROWS(record->values)];
    struct click_breakdown by[CLICK_DIMENSIONS] = { 0 };
    memcpy(values, record->values, sizeof(values));
    by[dimension].values = values;
    by[dimension].other = record->other;
    while (by[dimension].n < ROWS(values) && values[by[dimension].n].clicks)
        by[dimension].n++;
    assert_true(stats_tops_add(tops, by));
    memset(values, 0xFF, sizeof(values)); /* the bytes may be overwritten after the call */
}

/* "a=3 b=2 +1": values, and the others. */
static const char *written(struct arena *arena, const struct stats_breakdown *breakdown)
{
    struct buf b = buf_in(arena, 4096);
    for (unsigned i = 0; i < breakdown->n; i++)
        buf_printf(&b, "%.*s=%u ", SLICE_ARG(breakdown->values[i].value),
                   (unsigned)breakdown->values[i].clicks);
    buf_printf(&b, "+%u", (unsigned)breakdown->other);
    return b.at;
}

static const struct {
    enum click_dimension dimension;
    unsigned most;
    struct record records[3];
    const char *expected;
} sums[] = {
    { CLICK_BY_REFERRER, 3, { { { { SLICE(""), 0 } }, 0 } }, "+0" },
    { CLICK_BY_REFERRER,
      3,
      { { { { SLICE("a"), 1 }, { SLICE("b"), 2 } }, 0 }, { { { SLICE("a"), 2 } }, 0 } },
      "a=3 b=2 +0" },
    { CLICK_BY_REFERRER,
      1,
      { { { { SLICE("a"), 1 }, { SLICE("b"), 2 } }, 4 }, { { { SLICE("a"), 2 } }, 1 } },
      "a=3 +7" },
    /* Equal ones by name, shorter ones first. */
    { CLICK_BY_REFERRER,
      3,
      { { { { SLICE("bb"), 1 }, { SLICE("c"), 1 }, { SLICE("b"), 1 }, { SLICE("a"), 1 } }, 0 } },
      "a=1 b=1 bb=1 +1" },
    /* Displayed names. */
    { CLICK_BY_REFERRER, 3, { { { { SLICE(""), 2 }, { SLICE("a"), 1 } }, 0 } }, "direct=2 a=1 +0" },
    { CLICK_BY_REFERRER,
      3,
      { { { { SLICE(""), 2 }, { SLICE("direct"), 1 } }, 0 } },
      "direct=3 +0" },
    { CLICK_BY_REFERRER, 3, { { { { SLICE("other"), 2 }, { SLICE("a"), 1 } }, 1 } }, "a=1 +3" },
    { CLICK_BY_COUNTRY,
      3,
      { { { { SLICE(""), 1 }, { SLICE("DE"), 2 } }, 0 } },
      "DE=2 unknown=1 +0" },
    { CLICK_BY_BROWSER,
      3,
      { { { { SLICE("\0"), 3 }, { SLICE("\x0F"), 2 }, { SLICE("\1"), 1 } }, 0 } },
      "Chrome=1 +5" },
    { CLICK_BY_OS, 3, { { { { SLICE("\1"), 1 } }, 0 } }, "Windows=1 +0" },
    { CLICK_BY_DEVICE, 3, { { { { SLICE("\1"), 1 } }, 0 } }, "desktop=1 +0" },
};

static void records_are_added_up(void **state)
{
    for (size_t i = 0; i < ROWS(sums); i++) {
        struct stats_breakdown by[CLICK_DIMENSIONS];
        struct stats_tops *tops = stats_tops_new(*state, STATS_ALL_DIMENSIONS);
        for (size_t k = 0; k < ROWS(sums[i].records); k++)
            add(tops, sums[i].dimension, &sums[i].records[k]);
        assert_true(stats_tops_finish(tops, sums[i].most, by));
        const char *got = written(*state, &by[sums[i].dimension]);
        if (strcmp(got, sums[i].expected) != 0)
            fail_msg("row %zu: %s", i, got);
        for (unsigned k = 0; k < CLICK_DIMENSIONS; k++)
            assert_true(k == sums[i].dimension || (by[k].n == 0 && by[k].other == 0));
    }
}

static void what_is_not_asked_for_is_not_counted(void **state)
{
    const struct record record = { { { SLICE("a"), 1 } }, 3 };
    struct stats_breakdown by[CLICK_DIMENSIONS];
    struct stats_tops *tops = stats_tops_new(*state, 1 << CLICK_BY_COUNTRY);
    add(tops, CLICK_BY_REFERRER, &record);
    assert_true(stats_tops_finish(tops, 3, by));
    assert_string_equal(written(*state, &by[CLICK_BY_REFERRER]), "+0");
}

/* Many values that occur once do not displace values with many clicks; no click is lost, and memory
 * is bounded. */
static void a_hundred_thousand_values(void **state)
{
    enum { RECORDS = 100 * 1000 };
    struct stats_breakdown by[CLICK_DIMENSIONS];
    struct stats_tops *tops = stats_tops_new(*state, STATS_ALL_DIMENSIONS);
    for (unsigned i = 0; i < RECORDS; i++) {
        char name[CLICK_REFERRER_MAX + 1];
        int len = snprintf(name, sizeof(name), "%064u", i);
        const struct record record = {
            { { SLICE("often.example"), 2 }, { { name, (size_t)len }, 1 } }, 0
        };
        add(tops, CLICK_BY_REFERRER, &record);
    }
    assert_true(stats_tops_finish(tops, 1, by));
    assert_string_equal(written(*state, &by[CLICK_BY_REFERRER]), "often.example=200000 +100000");
    assert_true(arena_used(*state) < 2 << 20);
}

static void a_full_arena_is_reported(void **state)
{
    (void)state;
    unsigned failed = 0;
    unsigned done = 0;
    for (size_t max = 0; max < 64 * 1024; max += 997) {
        struct arena *arena = arena_new(max);
        struct stats_breakdown by[CLICK_DIMENSIONS];
        struct click_value values[200];
        struct click_breakdown breakdown[CLICK_DIMENSIONS] = { { .values = values } };
        char names[200][4];
        for (unsigned i = 0; i < 200; i++) {
            snprintf(names[i], sizeof(names[i]), "%03u", i);
            values[breakdown[0].n++] = (struct click_value){ { names[i], 3 }, 1 };
        }
        struct stats_tops *tops = stats_tops_new(arena, STATS_ALL_DIMENSIONS);
        bool good = tops && stats_tops_add(tops, breakdown) && stats_tops_finish(tops, 200, by);
        *(good ? &done : &failed) += 1;
        arena_free(&arena);
    }
    assert_true(failed > 0 && done > 0);
}

static const struct {
    const char *names;
    unsigned set; /* 0: refused */
} sets[] = {
    { "referrer", 1 },
    { "country", 2 },
    { "browser", 4 },
    { "os", 8 },
    { "device", 16 },
    { "os,referrer", 9 },
    { "device,device", 16 },
    { "referrer,country,browser,os,device", STATS_ALL_DIMENSIONS },
    { "", 0 },
    { ",", 0 },
    { "os,", 0 },
    { ",os", 0 },
    { "os,,device", 0 },
    { "OS", 0 },
    { "os device", 0 },
    { "refer", 0 },
    { "city", 0 },
};

static void dimensions_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(sets); i++) {
        unsigned set = 0;
        bool good = stats_dimensions_read(slice_of(sets[i].names), &set);
        if (good != (sets[i].set != 0) || set != sets[i].set)
            fail_msg("row %zu: %u", i, set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_are_added_up, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(what_is_not_asked_for_is_not_counted, setup,
                                        arena_state_free),
        cmocka_unit_test_setup_teardown(a_hundred_thousand_values, setup, arena_state_free),
        cmocka_unit_test(a_full_arena_is_reported),
        cmocka_unit_test(dimensions_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
