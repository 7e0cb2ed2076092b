/* SPDX-License-Identifier: MIT */
/* Tables of edge/: the list of caches, paths and codes, requests and their answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "edge/edge_codes.h"
#include "edge/edge_request.h"
#include "edge/edge_target.h"

static void test_the_list_of_caches(void **state)
{
    static const struct {
        const char *text;
        const char *read; /* the kinds and places; or the beginning of the reason */
        bool is_good;
    } rows[] = {
        { "", "", true },
        { " \t", "", true },
        { "nginx:/run/nginx-curt", "nginx /run/nginx-curt;", true },
        { "nginx:http://s.example.org{path}", "nginx-url http://s.example.org{path};", true },
        { "varnish:http://127.0.0.1:6081 apache:/var/cache/apache2",
          "varnish http://127.0.0.1:6081;apache /var/cache/apache2;", true },
        { "http:https://api.example.net/purge?url={url}",
          "http https://api.example.net/purge?url={url};", true },
        { "nginx:http://s.example.org/", "\"nginx:http://s.example.org/\": a cache is", false },
        { "nginx:/", "\"nginx:/\": a cache is", false },
        { "apache:cache", "\"apache:cache\": a cache is", false },
        { "apache:http://a", "\"apache:http://a\": a cache is", false },
        { "varnish:/run", "\"varnish:/run\": a cache is", false },
        { "squid:http://a", "\"squid:http://a\": a cache is", false },
        { "http", "\"http\": a cache is", false },
        { "http:ftp://a", "\"http:ftp://a\": a cache is", false },
        { "http:https://a/\"", "\"http:https://a/\"\" has more than 500 bytes", false },
        { "http:https://a/\\n", "\"http:https://a/\\n\" has more than 500 bytes", false },
        { "http:https://a/\x7f", "\"http:https://a/\x7f\" has more than 500 bytes", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct slice list = slice_of(rows[i].text);
        struct edge_target target;
        struct error err;
        char read[256] = "";
        size_t len = 0;
        while (edge_target_next(&list, &target, &err))
            len += (size_t)snprintf(read + len, sizeof(read) - len, "%s %.*s;",
                                    edge_kind_name(target.kind), SLICE_ARG(target.place));
        assert_int_equal(err.text[0] == '\0', rows[i].is_good);
        if (rows[i].is_good)
            assert_string_equal(read, rows[i].read);
        else
            assert_memory_equal(err.text, rows[i].read, strlen(rows[i].read));
    }
}

static void test_a_place_may_have_so_many_bytes(void **state)
{
    (void)state;
    for (size_t len = EDGE_PLACE_MAX; len <= EDGE_PLACE_MAX + 1; len++) {
        char text[EDGE_PLACE_MAX + 16] = "nginx:/";
        memset(text + strlen(text), 'x', len - 1);
        struct slice list = slice_of(text);
        struct edge_target target;
        struct error err;
        assert_int_equal(edge_target_next(&list, &target, &err), len == EDGE_PLACE_MAX);
    }
}

static void test_paths_name_codes(void **state)
{
    static const struct {
        const char *base, *path, *code; /* NULL: none */
    } rows[] = {
        { "", "/abc1234", "abc1234" },
        { "", "/ABC1234", "abc1234" },
        { "", "/abc1234/", "abc1234" },
        { "", "/abc1234?x=/other", "abc1234" },
        { "", "/abc1234/more/path", "abc1234" },
        { "", "/abc1234.", "abc1234" },
        { "", "/abc1234%E2%80%8B", "abc1234" },
        { "", "/%61bc%31234", "abc1234" },
        { "", "/abc%2Fmore", "abc" },
        { "", "/abc%", "abc" },
        { "", "/a-b_c", "a-b_c" },
        { "", "/", NULL },
        { "", "", NULL },
        { "", "//abc", NULL },
        { "", "/?abc", NULL },
        { "", "abc", NULL },
        { "/s", "/s/abc", "abc" },
        { "/s", "/%73/abc", "abc" },
        { "/s", "/abc", NULL },
        { "/s", "/s", NULL },
        { "/s", "/sabc", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint64_t wanted = rows[i].code ? edge_code_hash(slice_of(rows[i].code)) : 0;
        uint64_t got = edge_path_hash(slice_of(rows[i].path), slice_of(rows[i].base));
        if (got != wanted)
            fail_msg("%s: %s", rows[i].base, rows[i].path);
    }
    assert_int_not_equal(edge_code_hash(SLICE("abc")), edge_code_hash(SLICE("abd")));
}

/* The longest code, and no byte of a longer text. */
static void test_long_paths(void **state)
{
    char path[3000] = "/";
    (void)state;
    memset(path + 1, 'x', sizeof(path) - 2);
    struct slice longest = { path + 1, CODE_MAX };
    assert_int_equal(edge_path_hash(slice_of(path), SLICE("")), edge_code_hash(longest));
}

/* --- requests --- */

static const struct edge_site SITE = {
    .method = "POST",
    .header = "Authorization: Bearer \"x\"",
    .body = "{\"files\":[\"{url}\"]}",
};

/* The lines of the configuration that differ between requests. */
static void assert_requests(const char *list, const struct edge_codes *codes, size_t n,
                            const char *wanted)
{
    struct slice text = slice_of(list);
    struct edge_target target;
    struct error err;
    struct edge_site site = SITE;
    struct arena *arena = arena_new(8 << 20);
    struct buf out = buf_in(arena, EDGE_REQUESTS_BYTES);
    site.base_url = SLICE("https://example.org/s");
    site.base_path = SLICE("/s");
    assert_true(edge_target_next(&text, &target, &err));
    assert_int_equal(edge_requests_write(&out, &target, &site, codes), n);
    char differs[2048] = "";
    for (struct slice rest = buf_slice(&out); rest.len;) {
        struct slice line = { rest.at, slice_find(rest, '\n') };
        static const char *const names[] = { "url", "request", "header", "data-raw", "next" };
        rest = slice_from(rest, line.len + 1);
        for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
            if (slice_starts_with(line, slice_of(names[i])))
                (void)snprintf(differs + strlen(differs), sizeof(differs) - strlen(differs),
                               "%.*s\n", SLICE_ARG(line));
        }
    }
    assert_string_equal(differs, wanted);
    arena_free(&arena);
}

