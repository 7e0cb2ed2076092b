/* SPDX-License-Identifier: MIT */
/* Escaping for HTML, logfmt, JSON and CSV; UTF-8; the edit distance of words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "text/escape.h"
#include "text/suggest.h"
#include "text/utf8.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct row {
    int line;
    struct slice in, out;
};

#define ROW(in, out)                    \
    {                                   \
        __LINE__, SLICE(in), SLICE(out) \
    }

static void check(const struct row *rows, size_t n, void (*escape)(struct buf *, struct slice))
{
    for (size_t i = 0; i < n; i++) {
        struct arena *arena = arena_new(65536);
        assert_non_null(arena);
        struct buf b = buf_in(arena, 4096);
        escape(&b, rows[i].in);
        if (b.failed || !slice_eq(buf_slice(&b), rows[i].out))
            fail_msg("line %d: %.*s", rows[i].line, SLICE_ARG(buf_slice(&b)));
        arena_free(&arena);
    }
}

static void html(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("", ""),
        ROW("plain text/?=%2B", "plain text/?=%2B"),
        ROW("<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"),
        ROW("\"><img", "&quot;&gt;&lt;img"),
        ROW("a&b&amp;", "a&amp;b&amp;amp;"),
        ROW("caf\xC3\xA9\xFF\n", "caf\xC3\xA9\xFF\n"),
    };
    check(rows, COUNT(rows), escape_html);
}

static void logfmt(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("plain-text/1.0:<&'>", "plain-text/1.0:<&'>"),
        ROW("", "\"\""),
        ROW("two words", "\"two words\""),
        ROW("a=b", "\"a=b\""),
        ROW("say \"x\"", "\"say \\\"x\\\"\""),
        ROW("C:\\x", "\"C:\\\\x\""),
        ROW("a\r\nlevel=error", "\"a\\r\\nlevel=error\""),
        ROW("\t", "\"\\t\""),
        ROW("a\0b\x1B[31m\x7F", "\"a\\u0000b\\u001b[31m\\u007f\""),
        ROW("caf\xC3\xA9", "\"caf\\u00e9\""),
        ROW("\xE2\x80\xA8", "\"\\u2028\""),
        ROW("\xF0\x9F\x92\xA9", "\"\\ud83d\\udca9\""),
        ROW("\xF4\x8F\xBF\xBF", "\"\\udbff\\udfff\""),
        ROW("\x80\xFFz", "\"\\ufffd\\ufffdz\""),
        ROW("\xE2\x82", "\"\\ufffd\\ufffd\""),
    };
    check(rows, COUNT(rows), escape_logfmt);
}

static void json(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("", ""),
        ROW("plain / text = '<&>'", "plain / text = '<&>'"),
        ROW("say \"x\\y\"", "say \\\"x\\\\y\\\""),
        ROW("\n\r\t", "\\n\\r\\t"),
        ROW("\0\x01\x08\x0C\x1F\x7F", "\\u0000\\u0001\\u0008\\u000c\\u001f\\u007f"),
        ROW("caf\xC3\xA9 \xF0\x9F\x92\xA9", "caf\xC3\xA9 \xF0\x9F\x92\xA9"),
        ROW("a\xFF"
            "b",
            "a\xEF\xBF\xBD"
            "b"),
        ROW("\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"),
    };
    check(rows, COUNT(rows), escape_json);
}

/* For every byte and pair of bytes, a log value stays within its line and within ASCII. */
static void csv(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("", ""),
        ROW("=1+1", "=1+1"),
        ROW("\"a\", b", "\"\"a\"\", b"),
    };
    check(rows, COUNT(rows), escape_csv);
}

static void spreadsheet(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("", ""),
        ROW("a=1", "a=1"),
        ROW("\"=1", "\"\"=1"),
        ROW("=1+1", "'=1+1"),
        ROW("+1", "'+1"),
        ROW("-1", "'-1"),
        ROW("@x", "'@x"),
        ROW("\t=1", "'\t=1"),
        ROW("\r=1", "'\r=1"),
        ROW("\n=1", "'\n=1"),
        ROW("=\"a\"", "'=\"\"a\"\""),
        ROW("\0=", "\0="),
        ROW("'tis", "''tis"),
    };
    check(rows, COUNT(rows), escape_spreadsheet);
}

static void no_bytes_split_a_log_line(void **state)
{
    (void)state;
    for (unsigned pair = 0; pair < 65536; pair++) {
        struct arena *arena = arena_new(1024);
        struct buf b = buf_in(arena, 512);
        char in[2] = { (char)(pair >> 8), (char)pair };
        escape_logfmt(&b, (struct slice){ in, 2 });
        assert_false(b.failed);
        for (size_t i = 0; i < b.len; i++)
            assert_true(b.at[i] >= 0x20 && b.at[i] < 0x7F);
        arena_free(&arena);
    }
}

static void a_full_buffer_fails(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024);
    struct buf b = buf_in(arena, 4);
    escape_json(&b, SLICE("\"\"\""));
    assert_true(b.failed);
    arena_free(&arena);
}

static void lines_of_text(void **state)
{
    (void)state;
    static const struct {
        struct slice in;
        bool is_line;
    } rows[] = {
        { SLICE(""), true },
        { SLICE("Gr\xc3\xbc\xc3\x9f"
                "e"),
          true },
        { SLICE("a\x1f"), false },
        { SLICE("\n"), false },
        { SLICE("\0"), false },
        { SLICE("a\x7f"), false },
        { SLICE("\xc2\x80"), false },
        { SLICE("a\xc2\x85"), false },
        { SLICE("\xc2\x9b"
                "2J"),
          false },
        { SLICE("\xc2\x9f"), false },
        { SLICE("\xc2\xa0"), true },
        { SLICE("\x80"), false },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (utf8_is_line(rows[i].in) != rows[i].is_line)
            fail_msg("row %zu", i);
    }
}

