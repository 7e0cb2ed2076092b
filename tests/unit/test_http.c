/* SPDX-License-Identifier: MIT */
/* Requests, responses and route patterns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http/request.h"
#include "http/response.h"
#include "http/router.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void methods(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *name;
        enum http_method method;
    } rows[] = {
        { __LINE__, "GET", HTTP_GET },         { __LINE__, "HEAD", HTTP_HEAD },
        { __LINE__, "POST", HTTP_POST },       { __LINE__, "PUT", HTTP_PUT },
        { __LINE__, "PATCH", HTTP_PATCH },     { __LINE__, "DELETE", HTTP_DELETE },
        { __LINE__, "OPTIONS", HTTP_OPTIONS }, { __LINE__, "get", HTTP_OTHER },
        { __LINE__, "", HTTP_OTHER },          { __LINE__, "GETS", HTTP_OTHER },
        { __LINE__, "GE", HTTP_OTHER },        { __LINE__, "TRACE", HTTP_OTHER },
        { __LINE__, "OTHER", HTTP_OTHER },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (http_method_of(slice_of(rows[i].name)) != rows[i].method)
            fail_msg("line %d", rows[i].line);
        if (rows[i].method != HTTP_OTHER)
            assert_string_equal(http_method_name(rows[i].method), rows[i].name);
    }
    assert_string_equal(http_method_name(HTTP_OTHER), "OTHER");
}

static void allowed_methods(void **state)
{
    (void)state;
    char out[HTTP_ALLOW_MAX];
    http_allow(HTTP_GET | HTTP_HEAD, out);
    assert_string_equal(out, "GET, HEAD");
    http_allow(HTTP_DELETE, out);
    assert_string_equal(out, "DELETE");
    http_allow(0, out);
    assert_string_equal(out, "");
    http_allow(~0u, out);
    assert_string_equal(out, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}

static void targets(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *target, *path, *query;
    } rows[] = {
        { __LINE__, "/", "/", "" },
        { __LINE__, "/abc", "/abc", "" },
        { __LINE__, "/abc?", "/abc", "" },
        { __LINE__, "/abc?x=1", "/abc", "x=1" },
        { __LINE__, "/abc?x=1?y=2", "/abc", "x=1?y=2" },
        { __LINE__, "/abc#top", "/abc", "" },
        { __LINE__, "/abc?x#y", "/abc", "x" },
        { __LINE__, "/a%2Fb?%3F", "/a%2Fb", "%3F" },
        { __LINE__, "//abc", "//abc", "" },
        { __LINE__, "/?x", "/", "x" },
        { __LINE__, "/http://x/y", "/http://x/y", "" },
        { __LINE__, "/abc?u=http://x/y", "/abc", "u=http://x/y" },
        /* absolute form: RFC 9112, 3.2.2 */
        { __LINE__, "http://example.org/abc?x", "/abc", "x" },
        { __LINE__, "HTTPS://example.org:8443/abc", "/abc", "" },
        { __LINE__, "http://[::1]:80/abc", "/abc", "" },
        { __LINE__, "http://example.org", "/", "" },
        { __LINE__, "http://example.org/", "/", "" },
        { __LINE__, "http://example.org?x=/y", "/", "x=/y" },
        { __LINE__, "http://example.org#x", "/", "" },
        { __LINE__, "svn+ssh.1-a://h/p", "/p", "" },
        /* neither form */
        { __LINE__, "*", "*", "" },
        { __LINE__, "", "/", "" },
        { __LINE__, "example.org:443", "example.org:443", "" },
        { __LINE__, "1http://h/p", "1http://h/p", "" },
        { __LINE__, "a b://h/p", "a b://h/p", "" },
        { __LINE__, "://h/p", "://h/p", "" },
        { __LINE__, "?u=http://h/p", "/", "u=http://h/p" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct http_request request = { .method = HTTP_GET };
        http_request_set_target(&request, slice_of(rows[i].target));
        if (!slice_eq(request.path, slice_of(rows[i].path)) ||
            !slice_eq(request.query, slice_of(rows[i].query)))
            fail_msg("line %d: path \"%.*s\" query \"%.*s\"", rows[i].line, SLICE_ARG(request.path),
                     SLICE_ARG(request.query));
    }
}

