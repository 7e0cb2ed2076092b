/* SPDX-License-Identifier: MIT */
/* The encoding of a link's day: its bytes, invalid encodings, and its maximum size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "click/breakdown.h"
#include "support/arena_state.h"
#include "support/between.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

enum {
    ARENA_MAX = 1 << 20,
};

static int setup(void **state)
{
    return arena_state_make(state, ARENA_MAX);
}

#define FIVE_O_CLOCK "\1\1\x05"
#define MAX_COUNT    "\x80\x80\x80\x80\x80\x80\x80\x10" /* 2^53 */

/* Stored records are read by later versions: the meaning of these bytes must never change. */
static void the_bytes_are_these(void **state)
{
    struct click_day day;
    struct click_event event = { .visitor = UINT64_MAX,
                                 .at = 20000U * CLICK_DAY_SECONDS + 5 * 3600,
                                 .country = { 'D', 'E' },
                                 .browser = BROWSER_CHROME,
                                 .os = OS_MACOS,
                                 .device = DEVICE_DESKTOP,
                                 .referrer_len = 3,
                                 .referrer = "a.b" };
    struct click_event bot = { .flags = CLICK_BOT, .at = 6 * 3600 };
    click_day_init(&day, *state);
    assert_true(click_day_add(&day, &event, 1));
    assert_true(slice_eq(click_day_encode(&day, *state),
                         SLICE("\1\1\x05"                          /* a visitor in hour 5 */
                               "\2\3a.b\1\2DE\1\2\x11\2\x12\2\x11" /* with this referrer */
                               "\0\xFF\xFF\xFF\xFF")));            /* and this code in the sketch */
    event.referrer_len = 0;
    event.country[0] = '\0';
    assert_true(click_day_add(&day, &event, 1));
    assert_true(click_day_add(&day, &bot, 1));
    assert_true(
        slice_eq(click_day_encode(&day, *state), SLICE("\1\2\x65\2\1\xA6\0\1"
                                                       "\4\3a.b\1\0\1\4DE\1\0\0\1\2\x21\2\x22\2\x21"
                                                       "\0\xFF\xFF\xFF\xFF")));
    click_day_compact(&day);
    assert_true(slice_eq(click_day_encode(&day, *state),
                         SLICE("\2\2\1\1"
                               "\4\3a.b\1\0\1\4DE\1\0\0\1\2\x21\2\x22\2\x21")));
}

#define NONE "\0\0\0\0\0" /* breakdowns without values */