static void lines_are_made(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        const char *out;
    } rows[] = {
        { "", "" },
        { "Gr\xc3\xbc\xc3\x9f\n", "Gr\xc3\xbc\xc3\x9f?" },
        { "\x1b[2Ja\x7f", "?[2Ja?" },
        { "\xc2\x9b"
          "2J\xc2\xa0",
          "??2J\xc2\xa0" },
        { "\x80x\xe2\x82", "?x??" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[32];
        snprintf(text, sizeof(text), "%s", rows[i].in);
        utf8_make_line(text);
        assert_string_equal(text, rows[i].out);
        assert_true(utf8_is_line(slice_of(text)));
    }
}

static void utf8(void **state)
{
    (void)state;
    static const struct {
        int line;
        struct slice in;
        bool valid;
    } rows[] = {
        { __LINE__, SLICE(""), true },
        { __LINE__, SLICE("ascii\0\x7F"), true },
        { __LINE__, SLICE("\xC2\x80"), true },
        { __LINE__, SLICE("\xDF\xBF"), true },
        { __LINE__, SLICE("\xE0\xA0\x80"), true },
        { __LINE__, SLICE("\xED\x9F\xBF"), true },
        { __LINE__, SLICE("\xEE\x80\x80"), true },
        { __LINE__, SLICE("\xEF\xBF\xBF"), true },
        { __LINE__, SLICE("\xF0\x90\x80\x80"), true },
        { __LINE__, SLICE("\xF4\x8F\xBF\xBF"), true },
        { __LINE__, SLICE("\x80"), false },
        { __LINE__, SLICE("\xC2"), false },
        { __LINE__, SLICE("\xC2\x41"), false },
        { __LINE__, SLICE("\xC0\x80"), false },         /* overlong NUL */
        { __LINE__, SLICE("\xC1\xBF"), false },         /* overlong */
        { __LINE__, SLICE("\xE0\x9F\xBF"), false },     /* overlong */
        { __LINE__, SLICE("\xF0\x8F\xBF\xBF"), false }, /* overlong */
        { __LINE__, SLICE("\xED\xA0\x80"), false },     /* surrogate */
        { __LINE__, SLICE("\xED\xBF\xBF"), false },     /* surrogate */
        { __LINE__, SLICE("\xF4\x90\x80\x80"), false }, /* past U+10FFFF */
        { __LINE__, SLICE("\xF5\x80\x80\x80"), false },
        { __LINE__, SLICE("\xFF"), false },
        { __LINE__, SLICE("\xE2\x82"), false },
        { __LINE__, SLICE("ok\xE2\x82\xAC\xE2"), false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (utf8_valid(rows[i].in) != rows[i].valid)
            fail_msg("line %d", rows[i].line);
    }
}

/* Each code point, encoded as RFC 3629, 3 says, is read as itself; surrogates are not read. */
static void every_code_point_is_read(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x110000; c++) {
        char bytes[4] = { (char)c };
        size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        for (size_t i = 1; i < len; i++)
            bytes[len - i] = (char)(0x80 | (c >> 6 * (i - 1) & 0x3F));
        if (len > 1)
            bytes[0] = (char)(0xF00U >> len | c >> 6 * (len - 1));
        uint32_t read = 0;
        bool scalar = (c < 0xD800 || c > 0xDFFF) && c <= 0x10FFFF;
        size_t got = utf8_first((struct slice){ bytes, len }, &read);
        if (got != (scalar ? len : 0) || (scalar && read != c))
            fail_msg("U+%04X: %zu bytes, U+%04X", c, got, read);
    }
}

static void words_are_as_far_apart_as_it_takes(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *a, *b;
        unsigned distance;
    } rows[] = {
        { __LINE__, "", "", 0 },
        { __LINE__, "a", "", 1 },
        { __LINE__, "port", "port", 0 },
        { __LINE__, "port", "Port", 1 },
        { __LINE__, "kitten", "sitting", 3 },
        { __LINE__, "local_tll", "local_ttl", 1 },
        { __LINE__, "worker", "workers", 1 },
        { __LINE__, "ab", "ba", 1 },
        { __LINE__, "lnik", "link", 1 },
        { __LINE__, "abc", "ca", 3 },
        { __LINE__, "flaw", "lawn", 2 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct slice a = slice_of(rows[i].a), b = slice_of(rows[i].b);
        if (distance_between(a, b) != rows[i].distance ||
            distance_between(b, a) != rows[i].distance)
            fail_msg("line %d: %u", rows[i].line, distance_between(a, b));
    }
    char longest[DISTANCE_WORD_MAX + 1];
    memset(longest, 'x', sizeof longest);
    struct slice at_most = { longest, DISTANCE_WORD_MAX }, beyond = { longest, sizeof longest };
    assert_int_equal(distance_between(at_most, SLICE("y")), DISTANCE_WORD_MAX);
    assert_int_equal(distance_between(beyond, beyond), DISTANCE_FAR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html),
        cmocka_unit_test(logfmt),
        cmocka_unit_test(json),
        cmocka_unit_test(csv),
        cmocka_unit_test(spreadsheet),
        cmocka_unit_test(no_bytes_split_a_log_line),
        cmocka_unit_test(a_full_buffer_fails),
        cmocka_unit_test(utf8),
        cmocka_unit_test(lines_of_text),
        cmocka_unit_test(lines_are_made),
        cmocka_unit_test(every_code_point_is_read),
        cmocka_unit_test(words_are_as_far_apart_as_it_takes),
    };
    return cmocka_run_group_tests_name("escaping", tests, NULL, NULL);
}