static void variables(void **state)
{
    (void)state;
    static const char *const list[] = { "REQUEST_METHOD=GET", "EMPTY=",  "A=b=c",
                                        "A=second",           "NOVALUE", NULL };
    const struct http_request request = { .variables = list };
    const struct http_request none = { .variables = NULL };
    assert_true(slice_eq(http_variable(&request, "REQUEST_METHOD"), SLICE("GET")));
    assert_true(slice_eq(http_variable(&request, "A"), SLICE("b=c")));
    assert_int_equal(http_variable(&request, "EMPTY").len, 0);
    assert_int_equal(http_variable(&request, "REQUEST").len, 0);
    assert_int_equal(http_variable(&request, "NOVALUE").len, 0);
    assert_int_equal(http_variable(&request, "MISSING").len, 0);
    assert_int_equal(http_variable(&none, "A").len, 0);
}

static void what_is_accepted(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *accept;
        bool html;
    } rows[] = {
        { __LINE__, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true },
        { __LINE__, "text/html", true },
        { __LINE__, "TEXT/HTML", true },
        { __LINE__, "text/html;charset=utf-8", true },
        { __LINE__, "application/json, text/html", true },
        { __LINE__, "text/html;q=0.9, application/json", false },
        { __LINE__, "text/html;q=0.9, application/problem+json", false },
        { __LINE__, "text/html;q=0.81, application/json;q=0.89", false },
        { __LINE__, "text/html;q=0.89, application/json;q=0.81", true },
        { __LINE__, "text/html;q=0.001, application/json;q=0.002", false },
        { __LINE__, "text/html;q=0.5, application/json;q=0.50", true },
        { __LINE__, "text/html; q=0.8 , application/json ; q=0.7", true },
        { __LINE__, "text/html;Q=0.7, application/json;q=0.8", false },
        { __LINE__, "text/html;level=1;q=0.3, application/json;q=0.4", false },
        { __LINE__, "text/html, text/html;level=1;q=0.1, application/json;q=0.4", true },
        { __LINE__, "text/html;q=0", false },
        { __LINE__, "text/html;q=0.000", false },
        { __LINE__, "text/html;q=1.000, application/json;q=0.999", true },
        { __LINE__, "*/*", false },
        { __LINE__, "text/*", false },
        { __LINE__, "application/json", false },
        { __LINE__, "text/htmlx", false },
        { __LINE__, "", false },
        { __LINE__, ",,;q=;=,", false },
        { __LINE__, "text/html;q=", true },
        { __LINE__, "text/html;q=x", false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char variable[128];
        snprintf(variable, sizeof(variable), "HTTP_ACCEPT=%s", rows[i].accept);
        const char *const list[] = { variable, NULL };
        const struct http_request request = { .variables = list };
        if (http_wants_html(&request) != rows[i].html)
            fail_msg("line %d: \"%s\"", rows[i].line, rows[i].accept);
    }
    const struct http_request none = { .variables = NULL };
    assert_false(http_wants_html(&none));
}