static const struct {
    struct slice bytes;
    bool good;
} encoded[] = {
    { { NULL, 0 }, false },
    { SLICE("\0\0" NONE), false }, /* no such kind */
    { SLICE("\3\0" NONE), false },
    { SLICE("\1\0" NONE), true },
    { SLICE("\1\0\0\0\0\0"), false }, /* four breakdowns */
    { SLICE("\1\0" NONE "\0"), true },
    { SLICE("\1\0" NONE "\2"), false }, /* no such sketch */
    { SLICE("\1\0" NONE "\0\1\0\0\0"), true },
    { SLICE("\1\0" NONE "\0\0\0\0\0"), false },
    { SLICE("\2\5\3\1" NONE), true },
    { SLICE("\2\5\3\1" NONE "\0"), false }, /* compacted, with a sketch */
    { SLICE("\2\5\3" NONE), false },
    { SLICE("\2" MAX_COUNT "\0\0" NONE), true },
    { SLICE("\2\x81\x80\x80\x80\x80\x80\x80\x10\0\0" NONE), false }, /* one more */
    { SLICE("\2\x85\0\3\1" NONE), false },                           /* more bytes than needed */
    { SLICE("\2\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\2\3\1" NONE), false },
    { SLICE("\2\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1\3\1" NONE), false },
    /* hours */
    { SLICE(FIVE_O_CLOCK NONE), true },
    { SLICE("\1\2\x05\x06" NONE), true },
    { SLICE("\1\2\x05\x05" NONE), false }, /* twice */
    { SLICE("\1\2\x06\x05" NONE), false }, /* in disorder */
    { SLICE("\1\1\x17" NONE), true },      /* at 23, */
    { SLICE("\1\1\x18" NONE), false },     /* at 24 */
    { SLICE("\1\x19" NONE), false },
    { SLICE("\1\1\x25\2" NONE), true },
    { SLICE("\1\1\x25\1" NONE), false }, /* a flag that says nothing */
    { SLICE("\1\1\x65\2\1" NONE), true },
    { SLICE("\1\1\x65\2\2" NONE), false },
    { SLICE("\1\1\x85\1" NONE), true },
    { SLICE("\1\1\x85\0" NONE), false },
    { SLICE("\1\1\xA5\0\1" NONE), true },
    { SLICE("\1\1\x25\0" NONE), false }, /* nothing in the hour */
    { SLICE("\1\1\x25" MAX_COUNT NONE), true },
    { SLICE("\1\2\x25" MAX_COUNT "\x06" NONE), false }, /* more in all than there can be */
    { SLICE("\1\1"), false },
    { SLICE("\1\1\xE5\2\1"), false },
    /* referrers */
    { SLICE(FIVE_O_CLOCK "\2\1a\1\0\0\0\0"), true },
    { SLICE(FIVE_O_CLOCK "\2\0\1\0\0\0\0"), true },
    { SLICE(FIVE_O_CLOCK "\2\1a\0\0\0\0\0"), false }, /* without clicks */
    { SLICE(FIVE_O_CLOCK "\4\1a\1\1b\1\0\0\0\0"), true },
    { SLICE(FIVE_O_CLOCK "\4\1a\1\1a\1\0\0\0\0"), false }, /* twice */
    { SLICE(FIVE_O_CLOCK "\1\5\0\0\0\0"), true },          /* others only */
    { SLICE(FIVE_O_CLOCK "\1\0\0\0\0\0"), false },
    { SLICE(FIVE_O_CLOCK "\2\x09too-short"), false },
    { SLICE(FIVE_O_CLOCK "\2\x41"
                         "12345678901234567890123456789012345678901234567890123456789012345"
                         "\1\0\0\0\0"),
      false },
    { SLICE(FIVE_O_CLOCK "\x92\3"), false }, /* 201 values */
    /* countries */
    { SLICE(FIVE_O_CLOCK "\0\2DE\1\0\0\0"), true },
    { SLICE(FIVE_O_CLOCK "\0\2\0\0\1\0\0\0"), true },
    { SLICE(FIVE_O_CLOCK "\0\2de\1\0\0\0"), false },
    { SLICE(FIVE_O_CLOCK "\0\2D\0\1\0\0\0"), false },
    { SLICE(FIVE_O_CLOCK "\0\2\0E\1\0\0\0"), false },
    { SLICE(FIVE_O_CLOCK "\0\2D"), false },
    /* agents */
    { SLICE(FIVE_O_CLOCK "\0\0\2\x10\2\x1F\2\x80\1"), true }, /* 8 of number 0 */
    { SLICE(FIVE_O_CLOCK "\0\0\2\x0F\0\0"), false },
    { SLICE(FIVE_O_CLOCK "\0\0\4\x11\x21\0\0"), false },
    { SLICE(FIVE_O_CLOCK "\0\0\2\x80\x80\x80\x80\x80\x80\x80\x80\2\0\0"), true },
    { SLICE(FIVE_O_CLOCK "\0\0\2\x90\x80\x80\x80\x80\x80\x80\x80\2\0\0"), false },
};

static void strange_bytes_are_refused(void **state)
{
    for (size_t i = 0; i < ROWS(encoded); i++) {
        struct click_day day;
        if (click_day_decode(encoded[i].bytes, *state, &day) != encoded[i].good)
            fail_msg("row %zu is %s", i, encoded[i].good ? "refused" : "taken");
        if (encoded[i].good && !slice_eq(click_day_encode(&day, *state), encoded[i].bytes))
            fail_msg("row %zu is written otherwise", i);
    }
}

/* click_day_look returns the same as decoding, without the sketch, which may be invalid. */
static void a_look_leaves_the_sketch_out(void **state)
{
    for (size_t i = 0; i < ROWS(encoded); i++) {
        struct click_day day;
        struct click_day seen;
        bool good = click_day_look(encoded[i].bytes, *state, &seen);
        if (!click_day_decode(encoded[i].bytes, *state, &day))
            continue;
        assert_true(good);
        assert_null(seen.visitors);
        assert_int_equal(seen.compacted, day.compacted);
        assert_memory_equal(&seen.total, &day.total, sizeof(day.total));
        assert_memory_equal(seen.hours, day.hours, sizeof(day.hours));
        day.visitors = NULL;
        assert_true(slice_eq(click_day_encode(&seen, *state), click_day_encode(&day, *state)));
    }
    struct click_day day;
    assert_true(click_day_look(SLICE("\1\0" NONE "\2"), *state, &day));
    assert_false(click_day_look(SLICE("\2\5\3\1" NONE "\0"), *state, &day));
    assert_false(click_day_look(SLICE("\1\0\0\0"), *state, &day));
}

