/* SPDX-License-Identifier: MIT */
/* The permutation of ids: that it is a permutation, that its values never change, and that it hides
 * the order of ids. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "link/bijection.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_UNDEFINED__)
#define SLOW 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define SLOW 1
#endif
#endif
#ifndef SLOW
#define SLOW 0
#endif

/* Random ids sent there and back: 10 million each for n = 6 and 7, 200,000 each with sanitizers,
 * which make it many times slower. */
#define ROUND_TRIPS (SLOW ? 200000 : 10000000)

/* Pairs of neighbouring ids that the statistics look at. */
#define PAIRS 100000

static const unsigned char key_1[BIJECTION_KEY_BYTES] NONSTRING =
    "0123456789abcdef0123456789abcdef";
static const unsigned char key_2[BIJECTION_KEY_BYTES] NONSTRING =
    "0123456789abcdef0123456789abcdeg";

static struct bijection with_key(const unsigned char *key)
{
    struct bijection bijection;
    bijection_init(&bijection, key);
    return bijection;
}

/* A splitmix64 step: random enough to choose ids, and the same in every run. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* Published codes depend on these values: they must never change. */
static void values_never_change(void **state)
{
    (void)state;
    static const struct {
        unsigned n;
        uint64_t id, image;
    } rows[] = {
        { 1, 1, UINT64_C(4) },
        { 1, 2, UINT64_C(45) },
        { 2, 1, UINT64_C(568) },
        { 2, 2, UINT64_C(3073) },
        { 3, 1, UINT64_C(143268) },
        { 3, 2, UINT64_C(233651) },
        { 4, 1, UINT64_C(4779133) },
        { 4, 2, UINT64_C(1976391) },
        { 5, 1, UINT64_C(780362592) },
        { 5, 2, UINT64_C(794886093) },
        { 6, 1, UINT64_C(3626641015) },
        { 6, 2, UINT64_C(14371086295) },
        { 7, 1, UINT64_C(680438512787) },
        { 7, 2, UINT64_C(1720317589312) },
        { 8, 1, UINT64_C(24333324521048) },
        { 8, 2, UINT64_C(216999006297368) },
        { 9, 1, UINT64_C(5970121605875434) },
        { 9, 2, UINT64_C(5674774413733281) },
        { 10, 1, UINT64_C(459643842712127529) },
        { 10, 2, UINT64_C(816496068066579030) },
        { 7, UINT64_C(3521614606207), UINT64_C(823259272026) },

    };
    const struct bijection b = with_key(key_1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t image = bijection_forward(&b, rows[i].n, rows[i].id);
        if (image != rows[i].image)
            fail_msg("row %zu: %llu", i, (unsigned long long)image);
    }
}

static void every_id_has_its_own_image(void **state)
{
    (void)state;
    const struct bijection b = with_key(key_1);
    for (unsigned n = 1; n <= 3; n++) {
        uint64_t span = base62_span(n);
        unsigned char *seen = calloc(span, 1);
        assert_non_null(seen);
        for (uint64_t id = 0; id < span; id++) {
            uint64_t image = bijection_forward(&b, n, id);
            assert_true(image < span);
            assert_int_equal(seen[image]++, 0);
            assert_int_equal(bijection_inverse(&b, n, image), id);
        }
        free(seen);
    }
}

static bool comes_back(const struct bijection *b, unsigned n, uint64_t id)
{
    uint64_t image = bijection_forward(b, n, id);
    return image < base62_span(n) && bijection_inverse(b, n, image) == id;
}

/* One thread's share of the round trips; `lost` counts the ids that did not come back. */
struct trips {
    unsigned n;
    size_t lost;
};

static void *make_trips(void *argument)
{
    struct trips *trips = argument;
    const struct bijection b = with_key(key_1);
    uint64_t span = base62_span(trips->n), random = trips->n;
    for (size_t i = 0; i < ROUND_TRIPS; i++)
        trips->lost += !comes_back(&b, trips->n, next_random(&random) % span);
    return NULL;
}

static void random_ids_come_back(void **state)
{
    (void)state;
    struct trips of_6 = { .n = 6 }, of_7 = { .n = 7 };
    pthread_t other;
    assert_int_equal(pthread_create(&other, NULL, make_trips, &of_6), 0);
    make_trips(&of_7);
    assert_int_equal(pthread_join(other, NULL), 0);
    assert_int_equal(of_6.lost, 0);
    assert_int_equal(of_7.lost, 0);
}

static void the_ends_come_back_for_each_n(void **state)
{
    (void)state;
    const struct bijection b = with_key(key_2);
    for (unsigned n = 1; n <= BIJECTION_DIGITS_MAX; n++) {
        uint64_t span = base62_span(n);
        for (uint64_t i = 0; i < 62; i++) {
            assert_true(comes_back(&b, n, i));
            assert_true(comes_back(&b, n, span - 1 - i));
        }
    }
}

/* The digit of `value` at a position, the last being 0. */
static unsigned digit_at(uint64_t value, unsigned position)
{
    return (unsigned)(value / base62_span(position) % 62);
}