static void languages(void **state)
{
    (void)state;
    static const struct slice offered[] = { SLICE("en"), SLICE("de"), SLICE("ar") };
    static const struct {
        int line;
        const char *accept;
        size_t language;
    } rows[] = {
        { __LINE__, "", 0 },
        { __LINE__, "de", 1 },
        { __LINE__, "DE-ch", 1 },
        { __LINE__, "ar-EG-x-y,en;q=0.9", 2 },
        { __LINE__, "fr,de;q=0.8,en;q=0.9", 0 },
        { __LINE__, "fr, de;q=0.9 , en;q=0.8", 1 },
        { __LINE__, "de,ar", 1 },
        { __LINE__, "ar,de", 2 },
        { __LINE__, "ar;q=0", 0 },
        { __LINE__, "en;q=0,de;q=0.001", 1 },
        { __LINE__, "*", 0 },
        { __LINE__, "*;q=0.5,de;q=0.6", 1 },
        { __LINE__, "den", 0 },
        { __LINE__, "d", 0 },
        { __LINE__, "-de", 0 },
        { __LINE__, ",,;,de;,", 1 },
        { __LINE__, "fr", 0 },
        { __LINE__, "\xff\xfe,de;q=x", 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char variable[120];
        snprintf(variable, sizeof(variable), "HTTP_ACCEPT_LANGUAGE=%s", rows[i].accept);
        const char *const variables[] = { variable, NULL };
        const struct http_request request = { .variables = variables };
        if (http_language(&request, offered, COUNT(offered)) != rows[i].language)
            fail_msg("line %d: \"%s\"", rows[i].line, rows[i].accept);
    }
    const struct http_request none = { .variables = NULL };
    assert_int_equal(http_language(&none, offered, COUNT(offered)), 0);
}

static void headers(void **state)
{
    (void)state;
    static const struct {
        int line;
        struct slice value;
        bool taken;
    } rows[] = {
        { __LINE__, SLICE("plain"), true },
        { __LINE__, SLICE(""), true },
        { __LINE__, SLICE("tab\there, \xc3\xa9 and \x7f"), true },
        { __LINE__, SLICE("a\r\nSet-Cookie: x"), false },
        { __LINE__, SLICE("a\nb"), false },
        { __LINE__, SLICE("a\rb"), false },
        { __LINE__, SLICE("a\0b"), false },
        { __LINE__, SLICE("\n"), false },
        { __LINE__, SLICE("ends\n"), false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct http_response response = { .status = 200 };
        http_header_add(&response, "X-Test", rows[i].value);
        if (response.refused_header == rows[i].taken || (response.n_headers == 1) != rows[i].taken)
            fail_msg("line %d", rows[i].line);
        if (rows[i].taken)
            assert_true(slice_eq(http_header_get(&response, "x-tesT"), rows[i].value));
    }
}

static void too_many_headers(void **state)
{
    (void)state;
    struct http_response response = { .status = 200 };
    for (int i = 0; i < HTTP_HEADERS_MAX; i++)
        http_header_add(&response, i == 0 ? "First" : "Other", SLICE("x"));
    assert_int_equal(response.n_headers, HTTP_HEADERS_MAX);
    assert_false(response.refused_header);
    http_header_add(&response, "Last", SLICE("x"));
    assert_true(response.refused_header);
    assert_int_equal(response.n_headers, HTTP_HEADERS_MAX);
    assert_int_equal(http_header_get(&response, "First").len, 1);
    assert_int_equal(http_header_get(&response, "Last").len, 0);
}

static void headers_are_renamed(void **state)
{
    (void)state;
    struct http_response response = { .status = 200 };
    http_header_add(&response, "Location", SLICE("a"));
    http_header_add(&response, "Location-Of-All", SLICE("b"));
    http_header_rename(&response, "location", "Content-Location");
    assert_null(http_header_get(&response, "Location").at);
    assert_true(slice_eq(http_header_get(&response, "Content-Location"), SLICE("a")));
    assert_true(slice_eq(http_header_get(&response, "Location-Of-All"), SLICE("b")));
    const int with[] = { 201, 202, 301, 302, 303, 307, 308, 404 };
    for (size_t i = 0; i < COUNT(with); i++)
        assert_true(http_may_have_location(with[i]));
    assert_false(http_may_have_location(200));
}

static void headers_are_replaced(void **state)
{
    (void)state;
    struct http_response response = { .status = 200 };
    http_header_set(&response, "Vary", SLICE("a"));
    http_header_add(&response, "Other", SLICE("b"));
    http_header_add(&response, "vary", SLICE("c"));
    http_header_set(&response, "VARY", SLICE("d"));
    assert_int_equal(response.n_headers, 2);
    assert_true(slice_eq(http_header_get(&response, "Vary"), SLICE("d")));
    assert_true(slice_eq(http_header_get(&response, "Other"), SLICE("b")));
    http_header_set(&response, "Vary", SLICE("e\n"));
    assert_true(response.refused_header);
}

static void reasons(void **state)
{
    (void)state;
    assert_string_equal(http_reason(200), "OK");
    assert_string_equal(http_reason(302), "Found");
    assert_string_equal(http_reason(308), "Permanent Redirect");
    assert_string_equal(http_reason(410), "Gone");
    assert_string_equal(http_reason(503), "Service Unavailable");
    assert_string_equal(http_reason(999), "Unknown");
}

static void routes(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *pattern, *path;
        bool matches;
        const char *first, *second;
    } rows[] = {
        { __LINE__, "/", "/", true, "", "" },
        { __LINE__, "/", "", false, "", "" },
        { __LINE__, "/", "//", true, "", "" },
        { __LINE__, "/", "/a", false, "", "" },
        { __LINE__, "/healthz", "/healthz", true, "", "" },
        { __LINE__, "/healthz", "/healthz/", true, "", "" },
        { __LINE__, "/healthz", "/healthz//", false, "", "" },
        { __LINE__, "/healthz", "/health", false, "", "" },
        { __LINE__, "/healthz", "/healthz/x", false, "", "" },
        { __LINE__, "/healthz", "/Healthz", false, "", "" },
        { __LINE__, "/{}", "/abc", true, "abc", "" },
        { __LINE__, "/{}", "/abc/", true, "abc", "" },
        { __LINE__, "/{}", "/", false, "", "" },
        { __LINE__, "/{}", "//", false, "", "" },
        { __LINE__, "/{}", "//abc", false, "", "" },
        { __LINE__, "/{}", "/a/b", false, "", "" },
        { __LINE__, "/{}", "abc", false, "", "" },
        { __LINE__, "/{}", "/{}", true, "{}", "" },
        { __LINE__, "/{}", "/a%2Fb", true, "a%2Fb", "" },
        { __LINE__, "/api/v1/urls/{}", "/api/v1/urls/abc", true, "abc", "" },
        { __LINE__, "/api/v1/urls/{}", "/api/v1/urls/", false, "", "" },
        { __LINE__, "/api/v1/urls/{}", "/api/v1/urls", false, "", "" },
        { __LINE__, "/api/v1/urls", "/api/v1/urls/", true, "", "" },
        { __LINE__, "/api/v1/urls", "/api//v1/urls", false, "", "" },
        { __LINE__, "/api/v1/urls/{}/stats", "/api/v1/urls/abc/stats", true, "abc", "" },
        { __LINE__, "/api/v1/urls/{}/stats", "/api/v1/urls//stats", false, "", "" },
        { __LINE__, "/api/v1/urls/{}/stats", "/api/v1/urls/abc/qr", false, "", "" },
        { __LINE__, "/{}/x/{}", "/a/x/b/", true, "a", "b" },
        { __LINE__, "/{}/{}/{}", "/a/b/c", false, "", "" }, /* more than ROUTE_CAPTURES */
        { __LINE__, "/{}/*", "/abc", false, "", "" },
        { __LINE__, "/{}/*", "/abc/", false, "", "" },
        { __LINE__, "/{}/*", "//abc", false, "", "" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct route_match match;
        bool matches = route_matches(rows[i].pattern, slice_of(rows[i].path), &match);
        if (matches != rows[i].matches)
            fail_msg("line %d: %s on %s", rows[i].line, rows[i].pattern, rows[i].path);
        if (!matches)
            continue;
        unsigned n = (rows[i].first[0] != '\0') + (rows[i].second[0] != '\0');
        if (match.n != n || !slice_eq(match.captures[0], slice_of(rows[i].first)) ||
            !slice_eq(match.captures[1], slice_of(rows[i].second)))
            fail_msg("line %d: \"%.*s\" \"%.*s\"", rows[i].line, SLICE_ARG(match.captures[0]),
                     SLICE_ARG(match.captures[1]));
    }
}

static void the_rest_of_a_path_is_kept_whole(void **state)
{
    (void)state;
    static const struct {
        const char *path, *code, *rest;
    } rows[] = {
        { "/a/b", "a", "b" },       { "/a/b/", "a", "b/" }, { "/a/b/c", "a", "b/c" },
        { "/a//", "a", "/" },       { "/a//b", "a", "/b" }, { "/a/%2F", "a", "%2F" },
        { "/a.b/..", "a.b", ".." },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct route_match match;
        assert_true(route_matches("/{}/*", slice_of(rows[i].path), &match));
        if (match.n != 1 || !slice_eq(match.captures[0], slice_of(rows[i].code)) ||
            !slice_eq(match.rest, slice_of(rows[i].rest)))
            fail_msg("%s: \"%.*s\"", rows[i].path, SLICE_ARG(match.rest));
    }
}

static void escaped_paths(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "/my%5Flink-1", "/my_link-1" },
        { "/my%5flink%2d1", "/my_link-1" },
        { "/%53pring", "/Spring" },
        { "/%7E%2E", "/~." },
        { "/a%2Fb", "/a%2Fb" },
        { "/a%20b%", "/a%20b%" },
        { "/a%4", "/a%4" },
        { "/a%zz%41", "/a%zzA" },
        { "/%2541", "/%2541" }, /* once */
        { "/%C3%A9", "/%C3%A9" },
        { "/plain", "/plain" },
        { "", "" },
    };
    struct arena *arena = arena_new(4096);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct slice path = slice_of(rows[i][0]);
        struct slice got = http_path_normalise(path, arena);
        if (!slice_eq(got, slice_of(rows[i][1])))
            fail_msg("row %zu: %.*s", i, SLICE_ARG(got));
        /* Nothing is copied on the hot path. */
        assert_true(slice_find(path, '%') < path.len || got.at == path.at);
    }
    arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(methods),
        cmocka_unit_test(allowed_methods),
        cmocka_unit_test(targets),
        cmocka_unit_test(escaped_paths),
        cmocka_unit_test(variables),
        cmocka_unit_test(what_is_accepted),
        cmocka_unit_test(languages),
        cmocka_unit_test(headers),
        cmocka_unit_test(too_many_headers),
        cmocka_unit_test(headers_are_renamed),
        cmocka_unit_test(headers_are_replaced),
        cmocka_unit_test(reasons),
        cmocka_unit_test(routes),
        cmocka_unit_test(the_rest_of_a_path_is_kept_whole),
    };
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
