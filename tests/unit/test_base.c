/* SPDX-License-Identifier: MIT */
/* base/: slices, arenas, buffers and error texts. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/number.h"
#include "base/slice.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* Says which row of a table failed, then fails at `file`:`line`. */
static void check_row(bool holds, const char *file, int line, size_t row)
{
    if (holds)
        return;
    print_error("row %zu\n", row);
    _fail(file, line);
}
#define CHECK_ROW(row, holds) check_row((holds), __FILE__, __LINE__, (row))

static void slices_of_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
    } rows[] = { { NULL, 0 }, { "", 0 }, { "a", 1 }, { "a b", 3 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct slice s = slice_of(rows[i].text);
        CHECK_ROW(i, s.len == rows[i].len && s.at == rows[i].text);
    }
    struct slice with_nul = SLICE("a\0b");
    assert_int_equal(with_nul.len, 3);
}

static void slices_compare(void **state)
{
    (void)state;
    static const struct {
        struct slice a, b;
        bool eq, nocase, starts;
    } rows[] = {
        { { NULL, 0 }, { NULL, 0 }, true, true, true },
        { { NULL, 0 }, { "", 0 }, true, true, true },
        { { "a", 1 }, { NULL, 0 }, false, false, true },
        { { NULL, 0 }, { "a", 1 }, false, false, false },
        { { "abc", 3 }, { "abc", 3 }, true, true, true },
        { { "abc", 3 }, { "ab", 2 }, false, false, true },
        { { "ab", 2 }, { "abc", 3 }, false, false, false },
        { { "abc", 3 }, { "abd", 3 }, false, false, false },
        { { "aBc", 3 }, { "AbC", 3 }, false, true, false },
        { { "a\0b", 3 }, { "a\0c", 3 }, false, false, false },
        { { "@[`{", 4 }, { "`{@[", 4 }, false, false, false },
        { { "\xc3\xa4", 2 }, { "\xc3\x84", 2 }, false, false, false },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        CHECK_ROW(i, slice_eq(rows[i].a, rows[i].b) == rows[i].eq);
        CHECK_ROW(i, slice_eq_nocase(rows[i].a, rows[i].b) == rows[i].nocase);
        CHECK_ROW(i, slice_starts_with(rows[i].a, rows[i].b) == rows[i].starts);
    }
}

static void slices_from(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t n;
        const char *left;
    } rows[] = {
        { "abc", 0, "abc" }, { "abc", 1, "bc" },      { "abc", 2, "c" }, { "abc", 3, "" },
        { "abc", 4, "" },    { "abc", SIZE_MAX, "" }, { NULL, 0, "" },   { NULL, 1, "" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct slice left = slice_from(slice_of(rows[i].text), rows[i].n);
        CHECK_ROW(i, slice_eq(left, slice_of(rows[i].left)));
    }
}

static void slices_find(void **state)
{
    (void)state;
    static const struct {
        struct slice s;
        char byte;
        size_t at;
    } rows[] = { { { NULL, 0 }, 'a', 0 },    { { "abc", 3 }, 'a', 0 }, { { "abc", 3 }, 'c', 2 },
                 { { "abc", 3 }, 'd', 3 },   { { "abc", 2 }, 'c', 2 }, { { "aba", 3 }, 'a', 0 },
                 { { "a\0b", 3 }, '\0', 1 }, { { "a\0b", 3 }, 'b', 2 } };
    for (size_t i = 0; i < ROWS(rows); i++)
        CHECK_ROW(i, slice_find(rows[i].s, rows[i].byte) == rows[i].at);
}

static void slices_trim(void **state)
{
    (void)state;
    static const struct {
        const char *text, *trimmed;
    } rows[] = {
        { NULL, "" },         { "", "" },           { " ", "" },    { " \t ", "" },
        { "a", "a" },         { " a", "a" },        { "a\t", "a" }, { "\t a b \t", "a b" },
        { "\na\r", "\na\r" }, { "\va\f", "\va\f" },
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        CHECK_ROW(i, slice_eq(slice_trim(slice_of(rows[i].text)), slice_of(rows[i].trimmed)));
}

static void slices_strip(void **state)
{
    (void)state;
    static const struct {
        const char *text, *stripped;
    } rows[] = {
        { "", "" },
        { " \t\n\v\f\r ", "" },
        { "a", "a" },
        { "\r\na b\v\f", "a b" },
        { "\x1f a", "\x1f a" },
        { "a\xa0", "a\xa0" },
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        CHECK_ROW(i, slice_eq(slice_strip(slice_of(rows[i].text)), slice_of(rows[i].stripped)));
}

static void arena_pieces_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    static const size_t sizes[] = { 0, 1, 7, 16, 17, 1000, 16 * 1024, 16 * 1024 + 1, 100000, 3 };
    unsigned char *pieces[ROWS(sizes)];
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < ROWS(sizes); i++) {
        pieces[i] = arena_alloc(arena, sizes[i]);
        CHECK_ROW(i, pieces[i] && (uintptr_t)pieces[i] % alignof(max_align_t) == 0);
        for (size_t n = 0; n < sizes[i]; n++)
            CHECK_ROW(i, pieces[i][n] == 0);
        memset(pieces[i], (int)i + 1, sizes[i]);
    }
    for (size_t i = 0; i < ROWS(sizes); i++) {
        for (size_t n = 0; n < sizes[i]; n++)
            CHECK_ROW(i, pieces[i][n] == i + 1);
    }
    arena_free(&arena);
    assert_null(arena);
    arena_free(&arena);
}

