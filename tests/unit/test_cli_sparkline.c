/* SPDX-License-Identifier: MIT */
/* Sparklines: numbers as bars. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/sparkline.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

enum {
    ARENA_MAX = 64 * 1024,
};

static const struct {
    uint64_t numbers[9];
    size_t n;
    unsigned width;
    bool utf8;
    const char *bars;
} lines[] = {
    { { 0 }, 0, 0, true, "" },
    { { 0, 0 }, 2, 0, false, "__\n" },
    { { 1 }, 1, 0, false, "#\n" },
    { { 0, 1, 1000000 }, 3, 0, false, "_.#\n" }, /* a small value is not shown as zero */
    { { 0, 1, 2, 3, 4, 5, 6, 7 }, 8, 0, false, "_.:-=+*#\n" },
    { { 0, 7, 14, 21, 28, 35, 42, 49, 3 }, 9, 0, false, "_.:-=+*#.\n" },
    { { UINT64_MAX, UINT64_MAX / 2, 0 }, 3, 0, false, "#=_\n" },
    { { 0, 1, 2, 3, 4, 5, 6, 7 }, 8, 3, false, "_.:\n-=+\n*#\n" },
    { { 0, 1, 2, 3 }, 4, 2, false, "_-\n+#\n" },
    { { 0, 1, 2, 3, 4, 5, 6, 7 }, 8, 0, true, "▁▂▃▄▅▆▇█\n" },
};

static void numbers_are_bars(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(lines); i++) {
        struct arena *arena = arena_new(ARENA_MAX);
        struct buf out = buf_in(arena, ARENA_MAX / 2);
        sparkline_render(lines[i].numbers, lines[i].n, lines[i].width, lines[i].utf8, &out);
        struct slice text = buf_slice(&out);
        if (!slice_eq(text, slice_of(lines[i].bars)))
            fail_msg("row %zu: %.*s", i, SLICE_ARG(text));
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(numbers_are_bars) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
