/* SPDX-License-Identifier: MIT */
/* Appending the visitor's path and query to the long URL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "link/forward.h"
#include "support/arena_state.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *long_url;
    const char *query;
    const char *location;
} QUERIES[] = {
    { "http://a.example", "", "http://a.example" },
    { "http://a.example", "x=1", "http://a.example?x=1" },
    { "http://a.example/p", "x=1&y=%2B", "http://a.example/p?x=1&y=%2B" },
    { "http://a.example/p?a", "x", "http://a.example/p?a&x" },
    { "http://a.example/p?", "x", "http://a.example/p?x" },
    { "http://a.example/p?a&", "x", "http://a.example/p?a&x" },
    { "http://a.example/p#top", "x", "http://a.example/p?x#top" },
    { "http://a.example/p?a=1#top?no", "x", "http://a.example/p?a=1&x#top?no" },
    { "http://a.example/#a?b", "x", "http://a.example/?x#a?b" },
    { "http://a.example/", "x=?&&=", "http://a.example/?x=?&&=" },
    { "http://a.example/", "a[]=\"<|>\"'", "http://a.example/?a[]=%22%3C%7C%3E%22%27" },
    { "http://a.example/", "a b\xc3\xa9#c\r\nSet-Cookie:d",
      "http://a.example/?a%20b%C3%A9%23c%0D%0ASet-Cookie:d" },
};

static void queries_are_appended(void **state)
{
    struct arena *arena = *state;
    for (size_t i = 0; i < ROWS(QUERIES); i++) {
        struct slice got =
            forward_query(slice_of(QUERIES[i].long_url), slice_of(QUERIES[i].query), arena);
        if (!slice_eq(got, slice_of(QUERIES[i].location)))
            fail_msg("row %zu: %.*s", i, SLICE_ARG(got));
    }
}

static void long_queries_are_dropped(void **state)
{
    static char query[FORWARD_QUERY_MAX + 1];
    struct slice url = SLICE("http://a.example/");
    memset(query, 'q', sizeof(query));
    struct slice fits = { query, FORWARD_QUERY_MAX - 1 };
    assert_int_equal(forward_query(url, fits, *state).len, url.len + FORWARD_QUERY_MAX);
    struct slice too_long = { query, FORWARD_QUERY_MAX };
    assert_true(slice_eq(forward_query(url, too_long, *state), url));
    memset(query, ' ', sizeof(query)); /* three bytes each once encoded */
    struct slice grows = { query, FORWARD_QUERY_MAX / 2 };
    assert_true(slice_eq(forward_query(url, grows, *state), url));
}

/* Apache refuses longer header lines with a 500. */
static void the_outcome_fits_into_a_header(void **state)
{
    const struct slice begin = SLICE("http://a/?");
    static char text[FORWARD_URL_MAX];
    memset(text, 'u', sizeof(text));
    memcpy(text, begin.at, begin.len);
    for (size_t query = 1; query < 400; query++) {
        for (size_t url = 7990; url <= 8000; url++) {
            struct slice long_url = { text, url };
            size_t whole = url + 1 + query;
            struct slice got = forward_query(long_url, (struct slice){ text + 10, query }, *state);
            assert_int_equal(got.len, whole <= FORWARD_URL_MAX ? whole : url);
        }
        arena_reset(*state);
    }
}

static void a_full_arena_drops_the_query(void **state)
{
    (void)state;
    struct arena *small = arena_new(64);
    struct slice url = SLICE("http://a.example/long/enough/to/need/more/than/there/is/left/here");
    assert_true(slice_eq(forward_query(url, SLICE("x=1"), small), url));
    arena_free(&small);
}

