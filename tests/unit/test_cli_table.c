/* SPDX-License-Identifier: MIT */
/* Tables for terminals and for pipes, and the progress bar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/progress.h"
#include "cli/table.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define SECOND       INT64_C(1000000)

static void widths(void **state)
{
    (void)state;
    static const struct {
        int line;
        struct slice text;
        unsigned width;
    } rows[] = {
        { __LINE__, SLICE(""), 0 },
        { __LINE__, SLICE("abc"), 3 },
        { __LINE__, SLICE("caf\xC3\xA9"), 4 },
        { __LINE__, SLICE("cafe\xCC\x81"), 4 },             /* a combining accent */
        { __LINE__, SLICE("\xE6\x97\xA5\xE6\x9C\xAC"), 4 }, /* two wide characters */
        { __LINE__, SLICE("\xF0\x9F\x98\x80"), 2 },
        { __LINE__, SLICE("\xFF\xFE"), 2 }, /* no UTF-8 */
        { __LINE__, SLICE("\x1B[31m"), 5 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (table_text_width(rows[i].text) != rows[i].width)
            fail_msg("line %d: %u", rows[i].line, table_text_width(rows[i].text));
    }
}

/* A table of two columns and one row. */
struct table_case {
    int line;
    unsigned width; /* 0: no terminal */
    struct slice cells[2];
    const char *out;
};

static void rendering(void **state)
{
    (void)state;
    static const struct table_case rows[] = {
        { __LINE__, 0, { SLICE("a"), SLICE("b c") }, "CODE\tURL\na\tb c\n" },
        { __LINE__, 0, { SLICE("a\tb\n\\"), SLICE("") }, "CODE\tURL\na\\tb\\n\\\\\t\n" },
        { __LINE__, 80, { SLICE("a"), SLICE("b") }, "CODE  URL\na     b\n" },
        { __LINE__, 80, { SLICE("spring"), SLICE("b") }, "CODE    URL\nspring  b\n" },
        { __LINE__, 80, { SLICE("caf\xC3\xA9"), SLICE("b") }, "CODE  URL\ncaf\xC3\xA9  b\n" },
        { __LINE__, 12, { SLICE("a"), SLICE("123456") }, "CODE  URL\na     123456\n" },
        { __LINE__, 12, { SLICE("a"), SLICE("1234567") }, "CODE  URL\na     12345\xE2\x80\xA6\n" },
        { __LINE__,
          11,
          { SLICE("a"), SLICE("\xE6\x97\xA5\xE6\x9C\xAC\xE6\x97\xA5") },
          "CODE  URL\na     \xE6\x97\xA5\xE6\x9C\xAC\xE2\x80\xA6\n" },
        { __LINE__, 80, { SLICE("\x1B[2J"), SLICE("\xE2\x80\xAE") }, "CODE  URL\n?[2J  ?\n" },
        { __LINE__, 80, { SLICE("\xC2\x9B"), SLICE("\xFF") }, "CODE  URL\n?     ?\n" },
        { __LINE__, 1, { SLICE("123456"), SLICE("b") }, "CODE  URL\n123\xE2\x80\xA6  b\n" },
    };
    struct arena *arena = arena_new(1024 * 1024);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct table table = { .titles = { "CODE", "URL" }, .n_columns = 2 };
        struct table_row *row = table_add(&table, arena);
        assert_non_null(row);
        row->cells[0] = rows[i].cells[0];
        row->cells[1] = rows[i].cells[1];
        struct buf out = buf_in(arena, 4096);
        table_render(&table, rows[i].width, &out);
        if (out.failed || strcmp(out.at, rows[i].out) != 0)
            fail_msg("line %d: %s", rows[i].line, out.at);
        arena_reset(arena);
    }
    arena_free(&arena);
}

static void a_table_is_finite(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024 * 1024);
    struct table table = { .titles = { "N" }, .n_columns = 1 };
    for (unsigned i = 0; i < TABLE_ROWS_MAX; i++)
        assert_non_null(table_add(&table, arena));
    assert_null(table_add(&table, arena));
    arena_free(&arena);
}

static void progress_lines(void **state)
{
    (void)state;
    static const struct {
        int line;
        uint64_t total, done;
        unsigned width;
        int64_t elapsed_us;
        const char *out;
        uint64_t size, read;
    } rows[] = {
        { __LINE__, 0, 50, 80, 2 * SECOND, "50 made, 25/s", 0, 0 },
        { __LINE__, 100, 50, 54, 2 * SECOND, "[##..]  50%  50 made, 25/s, 0:02 left", 0, 0 },
        { __LINE__, 100, 50, 40, 2 * SECOND, " 50%  50 made, 25/s, 0:02 left", 0, 0 },
        { __LINE__, 100, 0, 54, 2 * SECOND, "[....]   0%  0 made, 0/s", 0, 0 },
        { __LINE__, 100, 100, 54, 2 * SECOND, "[####] 100%  100 made, 50/s", 0, 0 },
        { __LINE__, 100, 110, 54, 2 * SECOND, "[####] 100%  110 made, 55/s", 0, 0 },
        { __LINE__, 1000, 10, 10, 1 * SECOND, "  1%  10 made, 10/s, 1:39 left", 0, 0 },
        /* a file of known size */
        { __LINE__, 0, 30, 54, 2 * SECOND, "[#...]  25%  30 made, 15/s, 0:06 left", 4000, 1000 },
        { __LINE__, 0, 0, 54, 2 * SECOND, "[....]   0%  0 made, 0/s", 4000, 0 },
        { __LINE__, 0, 30, 54, 2 * SECOND, "[####] 100%  30 made, 15/s", 4000, 5000 },
    };
    struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct progress progress = {
            .what = "made",
            .total = rows[i].total,
            .width = rows[i].width,
            .started_us = SECOND,
            .size = rows[i].size,
            .read = rows[i].read,
        };
        struct buf out = buf_in(arena, PROGRESS_LINE_MAX);
        progress_render(&progress, rows[i].done, SECOND + rows[i].elapsed_us, &out);
        if (out.failed || strcmp(out.at, rows[i].out) != 0)
            fail_msg("line %d: %s", rows[i].line, out.at);
        arena_reset(arena);
    }
    arena_free(&arena);
}

static void progress_waits(void **state)
{
    (void)state;
    static const struct {
        int line;
        bool terminal;
        int64_t shown_us, now_us;
        bool due;
    } rows[] = {
        { __LINE__, true, 0, 10 * SECOND, false },
        { __LINE__, true, 0, 11 * SECOND - 1, false },
        { __LINE__, true, 0, 11 * SECOND, true },
        { __LINE__, false, 0, 20 * SECOND, false },
        { __LINE__, true, 12 * SECOND, 12 * SECOND + SECOND / 20, false },
        { __LINE__, true, 12 * SECOND, 12 * SECOND + SECOND / 10, true },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct progress progress = { .out = rows[i].terminal ? stderr : NULL,
                                     .started_us = 10 * SECOND,
                                     .shown_us = rows[i].shown_us };
        if (progress_is_due(&progress, rows[i].now_us) != rows[i].due)
            fail_msg("line %d", rows[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths),
        cmocka_unit_test(rendering),
        cmocka_unit_test(a_table_is_finite),
        cmocka_unit_test(progress_lines),
        cmocka_unit_test(progress_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
