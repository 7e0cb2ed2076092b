/* SPDX-License-Identifier: MIT */
/* Numbers in base 62. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/base62.h"

static const struct {
    int line;
    uint64_t value;
    unsigned width;
    const char *text;
} rows[] = {
    { __LINE__, 0, 1, "0" },
    { __LINE__, 9, 1, "9" },
    { __LINE__, 10, 1, "A" },
    { __LINE__, 35, 1, "Z" },
    { __LINE__, 36, 1, "a" },
    { __LINE__, 61, 1, "z" },
    { __LINE__, 62, 2, "10" },
    { __LINE__, 0, 7, "0000000" },
    { __LINE__, 1, 7, "0000001" },
    { __LINE__, 62 * 62 - 1, 2, "zz" },
    { __LINE__, UINT64_C(3521614606207), 7, "zzzzzzz" },
    { __LINE__, UINT64_C(839299365868340223), 10, "zzzzzzzzzz" },
    { __LINE__, UINT64_MAX, 11, "LygHa16AHYF" },
};

static void values_are_spelled_and_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[12];
        uint64_t value = 0;
        base62_encode(rows[i].value, rows[i].width, text);
        bool read = base62_decode(slice_of(rows[i].text), &value);
        if (strcmp(text, rows[i].text) != 0 || !read || value != rows[i].value)
            fail_msg("line %d: \"%s\", %llu", rows[i].line, text, (unsigned long long)value);
    }
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    static const struct slice refused[] = {
        SLICE(""),
        SLICE("-"),
        SLICE("_"),
        SLICE(" 1"),
        SLICE("1 "),
        SLICE("a\0b"),
        SLICE("\xC3\xA9"),
        SLICE("LygHa16AHYG"),  /* 2^64 */
        SLICE("zzzzzzzzzzz"),  /* 62^11 - 1 */
        SLICE("100000000000"), /* 62^11 */
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        uint64_t value = 7;
        if (base62_decode(refused[i], &value) || value != 7)
            fail_msg("row %zu is read", i);
    }
}

static void leading_zeros_do_not_overflow(void **state)
{
    (void)state;
    uint64_t value;
    assert_true(base62_decode(SLICE("00000000000000000000000000z"), &value));
    assert_int_equal(value, 61);
}

static void spans_are_the_powers_of_62(void **state)
{
    (void)state;
    uint64_t span = 1;
    for (unsigned n = 0; n <= BASE62_SPAN_MAX; n++, span *= 62)
        assert_true(base62_span(n) == span);
    assert_true(base62_span(BASE62_SPAN_MAX + 1) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_spelled_and_read),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(leading_zeros_do_not_overflow),
        cmocka_unit_test(spans_are_the_powers_of_62),
    };
    return cmocka_run_group_tests_name("base62", tests, NULL, NULL);
}