static void arena_keeps_its_maximum(void **state)
{
    (void)state;
    static const struct {
        size_t max, first, second;
        bool first_fits, second_fits;
    } rows[] = {
        { 64, 64, 1, true, false },
        { 64, 65, 64, false, true },
        { 64, 48, 16, true, true },
        { 64, 49, 1, true, false },
        { 64, 32, 33, true, false },
        { 64, 0, 48, true, true },
        { 64, 0, 49, true, false },
        { 60, 60, 1, false, true }, /* 60 bytes are padded to 64 */
        { 0, 1, 0, false, false },
        { 1 << 20, SIZE_MAX, SIZE_MAX - 15, false, false },
        { SIZE_MAX, SIZE_MAX, SIZE_MAX - 14, false, false },
        { 40000, 16 * 1024, 20000, true, true },
        { 40000, 30000, 10001, true, false },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct arena *arena = arena_new(rows[i].max);
        assert_non_null(arena);
        CHECK_ROW(i, (arena_alloc(arena, rows[i].first) != NULL) == rows[i].first_fits);
        CHECK_ROW(i, (arena_alloc(arena, rows[i].second) != NULL) == rows[i].second_fits);
        CHECK_ROW(i, arena_used(arena) <= rows[i].max);
        arena_free(&arena);
    }
}

static void arena_reset_gives_all_back(void **state)
{
    (void)state;
    struct arena *arena = arena_new(40000);
    char *first = arena_alloc(arena, 100);
    memset(first, 'x', 100);
    assert_non_null(arena_alloc(arena, 30000));
    assert_null(arena_alloc(arena, 30000));
    assert_int_equal(arena_used(arena), 112 + 30000);
    arena_reset(arena);
    assert_int_equal(arena_used(arena), 0);
    char *again = arena_alloc(arena, 100);
    assert_ptr_equal(again, first);
    assert_int_equal(again[99], 0);
    assert_non_null(arena_alloc(arena, 39000));
    arena_free(&arena);
}

static void arena_copies_are_terminated(void **state)
{
    (void)state;
    static const struct slice rows[] = { { NULL, 0 }, { "", 0 }, { "abc", 2 }, { "a\0b", 3 } };
    struct arena *arena = arena_new(64);
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *copy = arena_copy(arena, rows[i]);
        CHECK_ROW(i, copy && slice_eq((struct slice){ copy, rows[i].len }, rows[i]));
        CHECK_ROW(i, copy[rows[i].len] == '\0' && copy != rows[i].at);
    }
    assert_null(arena_copy(arena, SLICE("x")));
    assert_null(arena_copy(arena, (struct slice){ "", SIZE_MAX }));
    arena_free(&arena);
}

static void numbers_are_written(void **state)
{
    (void)state;
    static const struct {
        uint64_t value;
        const char *text;
    } rows[] = { { 0, "0" },     { 9, "9" },       { 10, "10" },
                 { 302, "302" }, { 1000, "1000" }, { UINT64_MAX, "18446744073709551615" } };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char digits[NUMBER_TEXT_MAX];
        assert_true(slice_eq(number_format(rows[i].value, digits), slice_of(rows[i].text)));
    }
}

static void add_everything(struct buf *b)
{
    buf_add(b, SLICE("a\0b"));
    buf_add_text(b, " text ");
    buf_add_text(b, NULL);
    buf_add_byte(b, '!');
    buf_add_uint(b, UINT64_MAX);
    buf_add_byte(b, ' ');
    buf_add_int(b, INT64_MIN);
    buf_printf(b, " %s-%03d", "x", 7);
    buf_printf(b, "%s", "");
}

static const char everything[] = "a\0b text !18446744073709551615 -9223372036854775808 x-007";

static void buf_takes_everything(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct buf b = buf_in(arena, 1000);
    assert_int_equal(buf_slice(&b).len, 0);
    add_everything(&b);
    assert_false(b.failed);
    assert_int_equal(b.len, sizeof(everything) - 1);
    assert_memory_equal(b.at, everything, sizeof(everything));
    assert_true(slice_eq(buf_slice(&b), (struct slice){ everything, sizeof(everything) - 1 }));
    arena_free(&arena);
}

/* For every maximum the buffer either has the whole text or has failed, and never exceeds the
 * maximum. */
