/* SPDX-License-Identifier: MIT */
/* The set of blocked domains: parsing lines, and matching hosts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "link/blocked.h"
#include "support/arena_state.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *line;
    const char *host;
    bool blocked;
} MATCHES[] = {
    { "evil.example", "evil.example", true },
    { "evil.example", "www.evil.example", true },
    { "evil.example", "a.b.c.evil.example", true },
    { "evil.example", "evil.example.", true },
    { "evil.example", "notevil.example", false },
    { "evil.example", "evil.example.org", false },
    { "evil.example", "example", false },
    { "evil.example", "evil", false },
    { "evil.example", "", false },
    { "www.evil.example", "evil.example", false },
    { "  Evil.EXAMPLE.  # because", "evil.example", true },
    { "evil.example#because", "evil.example", true },
    { "evil.example\r\n", "evil.example", true },
    { "\tevil.example\n", "evil.example", true },
    { "*.evil.example", "evil.example", true },
    { ".evil.example", "www.evil.example", true },
    { "example", "anything.example", true },
    { "b\xc3\xbc"
      "cher.example",
      "xn--bcher-kva.example", true },
    { "XN--BCHER-KVA.example", "www.xn--bcher-kva.example", true },
    { "192.0.2.1", "192.0.2.1", true },
    { "192.0.2.1", "[::ffff:c000:201]", true },
    { "192.0.2.1", "1.192.0.2.1.example", false },
    { "0xc0000201", "192.0.2.1", true },
    { "2001:db8::1", "[2001:db8::1]", true },
    { "[2001:DB8:0::1]", "[2001:db8::1]", true },
    { "2001:db8::1", "[2001:db8::2]", false },
    { "::ffff:192.0.2.1", "192.0.2.1", true },
    { "0.2.1", "192.0.2.1", false },
    { "192.0.2.1", "[::c000:201]", true },
    { "192.0.2.1", "[64:ff9b::c000:201]", true },
    { "64:ff9b::192.0.2.1", "192.0.2.1", true },
    { "127.0.0.1", "0.0.0.0", true },
    { "127.0.0.1", "[::]", true },
    { "127.0.0.1", "[::1]", false },
    { "::1", "[::1]", true },
    { "192.0.2.1", "192.0.2.1.", true },
};

static void lines_and_what_they_block(void **state)
{
    struct arena *arena = *state;
    for (size_t i = 0; i < ROWS(MATCHES); i++) {
        struct blocked_set set;
        assert_true(blocked_set_open(&set, 1));
        if (blocked_set_add_line(&set, slice_of(MATCHES[i].line), arena) != BLOCKED_ADDED)
            fail_msg("\"%s\" was not taken", MATCHES[i].line);
        blocked_set_sort(&set);
        if (blocked_set_has(&set, slice_of(MATCHES[i].host)) != MATCHES[i].blocked)
            fail_msg("\"%s\" and %s", MATCHES[i].line, MATCHES[i].host);
        blocked_set_close(&set);
    }
}

static const struct {
    const char *line;
    enum blocked_line outcome;
} LINES[] = {
    { "", BLOCKED_NOTHING },
    { "   \t", BLOCKED_NOTHING },
    { "\r\n", BLOCKED_NOTHING },
    { "# evil.example", BLOCKED_NOTHING },
    { "  # evil.example", BLOCKED_NOTHING },
    { "*.", BLOCKED_NOTHING },
    { "evil example", BLOCKED_INVALID },
    { "0.0.0.0 evil.example", BLOCKED_INVALID },
    { "https://evil.example/", BLOCKED_INVALID },
    { "evil.example/path", BLOCKED_INVALID },
    { "evil.example:8080", BLOCKED_INVALID },
    { "evil..example", BLOCKED_INVALID },
    { "a.*.example", BLOCKED_ADDED }, /* a URL's host may have a '*' */
    { "192.0.2.999", BLOCKED_INVALID },
    { "\xff.example", BLOCKED_INVALID },
    { "evil.example", BLOCKED_ADDED },
};

static void lines_that_name_nothing(void **state)
{
    struct arena *arena = *state;
    struct blocked_set set;
    assert_true(blocked_set_open(&set, ROWS(LINES)));
    for (size_t i = 0; i < ROWS(LINES); i++) {
        enum blocked_line outcome = blocked_set_add_line(&set, slice_of(LINES[i].line), arena);
        if (outcome != LINES[i].outcome)
            fail_msg("\"%s\": %d", LINES[i].line, outcome);
    }
    blocked_set_close(&set);
}

static void no_more_than_there_is_room_for(void **state)
{
    struct arena *arena = *state;
    struct blocked_set set;
    assert_true(blocked_set_open(&set, 1));
    assert_int_equal(blocked_set_add_line(&set, SLICE("a.example"), arena), BLOCKED_ADDED);
    assert_int_equal(blocked_set_add_line(&set, SLICE("# full"), arena), BLOCKED_NOTHING);
    assert_int_equal(blocked_set_add_line(&set, SLICE("b.example"), arena), BLOCKED_FULL);
    blocked_set_sort(&set);
    assert_true(blocked_set_has(&set, SLICE("a.example")));
    assert_false(blocked_set_has(&set, SLICE("b.example")));
    blocked_set_close(&set);
    assert_false(blocked_set_has(&set, SLICE("a.example")));
}

static struct slice numbered(char name[32], unsigned i)
{
    return (struct slice){ name, (size_t)snprintf(name, 32, "host%u.example", i) };
}

/* Sets of many sizes, each name added twice, are sorted, complete and without duplicates. */
static void sorted_and_each_once(void **state)
{
    struct arena *arena = *state;
    static const unsigned sizes[] = { 0, 1, 2, 31, 32, 33, 100, 5000, 100000 };
    for (size_t s = 0; s < ROWS(sizes); s++) {
        struct blocked_set set;
        char name[32];
        assert_true(blocked_set_open(&set, (size_t)2 * sizes[s]));
        for (unsigned i = 0; i < 2 * sizes[s]; i++) {
            unsigned n = i < sizes[s] ? i : i - sizes[s];
            blocked_set_add_line(&set, numbered(name, n), arena);
            arena_reset(arena);
        }
        blocked_set_sort(&set);
        assert_int_equal(set.n, sizes[s]);
        for (size_t i = 1; i < set.n; i++)
            assert_true(set.hashes[i - 1] < set.hashes[i]);
        for (unsigned i = 0; i < sizes[s]; i++)
            assert_true(blocked_set_has(&set, numbered(name, i)));
        assert_false(blocked_set_has(&set, numbered(name, sizes[s])));
        blocked_set_close(&set);
    }
}

static int set_up(void **state)
{
    return arena_state_make(state, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_what_they_block),
        cmocka_unit_test(lines_that_name_nothing),
        cmocka_unit_test(no_more_than_there_is_room_for),
        cmocka_unit_test(sorted_and_each_once),
    };
    return cmocka_run_group_tests(tests, set_up, arena_state_free);
}