/* Chi-square of counts against equal shares: near its degrees of freedom (cells - 1) when the
 * counts are random, with a standard deviation of sqrt(2 * degrees). */
static double chi_square(const unsigned *counts, size_t cells, double total)
{
    double sum = 0, expected = total / (double)cells;
    for (size_t i = 0; i < cells; i++)
        sum += (counts[i] - expected) * (counts[i] - expected) / expected;
    return sum;
}

/* Six standard deviations above the mean: a random permutation passes one such test with a
 * likelihood of about 1 - 10^-8. The key is fixed, so that the outcome is the same in every run. */
static void assert_random(const char *what, const unsigned *counts, size_t cells, double total)
{
    double degrees = (double)cells - 1, over = chi_square(counts, cells, total) - degrees;
    if (over > 0 && over * over > 36 * 2 * degrees)
        fail_msg("%s: chi-square of %.0f for %.0f degrees of freedom", what, over + degrees,
                 degrees);
}

/* How often two numbers have the same digit at a position must be 1 in 62, within five standard
 * deviations: sqrt(p (1 - p) / n) = 0.0004 for 100,000 pairs, so 0.0161 +- 0.0020. */
static void assert_unrelated(const char *what, unsigned equal, unsigned position)
{
    double share = (double)equal / PAIRS, expected = 1.0 / 62, bound = 0.0020;
    if (share < expected - bound || share > expected + bound)
        fail_msg("%s: digit %u is the same in a share of %.4f", what, position, share);
}

/* "Neighbouring ids share no visible pattern" means here, for 100,000 pairs id, id + 1 from 1 on
 * (what a new site issues), for each position of the codes:
 *  - each digit comes up as often as any other;
 *  - the two codes of a pair agree as often as chance has it;
 *  - each of the 62 * 62 combinations of the two digits comes up as often as any other, so that
 *    nothing about the next digit follows from this one. */
static void neighbours_look_unrelated(void **state)
{
    (void)state;
    const struct bijection b = with_key(key_1);
    for (unsigned n = 6; n <= 7; n++) {
        for (unsigned position = 0; position < n; position++) {
            unsigned digits[62] = { 0 }, combinations[62 * 62] = { 0 }, equal = 0;
            unsigned last = digit_at(bijection_forward(&b, n, 1), position);
            for (uint64_t id = 2; id <= PAIRS + 1; id++) {
                unsigned digit = digit_at(bijection_forward(&b, n, id), position);
                digits[digit]++;
                combinations[last * 62 + digit]++;
                equal += digit == last;
                last = digit;
            }
            assert_random("digits", digits, 62, PAIRS);
            assert_random("combinations of digits", combinations, (size_t)62 * 62, PAIRS);
            assert_unrelated("neighbours", equal, position);
        }
    }
}

static int compare_numbers(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* No preferred step from one code to the next: the differences (modulo 62^7) spread evenly over the
 * range, and none comes twice. With 100,000 of 3.5 * 10^12 possible ones, chance would repeat one
 * in 700 runs; the key is one where it does not. */
static void no_step_is_preferred(void **state)
{
    (void)state;
    const struct bijection b = with_key(key_1);
    uint64_t span = base62_span(7), last = bijection_forward(&b, 7, 1);
    uint64_t *steps = calloc(PAIRS, sizeof *steps);
    unsigned leading[62 * 62] = { 0 };
    assert_non_null(steps);
    for (size_t i = 0; i < PAIRS; i++) {
        uint64_t code = bijection_forward(&b, 7, i + 2);
        steps[i] = (code + span - last) % span;
        leading[steps[i] / base62_span(5)]++;
        last = code;
    }
    assert_random("steps", leading, (size_t)62 * 62, PAIRS);
    qsort(steps, PAIRS, sizeof *steps, compare_numbers);
    for (size_t i = 1; i < PAIRS; i++)
        assert_int_not_equal(steps[i], steps[i - 1]);
    free(steps);
}

/* The permutations of two keys (they differ in one bit or so) agree at a position as often as
 * chance has it; so do the last digits of the permutations of one key for two n. */
static void other_keys_and_lengths_are_unrelated(void **state)
{
    (void)state;
    const struct bijection b = with_key(key_1), other = with_key(key_2);
    for (unsigned position = 0; position < 6; position++) {
        unsigned keys = 0, lengths = 0;
        for (uint64_t id = 1; id <= PAIRS; id++) {
            unsigned digit = digit_at(bijection_forward(&b, 6, id), position);
            keys += digit == digit_at(bijection_forward(&other, 6, id), position);
            lengths += digit == digit_at(bijection_forward(&b, 7, id), position);
        }
        assert_unrelated("keys", keys, position);
        assert_unrelated("lengths", lengths, position);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_never_change),
        cmocka_unit_test(every_id_has_its_own_image),
        cmocka_unit_test(random_ids_come_back),
        cmocka_unit_test(the_ends_come_back_for_each_n),
        cmocka_unit_test(neighbours_look_unrelated),
        cmocka_unit_test(no_step_is_preferred),
        cmocka_unit_test(other_keys_and_lengths_are_unrelated),
    };
    return cmocka_run_group_tests_name("bijection", tests, NULL, NULL);
}
