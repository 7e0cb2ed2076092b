/* SPDX-License-Identifier: MIT */
/* The visitor sketch: its accuracy, its encoding, and invalid encodings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "click/visitors.h"
#include "support/arena_state.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

enum {
    ARENA_MAX = 1 << 20,
    SPARSE_MAX = 3000,
    DENSE_BYTES = 1 + 8 + 16384 / 4 * 3,
};

static int setup(void **state)
{
    return arena_state_make(state, ARENA_MAX);
}

/* A stream of pseudorandom hashes (splitmix64), one for each seed. */
static uint64_t next(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static void add_many(struct visitors *visitors, uint64_t seed, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        assert_true(visitors_add(visitors, next(&seed)));
}

static struct visitors *many(struct arena *arena, uint64_t seed, unsigned n)
{
    struct visitors *visitors = visitors_new(arena);
    assert_non_null(visitors);
    add_many(visitors, seed, n);
    return visitors;
}

static void few_are_counted_exactly(void **state)
{
    static const unsigned rows[] = { 0, 1, 2, 7, 8, 9, 10, 100, 1000, SPARSE_MAX, SPARSE_MAX + 1 };
    for (size_t i = 0; i < ROWS(rows); i++) {
        arena_reset(*state);
        assert_int_equal(visitors_count(many(*state, i, rows[i])), rows[i]);
    }
}

struct errors {
    double mean, mean_square, worst;
    unsigned within; /* 2 % */
};

static struct errors measure(struct arena *arena, unsigned n, unsigned seeds)
{
    struct errors errors = { 0 };
    for (unsigned seed = 0; seed < seeds; seed++) {
        arena_reset(arena);
        double error = (double)visitors_count(many(arena, seed * 7919U + 1, n)) / n - 1;
        errors.mean += error / seeds;
        errors.mean_square += error * error / seeds;
        error = error < 0 ? -error : error;
        errors.worst = error > errors.worst ? error : errors.worst;
        errors.within += error <= 0.02;
    }
    return errors;
}

static void many_are_counted_well(void **state)
{
    static const struct {
        unsigned visitors;
        unsigned seeds;
        double rms;  /* of the error, at most */
        double bias; /* at most: three times what such a mean differs by chance */
    } rows[] = {
        { 10, 50, 0, 0 },
        { 100, 50, 0, 0 },
        { 1000, 50, 0, 0 },
        { 10000, 200, 0.0060, 0.0011 },
        { 100000, 200, 0.0075, 0.0014 },
        { 1000000, 50, 0.0080, 0.0028 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct errors errors = measure(*state, rows[i].visitors, rows[i].seeds);
        print_message("# %7u visitors, %u seeds: mean square %.2e, mean %+.5f, worst %.5f, "
                      "%u within 2 %%\n",
                      rows[i].visitors, rows[i].seeds, errors.mean_square, errors.mean,
                      errors.worst, errors.within);
        assert_true(errors.mean_square <= rows[i].rms * rows[i].rms);
        assert_true(errors.mean <= rows[i].bias && errors.mean >= -rows[i].bias);
        assert_true(errors.within * 100 >= rows[i].seeds * 98);
    }
}

static void the_same_again_changes_nothing(void **state)
{
    static const unsigned rows[] = { 1, 20, SPARSE_MAX, SPARSE_MAX + 1, 5000, 100000 };
    for (size_t i = 0; i < ROWS(rows); i++) {
        arena_reset(*state);
        struct visitors *visitors = many(*state, i, rows[i]);
        uint64_t count = visitors_count(visitors);
        struct slice before = visitors_encode(visitors, *state);
        add_many(visitors, i, rows[i]);
        assert_int_equal(visitors_count(visitors), count);
        assert_true(slice_eq(visitors_encode(visitors, *state), before));
    }
}

/* Adds one visitor of every rank. */
static void add_ranks(struct visitors *visitors)
{
    for (unsigned shift = 0; shift <= 50; shift++)
        assert_true(
            visitors_add(visitors, (uint64_t)shift << 50 | (UINT64_C(1) << 50 >> shift >> 1)));
}

static void no_rank_is_lost_on_the_way(void **state)
{
    struct visitors *visitors = visitors_new(*state);
    add_ranks(visitors);
    assert_int_equal(visitors_count(visitors), 51);
    add_many(visitors, 1, SPARSE_MAX);
    struct slice before = visitors_encode(visitors, *state);
    assert_int_equal(before.len, DENSE_BYTES);
    add_ranks(visitors);
    assert_true(slice_eq(visitors_encode(visitors, *state), before));
}

/* A sketch that is encoded and decoded after every part is the same as one that is not. */
static void survives_being_stored(void **state)
{
    static const unsigned pieces[] = { 0, 1, 10, 100, 2000, 889, 1, 500, 10000 };
    struct arena *arena = *state;
    struct visitors *stored = visitors_new(arena);
    struct visitors *kept = visitors_new(arena);
    for (size_t i = 0; i < ROWS(pieces); i++) {
        add_many(stored, i, pieces[i]);
        add_many(kept, i, pieces[i]);
        struct slice bytes = visitors_encode(stored, arena);
        assert_true(bytes.len <= VISITORS_BYTES_MAX);
        assert_true(visitors_decode(bytes, arena, &stored));
        assert_int_equal(visitors_count(stored), visitors_count(kept));
        assert_true(slice_eq(visitors_encode(stored, arena), visitors_encode(kept, arena)));
    }
}

/* Stored sketches may be read by another version: the encoding of codes must never change. */
static void codes_are_these(void **state)
{
    static const struct {
        uint64_t hash;
        struct slice bytes;
    } rows[] = {
        { UINT64_C(0x8000000000000000), SLICE("\0\x27\0\0\x80") }, /* the rest is zero */
        { UINT64_C(0x0000000000000001), SLICE("\0\x26\0\0\0") },
        { UINT64_C(0x0004000000000000), SLICE("\0\x27\0\x04\0") },
        { UINT64_C(0x0002000000000000), SLICE("\0\0\0\x02\0") },
        { UINT64_C(0x0000004000000000), SLICE("\0\x40\0\0\0") }, /* rank 12: the last plain one */
        { UINT64_C(0x0000007FFFFFFFFF), SLICE("\0\x7F\0\0\0") },
        { UINT64_C(0x0000002000000000), SLICE("\0\x01\0\0\0") }, /* rank 13 */
        { UINT64_C(0xFFFFFFFFFFFFFFFF), SLICE("\0\xFF\xFF\xFF\xFF") },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct visitors *visitors = visitors_new(*state);
        assert_true(visitors_add(visitors, rows[i].hash));
        struct slice bytes = visitors_encode(visitors, *state);
        if (!slice_eq(bytes, rows[i].bytes))
            fail_msg("row %zu has other bytes", i);
    }
}

static void strange_bytes_are_refused(void **state)
{
    static const struct {
        struct slice bytes;
        bool good;
    } rows[] = {
        { { NULL, 0 }, false },
        { SLICE("\0"), true },
        { SLICE("\1"), false },
        { SLICE("\2"), false },
        { SLICE("\0\1\0\0\0"), true },
        { SLICE("\0\1\0\0"), false },
        { SLICE("\0\1\0\0\0\0"), false },
        { SLICE("\0\0\0\0\0"), false },   /* no rank */
        { SLICE("\0\x27\0\0\0"), true },  /* the highest rank */
        { SLICE("\0\x28\0\0\0"), false }, /* beyond it */
        { SLICE("\0\x3F\0\0\0"), false }, /* the last that is no plain field */
        { SLICE("\0\x40\0\0\0"), true },  /* the first that is */
        { SLICE("\0\1\0\0\0\2\0\0\0"), true },
        { SLICE("\0\1\0\0\0\1\0\0\0"), false }, /* twice */
        { SLICE("\0\2\0\0\0\1\0\0\0"), false }, /* in disorder */
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct visitors *visitors = NULL;
        if (visitors_decode(rows[i].bytes, *state, &visitors) != rows[i].good)
            fail_msg("row %zu is %s", i, rows[i].good ? "refused" : "taken");
    }
}

/* A dense sketch with a byte of it changed. */
static void strange_registers_are_refused(void **state)
{
    static const struct {
        size_t at;
        unsigned char byte;
        size_t len;
        bool good;
    } rows[] = {
        { 9, 0, DENSE_BYTES, true },
        { 9, 51, DENSE_BYTES, true },
        { 9, 52, DENSE_BYTES, false },
        { DENSE_BYTES - 1, 51 << 2, DENSE_BYTES, true },
        { DENSE_BYTES - 1, 63 << 2, DENSE_BYTES, false },
        { 9, 0, DENSE_BYTES - 1, false },
        { 9, 0, DENSE_BYTES + 1, false },
        { 8, 0x43, DENSE_BYTES, false }, /* a count beyond 2^53, */
        { 8, 0x7F, DENSE_BYTES, false }, /* no number, */
        { 8, 0xC0, DENSE_BYTES, false }, /* a negative one */
        { 8, 0, DENSE_BYTES, true },     /* and a tiny one */
    };
    struct slice whole = visitors_encode(many(*state, 1, 4000), *state);
    assert_int_equal(whole.len, DENSE_BYTES);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct visitors *visitors = NULL;
        char *copy = arena_alloc(*state, DENSE_BYTES + 1);
        memcpy(copy, whole.at, whole.len);
        copy[rows[i].at] = (char)rows[i].byte;
        if (rows[i].at == 9) /* the register's neighbour has two bits of this byte */
            copy[10] = 0;
        struct slice bytes = { copy, rows[i].len };
        if (visitors_decode(bytes, *state, &visitors) != rows[i].good)
            fail_msg("row %zu is %s", i, rows[i].good ? "refused" : "taken");
    }
}

static void too_many_codes_are_refused(void **state)
{
    for (unsigned n = SPARSE_MAX; n <= SPARSE_MAX + 1; n++) {
        unsigned char *bytes = arena_alloc(*state, 1 + 4 * (size_t)n);
        for (unsigned i = 0; i < n; i++) {
            bytes[1 + 4 * i + 1] = 0x10; /* a plain field */
            bytes[1 + 4 * i + 2] = (unsigned char)i;
            bytes[1 + 4 * i + 3] = (unsigned char)(i >> 8);
        }
        struct visitors *visitors = NULL;
        struct slice all = { (const char *)bytes, 1 + 4 * (size_t)n };
        assert_int_equal(visitors_decode(all, *state, &visitors), n == SPARSE_MAX);
    }
}

static void full_arenas_are_reported(void **state)
{
    (void)state;
    struct arena *arena = arena_new(18 * 1024);
    uint64_t seed = 1;
    unsigned n = 0;
    struct visitors *visitors = visitors_new(arena);
    while (visitors_add(visitors, next(&seed)))
        n++;
    assert_int_equal(n, 1024); /* when the table would have to grow */
    assert_int_equal(visitors_count(visitors), n);
    assert_false(visitors_add(visitors, next(&seed)));
    assert_int_equal(visitors_encode(visitors, arena).len, 0);
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(few_are_counted_exactly, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(many_are_counted_well, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(the_same_again_changes_nothing, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(no_rank_is_lost_on_the_way, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(survives_being_stored, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(codes_are_these, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(strange_bytes_are_refused, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(strange_registers_are_refused, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(too_many_codes_are_refused, setup, arena_state_free),
        cmocka_unit_test_setup_teardown(full_arenas_are_reported, setup, arena_state_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