static const struct {
    const char *long_url;
    const char *extra;
    const char *location; /* NULL: none */
} PATHS[] = {
    { "http://a.example", "b", "http://a.example/b" },
    { "http://a.example/", "b", "http://a.example/b" },
    { "http://a.example/p", "b/c/", "http://a.example/p/b/c/" },
    { "http://a.example/p/", "/b", "http://a.example/p//b" },
    { "http://a.example/p", "/", "http://a.example/p//" },
    { "http://a.example/p?x=1#f", "b", "http://a.example/p/b?x=1#f" },
    { "http://a.example?x=/", "b", "http://a.example/b?x=/" },
    { "http://a.example#f?x", "b", "http://a.example/b#f?x" },
    { "http://a.example", "/evil.example/", "http://a.example//evil.example/" },
    { "http://a.example", "@evil.example", "http://a.example/@evil.example" },
    { "http://a.example:8080", "0", "http://a.example:8080/0" },
    { "http://a.example/", "%2F%zz%", "http://a.example/%2F%zz%" },
    { "http://a.example/", "a;b=c:d,e'(f)*!$&+=~", "http://a.example/a;b=c:d,e'(f)*!$&+=~" },
    { "http://a.example/", "\"<>[\\]^`{|}?#",
      "http://a.example/%22%3C%3E%5B%5C%5D%5E%60%7B%7C%7D%3F%23" },
    { "http://a.example/", "a b\xc3\xa9\r\nSet-Cookie:d",
      "http://a.example/a%20b%C3%A9%0D%0ASet-Cookie:d" },
    { "app://x", "b", "app://x/b" },
    { "mailto:a@b.example", "b", NULL },
    { "mailto:a@b.example?x=://", "b", NULL },
};

static void paths_are_appended(void **state)
{
    for (size_t i = 0; i < ROWS(PATHS); i++) {
        struct slice got =
            forward_path(slice_of(PATHS[i].long_url), slice_of(PATHS[i].extra), 8000, *state);
        if (!slice_eq(got, slice_of(PATHS[i].location)))
            fail_msg("row %zu: %.*s", i, SLICE_ARG(got));
    }
}

static void long_paths_are_refused(void **state)
{
    static char path[FORWARD_PATH_MAX + 1];
    const struct slice url = SLICE("http://a.example/");
    memset(path, 'p', sizeof(path));
    struct slice fits = { path, FORWARD_PATH_MAX };
    struct slice too_long = { path, FORWARD_PATH_MAX + 1 };
    assert_int_equal(forward_path(url, fits, 8000, *state).len, url.len + fits.len);
    assert_int_equal(forward_path(url, too_long, 8000, *state).len, 0);
    assert_int_equal(forward_path(url, fits, url.len + fits.len, *state).len, url.len + fits.len);
    assert_int_equal(forward_path(url, fits, url.len + fits.len - 1, *state).len, 0);
    memset(path, ' ', sizeof(path)); /* three bytes each once encoded */
    assert_int_equal(forward_path(url, fits, 8000, *state).len, 0);
    struct arena *small = arena_new(64);
    assert_int_equal(forward_path(url, fits, 8000, small).len, 0);
    arena_free(&small);
}

static const struct {
    const char *path;
    bool has_dots;
} DOTS[] = {
    { "", false },          { "a", false },
    { "a/b.c/", false },    { "...", false },
    { "a./.b", false },     { "/", false },
    { "%252e", false },     { "a/..b", false },
    { ".", true },          { "..", true },
    { "a/..", true },       { "../a", true },
    { "a/../b", true },     { "a/./b", true },
    { "/..", true },        { "%2e%2E", true },
    { ".%2e/a", true },     { "a%2F..%2fb", true },
    { "a\\..\\b", true },   { "a%5c%2e%2e%5Cb", true },
    { "..%2Fadmin", true }, { "a/.%", false },
};

static void dot_segments_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(DOTS); i++) {
        if (forward_path_has_dots(slice_of(DOTS[i].path)) != DOTS[i].has_dots)
            fail_msg("%s", DOTS[i].path);
    }
}

static int set_up(void **state)
{
    return arena_state_make(state, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(queries_are_appended, set_up, arena_state_free),
        cmocka_unit_test_setup_teardown(long_queries_are_dropped, set_up, arena_state_free),
        cmocka_unit_test_setup_teardown(the_outcome_fits_into_a_header, set_up, arena_state_free),
        cmocka_unit_test(a_full_arena_drops_the_query),
        cmocka_unit_test_setup_teardown(paths_are_appended, set_up, arena_state_free),
        cmocka_unit_test_setup_teardown(long_paths_are_refused, set_up, arena_state_free),
        cmocka_unit_test(dot_segments_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