static void test_requests(void **state)
{
    const struct edge_codes codes = { .at = { SLICE("abc"), SLICE("d-e") }, .n = 2 };
    const struct edge_codes one = { .at = { SLICE("abc") }, .n = 1 };
    (void)state;
    assert_requests("varnish:http://127.0.0.1:6081", &codes, 1,
                    "request = \"BAN\"\nurl = \"http://127.0.0.1:6081/s/\"\n"
                    "header = \"X-Curt-Codes: abc|d-e\"\n");
    assert_requests("nginx:http://front{path}", &codes, 4,
                    "request = \"PURGE\"\nurl = \"http://front/s/abc\"\nnext\n"
                    "request = \"PURGE\"\nurl = \"http://front/s/abc/\"\nnext\n"
                    "request = \"PURGE\"\nurl = \"http://front/s/d-e\"\nnext\n"
                    "request = \"PURGE\"\nurl = \"http://front/s/d-e/\"\n");
    assert_requests("http:https://api/purge/{code}", &one, 2,
                    "request = \"POST\"\nurl = \"https://api/purge/abc\"\n"
                    "header = \"Authorization: Bearer \\\"x\\\"\"\n"
                    "header = \"Content-Type: application/json\"\n"
                    "data-raw = \"{\\\"files\\\":[\\\"https://example.org/s/abc\\\"]}\"\nnext\n"
                    "request = \"POST\"\nurl = \"https://api/purge/abc\"\n"
                    "header = \"Authorization: Bearer \\\"x\\\"\"\n"
                    "header = \"Content-Type: application/json\"\n"
                    "data-raw = \"{\\\"files\\\":[\\\"https://example.org/s/abc/\\\"]}\"\n");
}

/* As many and as long codes as there can be fit. */
static void test_the_largest_requests_fit(void **state)
{
    static char code[CODE_MAX];
    char list[EDGE_PLACE_MAX + 8] = "http:https://a/{url}";
    struct edge_codes codes = { .n = EDGE_CODES_MAX };
    (void)state;
    memset(code, 'c', sizeof(code));
    for (size_t i = 0; i < codes.n; i++)
        codes.at[i] = (struct slice){ code, sizeof(code) };
    memset(list + strlen(list), 'x', EDGE_PLACE_MAX - strlen("https://a/{url}"));
    struct slice text = slice_of(list);
    struct edge_target target;
    struct error err;
    char body[1001];
    memset(body, 'b', sizeof(body) - 1);
    body[sizeof(body) - 1] = '\0';
    const struct edge_site site = {
        .base_url = SLICE("https://example.org"), .method = "POST", .header = body, .body = body
    };
    struct arena *arena = arena_new(8 << 20);
    struct buf out = buf_in(arena, EDGE_REQUESTS_BYTES);
    assert_true(edge_target_next(&text, &target, &err));
    assert_int_equal(edge_requests_write(&out, &target, &site, &codes), EDGE_REQUESTS_MAX);
    arena_free(&arena);
}

static void test_answers(void **state)
{
    static const struct {
        enum edge_kind kind;
        const char *output;
        size_t n;
        const char *reason; /* NULL: taken */
    } rows[] = {
        { EDGE_VARNISH, "200\n", 1, NULL },
        { EDGE_VARNISH, "403\n", 1, "place answers 403" },
        { EDGE_VARNISH, "404\n", 1, "place answers 404" },
        { EDGE_NGINX_URL, "200\n404\n412\n", 3, NULL },
        { EDGE_NGINX_URL, "405\n", 1, "place answers 405" },
        { EDGE_HTTP, "204\n404\n", 2, NULL },
        { EDGE_HTTP, "412\n", 1, "place answers 412" },
        { EDGE_HTTP, "302\n", 1, "place answers 302" },
        { EDGE_HTTP, "200\n", 2, "place: 1 of 2 requests were answered" },
        { EDGE_HTTP, "", 1, "place: 0 of 1 requests were answered" },
        { EDGE_HTTP, "000\n", 1, "place: 0 of 1 requests were answered" },
        { EDGE_HTTP, "curl: (7) Failed to connect\n000\n", 1,
          "place: curl: (7) Failed to connect" },
        { EDGE_HTTP, "200\ncurl: (28) Timeout", 2, "place: curl: (28) Timeout" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        const struct edge_target target = { rows[i].kind, SLICE("place") };
        struct error err = { "" };
        bool is_taken = edge_answers_check(&target, slice_of(rows[i].output), rows[i].n, &err);
        assert_int_equal(is_taken, !rows[i].reason);
        if (rows[i].reason)
            assert_string_equal(err.text, rows[i].reason);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_list_of_caches),
        cmocka_unit_test(test_a_place_may_have_so_many_bytes),
        cmocka_unit_test(test_paths_name_codes),
        cmocka_unit_test(test_long_paths),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_the_largest_requests_fit),
        cmocka_unit_test(test_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