static void fill(struct click_breakdown *by, unsigned dimension, struct arena *arena)
{
    const size_t lens[CLICK_DIMENSIONS] = { CLICK_REFERRER_MAX, 2, 1, 1, 1 };
    for (unsigned i = 0; i < (dimension < CLICK_BY_BROWSER ? CLICK_VALUES_MAX : 16U); i++) {
        char bytes[CLICK_REFERRER_MAX];
        memset(bytes, 'x', sizeof(bytes));
        bytes[0] = (char)(dimension == CLICK_BY_COUNTRY ? 'A' + i / 26 : i);
        bytes[1] = (char)('A' + i % 26);
        assert_true(
            breakdown_add(by, (struct slice){ bytes, lens[dimension] }, CLICK_COUNT_MAX, arena));
    }
    by->other = CLICK_COUNT_MAX;
}

static void the_fullest_record_is_not_too_large(void **state)
{
    struct click_day day;
    struct click_day again;
    click_day_init(&day, *state);
    const uint64_t part = CLICK_COUNT_MAX / CLICK_HOURS;
    for (unsigned i = 0; i < CLICK_HOURS; i++)
        day.hours[i] = (struct click_counts){ part, part - 1, part };
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++)
        fill(&day.by[i], i, *state);
    day.visitors = visitors_new(*state);
    for (uint64_t i = 0; i < 4000; i++)
        assert_true(visitors_add(day.visitors, i * UINT64_C(0x9E3779B97F4A7C15)));
    struct slice bytes = click_day_encode(&day, *state);
    print_message("# the fullest record has %zu bytes\n", bytes.len);
    assert_between(bytes.len, 1, CLICK_DETAIL_MAX);
    assert_true(click_day_decode(bytes, *state, &again));
    assert_true(slice_eq(click_day_encode(&again, *state), bytes));
}

/* No prefix of a compacted record is a valid record. */
static void cut_records_are_refused(void **state)
{
    struct click_day day;
    click_day_init(&day, *state);
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++)
        fill(&day.by[i], i, *state);
    click_day_compact(&day);
    struct slice bytes = click_day_encode(&day, *state);
    struct arena *scratch = arena_new(ARENA_MAX);
    for (size_t len = 0; len < bytes.len; len++) {
        arena_reset(scratch);
        assert_false(click_day_decode((struct slice){ bytes.at, len }, scratch, &day));
    }
    arena_free(&scratch);
}

/* Counts stop at CLICK_COUNT_MAX, and the record can still be decoded. */
static void counts_stop(void **state)
{
    static const struct {
        struct slice bytes;
        struct click_counts total;
    } rows[] = {
        { SLICE("\1\1\x65" MAX_COUNT "\1\2\1a" MAX_COUNT "\0\0\0\0"), { CLICK_COUNT_MAX, 2, 1 } },
        { SLICE("\2" MAX_COUNT MAX_COUNT MAX_COUNT "\1" MAX_COUNT "\0\0\0\0"),
          { CLICK_COUNT_MAX, CLICK_COUNT_MAX, CLICK_COUNT_MAX } },
    };
    struct click_event events[] = { { .visitor = 1, .referrer_len = 1, .referrer = "a" },
                                    { .visitor = UINT64_MAX, .referrer_len = 1, .referrer = "a" },
                                    { .flags = CLICK_BOT, .at = 3600 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct click_day day;
        struct click_day again;
        assert_true(click_day_decode(rows[i].bytes, *state, &day));
        assert_true(click_day_add(&day, events, ROWS(events)));
        assert_memory_equal(&day.total, &rows[i].total, sizeof(day.total));
        assert_true(click_day_decode(click_day_encode(&day, *state), *state, &again));
        assert_memory_equal(&again.total, &rows[i].total, sizeof(again.total));
        assert_true(click_day_merge(&again, &day) && click_day_merge(&again, &day));
        assert_true(click_day_decode(click_day_encode(&again, *state), *state, &day));
        assert_int_equal(day.total.clicks, CLICK_COUNT_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_bytes_are_these, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(strange_bytes_are_refused, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(a_look_leaves_the_sketch_out, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(the_fullest_record_is_not_too_large, setup,
                                        arena_state_free),
        cmocka_unit_test_setup_teardown(cut_records_are_refused, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(counts_stop, setup, arena_state_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