static void buf_keeps_its_maximum(void **state)
{
    (void)state;
    for (size_t max = 0; max <= sizeof(everything); max++) {
        struct arena *arena = arena_new(4096);
        struct buf b = buf_in(arena, max);
        add_everything(&b);
        CHECK_ROW(max, b.failed == (max < sizeof(everything) - 1));
        CHECK_ROW(max, b.len <= max && (!b.at || b.at[b.len] == '\0'));
        CHECK_ROW(max, buf_slice(&b).len == (b.failed ? 0 : sizeof(everything) - 1));
        arena_free(&arena);
    }
}

static void buf_failure_sticks(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    struct buf b = buf_in(arena, 4);
    buf_add_text(&b, "abc");
    buf_add_text(&b, "de");
    assert_true(b.failed);
    buf_add_byte(&b, 'd');
    buf_add(&b, (struct slice){ NULL, 0 });
    assert_true(b.failed);
    assert_string_equal(b.at, "abc");
    assert_null(buf_slice(&b).at);
    buf_add(&b, (struct slice){ "", SIZE_MAX });
    assert_string_equal(b.at, "abc");
    arena_free(&arena);
}

static void buf_fails_with_its_arena(void **state)
{
    (void)state;
    struct arena *arena = arena_new(128);
    struct buf b = buf_in(arena, SIZE_MAX / 2);
    for (int i = 0; i < 63; i++)
        buf_add_byte(&b, 'x');
    assert_false(b.failed);
    buf_add_byte(&b, 'x'); /* 128 more bytes do not fit besides the 64 */
    assert_true(b.failed);
    assert_int_equal(b.len, 63);
    arena_free(&arena);
}

static void buf_grows_over_many_blocks(void **state)
{
    (void)state;
    enum { COUNT = 50000 };
    struct arena *arena = arena_new(1 << 20);
    struct buf b = buf_in(arena, COUNT);
    for (size_t i = 0; i < COUNT; i++)
        buf_add_byte(&b, (char)('a' + i % 26));
    assert_false(b.failed);
    for (size_t i = 0; i < COUNT; i++)
        CHECK_ROW(i, b.at[i] == (char)('a' + i % 26));
    buf_add_byte(&b, 'x');
    assert_true(b.failed);
    arena_free(&arena);
}

static void errors_are_set_and_prefixed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *context, *both;
    } rows[] = {
        { "", "a", "a: " },
        { "b", "", ": b" },
        { "Permission denied", "open /x", "open /x: Permission denied" },
        { "100%", "%s", "%s: 100%" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct error err = { "before" };
        error_set(&err, "%s", rows[i].text);
        CHECK_ROW(i, slice_eq(slice_of(err.text), slice_of(rows[i].text)));
        error_prefix(&err, rows[i].context);
        CHECK_ROW(i, slice_eq(slice_of(err.text), slice_of(rows[i].both)));
    }
    error_set(NULL, "nobody %s", "listens");
    error_prefix(NULL, "nobody");
}

/* For any lengths of text and context the result is "context: text", truncated to 255 bytes. */
static void errors_are_cut(void **state)
{
    (void)state;
    static const struct {
        size_t text, context;
    } rows[] = { { 255, 0 }, { 256, 0 },   { 300, 1 },   { 255, 10 },  { 252, 1 },
                 { 253, 1 }, { 300, 253 }, { 300, 254 }, { 300, 255 }, { 1, 300 } };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[512], context[512], both[1024];
        struct error err = { "" };
        snprintf(text, sizeof(text), "%0*d", (int)rows[i].text, 1);
        snprintf(context, sizeof(context), "%.*s", (int)rows[i].context, text);
        memset(context, 'c', strlen(context));
        error_set(&err, "%s", text);
        CHECK_ROW(i, strlen(err.text) == (rows[i].text < 255 ? rows[i].text : 255));
        snprintf(both, sizeof(both), "%s: %s", context, err.text);
        both[255] = '\0';
        error_prefix(&err, context);
        CHECK_ROW(i, slice_eq(slice_of(err.text), slice_of(both)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_of_text),
        cmocka_unit_test(slices_compare),
        cmocka_unit_test(slices_from),
        cmocka_unit_test(slices_find),
        cmocka_unit_test(slices_trim),
        cmocka_unit_test(slices_strip),
        cmocka_unit_test(arena_pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(arena_keeps_its_maximum),
        cmocka_unit_test(arena_reset_gives_all_back),
        cmocka_unit_test(arena_copies_are_terminated),
        cmocka_unit_test(numbers_are_written),
        cmocka_unit_test(buf_takes_everything),
        cmocka_unit_test(buf_keeps_its_maximum),
        cmocka_unit_test(buf_failure_sticks),
        cmocka_unit_test(buf_fails_with_its_arena),
        cmocka_unit_test(buf_grows_over_many_blocks),
        cmocka_unit_test(errors_are_set_and_prefixed),
        cmocka_unit_test(errors_are_cut),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
