/* SPDX-License-Identifier: MIT */
/* Ids to codes and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "link/code.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static struct code_scheme scheme_of_length(unsigned length)
{
    struct code_scheme scheme = { .length = length };
    bijection_init(&scheme.bijection, (const unsigned char *)"0123456789abcdef0123456789abcdef");
    return scheme;
}

/* 62^4 + ... + 62^n, the ids that codes of 4 to n digits have (0 among them). */
static uint64_t ids_up_to(unsigned n)
{
    uint64_t ids = 0;
    for (unsigned digits = 4; digits <= n; digits++)
        ids += base62_span(digits);
    return ids;
}

static void codes_grow_when_a_length_is_used_up(void **state)
{
    (void)state;
    const struct code_scheme scheme = scheme_of_length(4);
    for (unsigned n = 4; n <= CODE_LENGTH_MAX; n++) {
        const uint64_t ids[] = { n == 4 ? 1 : ids_up_to(n - 1), ids_up_to(n) - 1 };
        for (size_t i = 0; i < COUNT(ids); i++) {
            char code[CODE_MAX + 1];
            uint64_t id = 0;
            assert_true(code_from_id(&scheme, ids[i], code));
            assert_int_equal(strlen(code), n);
            assert_true(code_to_id(&scheme, slice_of(code), &id));
            assert_true(id == ids[i]);
        }
    }
}

static void the_next_length_begins_where_codes_grow(void **state)
{
    (void)state;
    for (unsigned n = 4; n <= CODE_LENGTH_MAX; n++) {
        assert_int_equal(code_next_length(4, n == 4 ? 0 : ids_up_to(n - 1)), ids_up_to(n));
        assert_int_equal(code_next_length(4, ids_up_to(n) - 1), ids_up_to(n));
    }
    assert_int_equal(code_next_length(7, 1), base62_span(7));
    assert_int_equal(code_next_length(4, ids_up_to(CODE_LENGTH_MAX)), UINT64_MAX);
}

static void ids_without_a_code_are_refused(void **state)
{
    (void)state;
    const struct code_scheme scheme = scheme_of_length(4);
    const uint64_t ids[] = { 0, ids_up_to(CODE_LENGTH_MAX), UINT64_MAX };
    for (size_t i = 0; i < COUNT(ids); i++) {
        char code[CODE_MAX + 1] = "x";
        assert_false(code_from_id(&scheme, ids[i], code));
        assert_string_equal(code, "");
    }
}

static void codes_without_an_id_are_refused(void **state)
{
    (void)state;
    const struct code_scheme scheme = scheme_of_length(7);
    char of_id_0[8];
    base62_encode(bijection_forward(&scheme.bijection, 7, 0), 7, of_id_0);
    const struct slice codes[] = {
        SLICE(""),        SLICE("abcdef"),  SLICE("abcdefghijk"),
        SLICE("abc-efg"), SLICE("abc_efg"), slice_of(of_id_0),
    };
    for (size_t i = 0; i < COUNT(codes); i++) {
        uint64_t id = 7;
        if (code_to_id(&scheme, codes[i], &id) || id != 7)
            fail_msg("\"%.*s\" is %llu", SLICE_ARG(codes[i]), (unsigned long long)id);
    }
}

static void every_code_of_four_is_some_id(void **state)
{
    (void)state;
    const struct code_scheme scheme = scheme_of_length(4);
    for (uint64_t id = 1; id < 100000; id++) {
        char code[CODE_MAX + 1];
        uint64_t back = 0;
        assert_true(code_from_id(&scheme, id, code));
        assert_true(code_is_wellformed(slice_of(code)));
        assert_true(code_to_id(&scheme, slice_of(code), &back) && back == id);
    }
}

static void the_shape_of_codes(void **state)
{
    (void)state;
    char longest[CODE_MAX + 1];
    memset(longest, 'x', sizeof longest);
    const struct {
        int line;
        struct slice code;
        bool wellformed;
    } rows[] = {
        { __LINE__, SLICE("a"), true },
        { __LINE__, SLICE("azAZ09_-"), true },
        { __LINE__, { longest, CODE_MAX }, true },
        { __LINE__, { longest, CODE_MAX + 1 }, false },
        { __LINE__, SLICE(""), false },
        { __LINE__, SLICE("a.b"), false },
        { __LINE__, SLICE("a b"), false },
        { __LINE__, SLICE("a/b"), false },
        { __LINE__, SLICE("a%20"), false },
        { __LINE__, SLICE("a\0"), false },
        { __LINE__, SLICE("caf\xC3\xA9"), false },
        { __LINE__, SLICE("@"), false },
        { __LINE__, SLICE("["), false },
        { __LINE__, SLICE("`"), false },
        { __LINE__, SLICE("{"), false },
        { __LINE__, SLICE(":"), false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (code_is_wellformed(rows[i].code) != rows[i].wellformed)
            fail_msg("line %d", rows[i].line);
    }
}

static void what_follows_a_code_is_dropped(void **state)
{
    (void)state;
    static const struct {
        struct slice text;
        size_t len; /* of the code; 0: unchanged */
    } rows[] = {
        { SLICE("Spring."), 6 },
        { SLICE("Spring)"), 6 },
        { SLICE("Spring),"), 6 },
        { SLICE("Spring%20"), 6 },
        { SLICE("Spring%E2%80%8B"), 6 },
        { SLICE("Spring\xE2\x80\x8B"), 6 },
        { SLICE("Spring%"), 6 },
        { SLICE("Spring%C"), 0 },
        { SLICE("Spring%2"), 0 },
        { SLICE("Spring%2E%29"), 6 },
        { SLICE("Spring+"), 6 },
        { SLICE("Spring"), 0 },
        { SLICE("Spring.html"), 0 },
        { SLICE("Spring%2Ehtml"), 0 },
        { SLICE("Spring%5F"), 0 }, /* of code bytes; decoded before */
        { SLICE(".Spring"), 0 },
        { SLICE("%20"), 0 },
        { SLICE(""), 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct slice text = rows[i].text;
        bool trimmed = code_trim(&text);
        if (trimmed != (rows[i].len > 0) || text.len != (trimmed ? rows[i].len : rows[i].text.len))
            fail_msg("row %zu: %.*s", i, SLICE_ARG(text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_grow_when_a_length_is_used_up),
        cmocka_unit_test(the_next_length_begins_where_codes_grow),
        cmocka_unit_test(ids_without_a_code_are_refused),
        cmocka_unit_test(codes_without_an_id_are_refused),
        cmocka_unit_test(every_code_of_four_is_some_id),
        cmocka_unit_test(the_shape_of_codes),
        cmocka_unit_test(what_follows_a_code_is_dropped),
    };
    return cmocka_run_group_tests_name("codes", tests, NULL, NULL);
}
