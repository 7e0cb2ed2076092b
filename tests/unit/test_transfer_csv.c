/* SPDX-License-Identifier: MIT */
/* Reading and writing CSV. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "transfer/csv.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Writes all records of a text: "LINE(a|b)" for a record, "LINE!" for an invalid one. */
static void read_all(const char *text, struct buf *out)
{
    struct arena *arena = arena_new(8 * CSV_RECORD_MAX);
    size_t len = strlen(text);
    FILE *file = fmemopen((void *)(uintptr_t)text, len ? len : 1, "r");
    if (len == 0)
        (void)getc(file);
    struct csv csv = { .input = { .file = file } };
    for (;;) {
        struct csv_record record;
        struct error err = { "" };
        enum source_result result = csv_read(&csv, arena, &record, &err);
        if (result == SOURCE_END)
            break;
        assert_int_not_equal(result, SOURCE_FAILED);
        buf_add_uint(out, csv.line);
        if (result == SOURCE_REFUSED) {
            assert_int_not_equal(err.text[0], '\0');
            buf_add_text(out, "! ");
            continue;
        }
        for (unsigned i = 0; i < record.n; i++) {
            buf_add_byte(out, i ? '|' : '(');
            buf_add(out, record.fields[i]);
        }
        buf_add_text(out, ") ");
        arena_reset(arena);
    }
    fclose(file);
    arena_free(&arena);
}

static void reading(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *in, *out;
    } rows[] = {
        { __LINE__, "\n", "" },
        { __LINE__, "a,b\n", "1(a|b) " },
        { __LINE__, "a,b", "1(a|b) " },
        { __LINE__, "a,b\r\nc,d\r\n", "1(a|b) 2(c|d) " },
        { __LINE__,
          "\xEF\xBB\xBF"
          "a\n",
          "1(a) " },
        { __LINE__, "a,,\n", "1(a||) " },
        { __LINE__, ",\n", "1(|) " },
        { __LINE__, "\n\r\na\n\nb\n", "3(a) 5(b) " },
        { __LINE__, "\"a,b\",c\n", "1(a,b|c) " },
        { __LINE__, "\"a \"\"b\"\"\"\n", "1(a \"b\") " },
        { __LINE__, "\"\",\"\"\"\"\n", "1(|\") " },
        { __LINE__, "\"a\nb\",c\nd\n", "1(a\nb|c) 3(d) " },
        { __LINE__, "\"a\r\nb\"\n", "1(a\r\nb) " },
        { __LINE__, "a\rb\n", "1(a\rb) " },
        { __LINE__, " a , b \n", "1( a | b ) " },
        { __LINE__, "\"\"\n", "1() " },
        { __LINE__, "a\"b,c\nd\n", "1! 2(d) " },
        { __LINE__, "\"a\"b,c\nd\n", "1! 2(d) " },
        { __LINE__, "a\n\"b", "1(a) 2! " },
        { __LINE__, "\"a\" \nb\n", "1! 2(b) " },
    };
    struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out = buf_in(arena, 4096);
        read_all(rows[i].in, &out);
        if (!slice_eq(buf_slice(&out), slice_of(rows[i].out)))
            fail_msg("line %d: %.*s", rows[i].line, SLICE_ARG(buf_slice(&out)));
        arena_reset(arena);
    }
    arena_free(&arena);
}

/* Appends `n` times `text`. */
static void repeat(struct buf *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_add_text(out, text);
}

static void limits(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *piece;
        size_t n;
        const char *out;
    } rows[] = {
        { __LINE__, ",", CSV_FIELDS_MAX, "1! 2(z) " },
        { __LINE__, "aaaaaaaa", CSV_RECORD_MAX / 8 + 1, "1! 2(z) " },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena *arena = arena_new(8 * CSV_RECORD_MAX);
        struct buf in = buf_in(arena, 2 * CSV_RECORD_MAX);
        struct buf out = buf_in(arena, 4096);
        repeat(&in, rows[i].piece, rows[i].n);
        buf_add_text(&in, "\nz\n");
        read_all(in.at, &out);
        if (!slice_eq(buf_slice(&out), slice_of(rows[i].out)))
            fail_msg("line %d: %.*s", rows[i].line, SLICE_ARG(buf_slice(&out)));
        arena_free(&arena);
    }
}

static void writing(void **state)
{
    (void)state;
    static const struct {
        int line;
        struct slice in, out;
    } rows[] = {
        { __LINE__, SLICE(""), SLICE("") },
        { __LINE__, SLICE("plain text"), SLICE("plain text") },
        { __LINE__, SLICE("a,b"), SLICE("\"a,b\"") },
        { __LINE__, SLICE("a\"b"), SLICE("\"a\"\"b\"") },
        { __LINE__, SLICE("a\nb"), SLICE("\"a\nb\"") },
        { __LINE__, SLICE("a\rb"), SLICE("\"a\rb\"") },
    };
    struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct buf out = buf_in(arena, 4096);
        csv_add_field(&out, rows[i].in);
        if (!slice_eq(buf_slice(&out), rows[i].out))
            fail_msg("line %d: %.*s", rows[i].line, SLICE_ARG(buf_slice(&out)));
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading),
        cmocka_unit_test(limits),
        cmocka_unit_test(writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
