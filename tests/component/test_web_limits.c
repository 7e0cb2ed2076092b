/* SPDX-License-Identifier: MIT */
/* Limits, blocked destinations and CORS in whole requests over the fakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/web_site.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define S           INT64_C(1000000)
#define CREATE      "/api/v1/urls"
#define URL_BODY    "{\"long_url\":\"http://a.example/\"}"

static struct rate rate(const char *text)
{
    struct rate out;
    struct error why = { "" };
    if (!rate_parse(slice_of(text), &out, &why))
        fail_msg("%s", why.text);
    return out;
}

static int set_up(void **state)
{
    struct error err = { "" };
    struct slice bad;
    if (web_site_set_up(state) != 0)
        return -1;
    struct web_site *s = *state;
    s->now_us = 5 * S;
    s->site.anonymous_create = true;
    s->services.limits = (struct limits){
        .buckets = buckets_open(NULL, &err),
        .creates_per_user = rate("6/1m burst 3"),
        .creates_per_address = rate("6/1m burst 2"),
        .misses_per_address = rate("60/1m burst 4"),
    };
    assert_true(http_proxies_parse(SLICE("127.0.0.1"), &s->site.proxies, &bad));
    return 0;
}

static int tear_down(void **state)
{
    struct web_site *s = *state;
    buckets_close(&s->services.limits.buckets);
    return web_site_tear_down(state);
}

/* Absent parts are NULL. */
struct asked {
    const char *method;
    const char *target;
    const char *key;
    const char *from; /* the peer's address */
    const char *forwarded;
    const char *origin;
    const char *asks_for; /* Access-Control-Request-Method */
    const char *accept;
    const char *body;
};

static struct exchange send(struct web_site *s, const struct asked *asked)
{
    const struct site_header headers[] = {
        { "HTTP_X_API_KEY", asked->key },
        { "REMOTE_ADDR", asked->from },
        { "HTTP_X_FORWARDED_FOR", asked->forwarded },
        { "HTTP_ORIGIN", asked->origin },
        { "HTTP_ACCESS_CONTROL_REQUEST_METHOD", asked->asks_for },
        { "HTTP_ACCEPT", asked->accept },
        { "CONTENT_TYPE", asked->body ? "application/json" : NULL },
    };
    struct http_request *request =
        web_site_request(s, asked->method, asked->target, headers, ROWS(headers));
    request->body = slice_of(asked->body);
    return web_site_dispatch(s, request);
}

static int create(struct web_site *s, const char *key, const char *from, const char *forwarded)
{
    return send(s, &(struct asked){ .method = "POST",
                                    .target = CREATE,
                                    .key = key,
                                    .from = from,
                                    .forwarded = forwarded,
                                    .body = URL_BODY })
        .response.status;
}

static int ask(struct web_site *s, const char *target, const char *from)
{
    return send(s, &(struct asked){ .method = "GET", .target = target, .from = from })
        .response.status;
}

static const char *header(const struct exchange *x, const char *name)
{
    struct slice value = http_header_get(&x->response, name);
    const char *copy = value.at ? arena_copy(x->arena, value) : NULL;
    return copy ? copy : "";
}

static void users_are_limited_each_for_itself(void **state)
{
    struct web_site *s = *state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(create(s, s->ann, i ? "192.0.2.1" : "192.0.2.2", NULL), 201);
    assert_int_equal(create(s, s->ann, "192.0.2.3", NULL), 429);
    assert_int_equal(create(s, s->bob, "192.0.2.3", NULL), 201);
    s->now_us += 10 * S;
    assert_int_equal(create(s, s->ann, "192.0.2.3", NULL), 201);
    assert_int_equal(create(s, s->ann, "192.0.2.3", NULL), 429);
}

static void admins_are_not_limited(void **state)
{
    struct web_site *s = *state;
    for (int i = 0; i < 20; i++)
        assert_int_equal(create(s, s->root, "192.0.2.1", NULL), 201);
    struct exchange x = send(
        s, &(struct asked){ .method = "POST", .target = CREATE, .key = s->root, .body = URL_BODY });
    assert_string_equal(header(&x, "RateLimit-Limit"), "");
}

static void without_a_key_the_address_counts(void **state)
{
    struct web_site *s = *state;
    static const struct {
        const char *from;
        const char *forwarded;
        int status;
    } rows[] = {
        { "192.0.2.1", NULL, 201 },
        { "192.0.2.1", "198.51.100.1", 201 }, /* not a trusted proxy: the header is ignored */
        { "192.0.2.1", "198.51.100.2", 429 },
        { "::ffff:192.0.2.1", NULL, 429 },
        { "192.0.2.2", NULL, 201 },
        /* an IPv6 customer has a /64 */
        { "2001:db8:0:1::1", NULL, 201 },
        { "2001:db8:0:1::2", NULL, 201 },
        { "2001:db8:0:1:ffff::3", NULL, 429 },
        { "2001:db8:0:2::1", NULL, 201 },
        /* the proxy is believed, up to what it saw itself */
        { "127.0.0.1", "198.51.100.9", 201 },
        { "127.0.0.1", "1.1.1.1, 198.51.100.9", 201 },
        { "127.0.0.1", "2.2.2.2, 198.51.100.9", 429 },
        { "127.0.0.1", "198.51.100.9, 198.51.100.10", 201 },
        /* clients without a known address share a bucket */
        { "unix:", NULL, 201 },
        { NULL, NULL, 201 },
        { "nonsense", NULL, 429 },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        int status = create(s, NULL, rows[i].from, rows[i].forwarded);
        if (status != rows[i].status)
            fail_msg("row %zu: %d", i, status);
    }
}

static void what_is_refused_counts_too(void **state)
{
    struct web_site *s = *state;
    for (int i = 0; i < 3; i++) {
        struct exchange x = send(
            s,
            &(struct asked){ .method = "POST", .target = "/shorten", .key = s->ann, .body = "{" });
        assert_int_equal(x.response.status, 400);
    }
    assert_int_equal(create(s, s->ann, NULL, NULL), 429);
}

static void answers_say_what_is_left(void **state)
{
    struct web_site *s = *state;
    static const struct {
        int status;
        const char *remaining, *reset, *retry;
    } rows[] = {
        { 201, "2", "10", "" },
        { 201, "1", "20", "" },
        { 201, "0", "30", "" },
        { 429, "0", "30", "10" },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct exchange x = send(s, &(struct asked){ .method = "POST",
                                                     .target = CREATE,
                                                     .key = s->ann,
                                                     .accept = "text/html",
                                                     .body = URL_BODY });
        assert_int_equal(x.response.status, rows[i].status);
        assert_string_equal(header(&x, "RateLimit-Limit"), "3");
        assert_string_equal(header(&x, "RateLimit-Remaining"), rows[i].remaining);
        assert_string_equal(header(&x, "RateLimit-Reset"), rows[i].reset);
        assert_string_equal(header(&x, "Retry-After"), rows[i].retry);
        if (rows[i].status == 429)
            assert_string_equal(header(&x, "Content-Type"), "application/problem+json");
    }
}

static struct exchange create_many(struct web_site *s, const char *key, unsigned n)
{
    static char body[4096];
    size_t len = (size_t)snprintf(body, sizeof(body), "{\"links\":[");
    for (unsigned i = 0; i < n; i++)
        len += (size_t)snprintf(body + len, sizeof(body) - len, "%s" URL_BODY, i ? "," : "");
    snprintf(body + len, sizeof(body) - len, "]}");
    return send(
        s, &(struct asked){ .method = "POST", .target = CREATE "/bulk", .key = key, .body = body });
}

/* More than a burst holds is let in once the bucket is full, and paid for by what comes after. */
static void many_links_at_once_are_paid_for(void **state)
{
    struct web_site *s = *state;
    struct exchange x = create_many(s, s->ann, 10);
    assert_int_equal(x.response.status, 207);
    assert_string_equal(header(&x, "RateLimit-Remaining"), "0");
    assert_string_equal(header(&x, "RateLimit-Reset"), "100");
    assert_int_equal(create(s, s->ann, NULL, NULL), 429);
    s->now_us += 79 * S;
    assert_int_equal(create(s, s->ann, NULL, NULL), 429);
    s->now_us += S;
    assert_int_equal(create(s, s->ann, NULL, NULL), 201);
}

static void more_links_than_are_left_are_refused_before_work_is_done(void **state)
{
    struct web_site *s = *state;
    assert_int_equal(create(s, s->ann, NULL, NULL), 201); /* two of three are left */
    unsigned calls = db_fake_calls(s->db);
    struct exchange x = create_many(s, s->ann, 3);
    assert_int_equal(x.response.status, 429);
    assert_int_equal(x.problem, PROBLEM_RATE_LIMITED);
    assert_string_equal(header(&x, "Retry-After"), "10");
    assert_int_equal(db_fake_calls(s->db), calls);
    assert_int_equal(create_many(s, s->ann, 2).response.status, 207);
    assert_int_equal(create_many(s, s->ann, 1).response.status, 429);
    assert_int_equal(create_many(s, s->root, 20).response.status, 207);
}

static void a_bulk_that_cannot_be_read_is_an_attempt(void **state)
{
    struct web_site *s = *state;
    struct asked broken = {
        .method = "POST", .target = CREATE "/bulk", .key = s->ann, .body = "{\"links\":["
    };
    for (int i = 0; i < 3; i++)
        assert_int_equal(send(s, &broken).response.status, 400);
    assert_int_equal(send(s, &broken).response.status, 429);
}

static int make_key(struct web_site *s, const char *key, char text[KEY_TEXT_MAX])
{
    struct exchange x = send(
        s, &(struct asked){ .method = "POST", .target = "/api/v1/keys", .key = key, .body = "{}" });
    const char *body = arena_copy(s->arena, x.response.body);
    const char *found = body ? strstr(body, "curt_") : NULL;
    if (text && found)
        snprintf(text, KEY_TEXT_MAX, "%.*s", (int)strcspn(found, "\""), found);
    return x.response.status;
}

static bool some_bytes(unsigned char *out, size_t n)
{
    static unsigned char next;
    memset(out, ++next, n);
    return true;
}

static void the_keys_of_a_user_share_one_limit(void **state)
{
    struct web_site *s = *state;
    char second[KEY_TEXT_MAX];
    s->services.random_bytes = some_bytes;
    assert_int_equal(make_key(s, s->ann, second), 201); /* counts, too */
    assert_int_equal(create(s, s->ann, NULL, NULL), 201);
    assert_int_equal(create(s, second, NULL, NULL), 201);
    assert_int_equal(create(s, second, NULL, NULL), 429);
    assert_int_equal(create(s, s->ann, NULL, NULL), 429);
    assert_int_equal(make_key(s, second, NULL), 429);
    assert_int_equal(create(s, s->bob, NULL, NULL), 201);
}

static void a_user_has_so_many_keys(void **state)
{
    struct web_site *s = *state;
    struct error err = { "" };
    s->services.random_bytes = some_bytes;
    s->services.limits.creates_per_user = rate("0");
    s->services.limits.keys_per_user = 3;
    assert_int_equal(make_key(s, s->ann, NULL), 201);
    assert_int_equal(make_key(s, s->ann, NULL), 201);
    assert_int_equal(make_key(s, s->ann, NULL), 403);
    assert_int_equal(make_key(s, s->bob, NULL), 201);
    for (int i = 0; i < 5; i++)
        assert_int_equal(make_key(s, s->root, NULL), 201);
    assert_int_equal(db_key_revoke(s->db, 4, DB_OWNER_ANY, SITE_NOW, &err), DB_OK);
    assert_int_equal(make_key(s, s->ann, NULL), 201);
    assert_int_equal(make_key(s, s->ann, NULL), 403);
    s->services.limits.keys_per_user = 0;
    assert_int_equal(make_key(s, s->ann, NULL), 201);
}

static int list(struct web_site *s, const char *key, const char *from)
{
    return send(s, &(struct asked){ .method = "GET", .target = CREATE, .key = key, .from = from })
        .response.status;
}

static void wrong_keys_count_as_unknown_codes_do(void **state)
{
    struct web_site *s = *state;
    char wrong[KEY_TEXT_MAX] = "curt_zz";
    snprintf(wrong + 7, sizeof(wrong) - 7, "%s", strrchr(s->ann, '_'));
    assert_int_equal(list(s, s->ann, "192.0.2.1"), 200);
    for (int i = 0; i < 4; i++)
        assert_int_equal(list(s, wrong, "192.0.2.1"), 401);
    unsigned calls = db_fake_calls(s->db);
    assert_int_equal(list(s, wrong, "192.0.2.1"), 429);
    assert_int_equal(list(s, s->bob, "192.0.2.1"), 429); /* would have to be looked for */
    assert_int_equal(db_fake_calls(s->db), calls);
    assert_int_equal(list(s, s->ann, "192.0.2.1"), 200); /* is remembered */
    assert_int_equal(ask(s, "/unknown", "192.0.2.1"), 429);
    assert_int_equal(list(s, s->bob, "192.0.2.2"), 200);
    s->now_us += S;
    assert_int_equal(list(s, wrong, "192.0.2.1"), 401);
}

static void an_untrusted_proxy_is_noticed(void **state)
{
    struct web_site *s = *state;
    static const struct {
        const char *from, *forwarded;
        bool noticed;
    } rows[] = {
        { "192.0.2.1", "198.51.100.1", true },
        { "192.0.2.1", NULL, false },
        { "127.0.0.1", "198.51.100.1", false },
        { "unix:", "198.51.100.1", true },
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct asked asked = { .method = "GET",
                               .target = "/unknown",
                               .from = rows[i].from,
                               .forwarded = rows[i].forwarded };
        assert_int_equal(send(s, &asked).untrusted_proxy, rows[i].noticed);
        asked = (struct asked){ .method = "POST",
                                .target = CREATE,
                                .from = rows[i].from,
                                .forwarded = rows[i].forwarded,
                                .body = URL_BODY };
        assert_int_equal(send(s, &asked).untrusted_proxy, rows[i].noticed);
        asked.key = s->root; /* no address is counted */
        assert_false(send(s, &asked).untrusted_proxy);
    }
}

static void without_limits_no_proxy_is_noticed(void **state)
{
    struct web_site *s = *state;
    struct asked asked = {
        .method = "GET", .target = "/unknown", .from = "192.0.2.1", .forwarded = "198.51.100.1"
    };
    s->services.limits.creates_per_address = rate("0");
    s->services.limits.misses_per_address = rate("0");
    assert_false(send(s, &asked).untrusted_proxy);
    asked.method = "POST";
    asked.target = CREATE;
    asked.body = URL_BODY;
    assert_false(send(s, &asked).untrusted_proxy);
}

/* As many as the burst: what follows a code does not make it nonsense. */
static const char *const UNKNOWN[] = { "/unknown", "/unknown)", "/unknown+",
                                       "/api/v1/urls/unknown/qr" };

static void who_hunts_for_codes_finds_none(void **state)
{
    struct web_site *s = *state;
    struct exchange made =
        send(s, &(struct asked){ .method = "POST",
                                 .target = CREATE,
                                 .key = s->root,
                                 .body = "{\"long_url\":\"http://a.example/\",\"custom_alias\":"
                                         "\"known\"}" });
    assert_int_equal(made.response.status, 201);
    for (int i = 0; i < 100; i++) { /* neither hits nor nonsense count */
        assert_int_equal(ask(s, "/known", "192.0.2.1"), 302);
        assert_int_equal(ask(s, "/nothing.ico", "192.0.2.1"), 404);
    }
    for (size_t i = 0; i < ROWS(UNKNOWN); i++) /* each counts, and so all of them together */
        assert_int_equal(ask(s, UNKNOWN[i], "192.0.2.1"), 404);
    for (size_t i = 0; i < ROWS(UNKNOWN); i++)
        assert_int_equal(ask(s, UNKNOWN[i], "192.0.2.1"), 429);
    assert_int_equal(ask(s, "/known", "192.0.2.1"), 429);
    assert_int_equal(ask(s, "/healthz", "192.0.2.1"), 200);
    assert_int_equal(ask(s, "/known", "192.0.2.2"), 302);
    s->now_us += S;
    assert_int_equal(ask(s, "/known", "192.0.2.1"), 302);
}

static void browsers_get_a_page(void **state)
{
    struct web_site *s = *state;
    for (int i = 0; i < 4; i++)
        ask(s, "/unknown", "192.0.2.1");
    struct asked asked = { .method = "GET", .target = "/unknown", .from = "192.0.2.1" };
    struct exchange x = send(s, &asked);
    assert_int_equal(x.response.status, 429);
    assert_string_equal(header(&x, "Content-Type"), "application/problem+json");
    assert_string_equal(header(&x, "Retry-After"), "1");
    assert_string_equal(header(&x, "RateLimit-Limit"), "4");
    assert_string_equal(header(&x, "Cache-Control"), "no-store");
    asked.accept = "text/html";
    x = send(s, &asked);
    assert_int_equal(x.response.status, 429);
    assert_string_equal(header(&x, "Content-Type"), "text/html; charset=utf-8");
}

static void no_rate_is_no_limit(void **state)
{
    struct web_site *s = *state;
    s->services.limits.creates_per_user = rate("0");
    s->services.limits.creates_per_address = rate("");
    s->services.limits.misses_per_address = rate("0");
    for (int i = 0; i < 100; i++) {
        assert_int_equal(create(s, s->ann, "192.0.2.1", NULL), 201);
        assert_int_equal(create(s, NULL, "192.0.2.1", NULL), 201);
        assert_int_equal(ask(s, "/unknown", "192.0.2.1"), 404);
    }
}

static void bodies_are_limited(void **state)
{
    struct web_site *s = *state;
    s->site.max_body = strlen(URL_BODY);
    s->site.max_bulk_body = 1 << 20;
    assert_int_equal(create(s, s->ann, NULL, NULL), 201);
    struct exchange x = send(
        s,
        &(struct asked){ .method = "POST", .target = CREATE, .key = s->ann, .body = URL_BODY " " });
    assert_int_equal(x.response.status, 413);
}

static void blocked_destinations(void **state)
{
    struct web_site *s = *state;
    char path[] = "/tmp/curt-blocked-XXXXXX";
    int fd = mkstemp(path);
    static const char list[] = "evil.example\n192.0.2.66\n";
    static const struct {
        const char *url;
        int status;
    } rows[] = {
        { "http://evil.example/", 400 },
        { "https://www.EVIL.example:8443/x?y#z", 400 },
        { "http://evil%2eexample/", 400 },
        { "http://evil.example./", 400 },
        { "http://0xc0000242/", 400 },
        { "http://[::ffff:192.0.2.66]/", 400 },
        { "http://good.example/?http://evil.example/", 201 },
        { "http://notevil.example/", 201 },
    };
    assert_int_equal(write(fd, list, sizeof(list) - 1), sizeof(list) - 1);
    close(fd);
    s->blocked.path = path;
    for (size_t i = 0; i < ROWS(rows); i++) {
        char body[200];
        snprintf(body, sizeof(body), "{\"long_url\":\"%s\"}", rows[i].url);
        struct exchange x = send(
            s, &(struct asked){ .method = "POST", .target = CREATE, .key = s->root, .body = body });
        if (x.response.status != rows[i].status ||
            (rows[i].status == 400 && x.problem != PROBLEM_BLOCKED_DESTINATION))
            fail_msg("%s: %d, problem %d", rows[i].url, x.response.status, x.problem);
    }
    unlink(path);
}

static void a_list_that_cannot_be_read_stops_creates(void **state)
{
    struct web_site *s = *state;
    s->blocked.path = "/nonexistent/list";
    assert_int_equal(create(s, s->root, NULL, NULL), 503);
    assert_int_equal(ask(s, "/unknown", NULL), 404);
}

static const struct {
    const char *origins;
    struct asked asked;
    int status;
    const char *origin, *methods, *vary;
} CORS[] = {
    /* off */
    { "", { "GET", CREATE "/abc", .origin = "https://a.example" }, 401, "", "", "Accept" },
    { "",
      { "OPTIONS", CREATE, .origin = "https://a.example", .asks_for = "POST" },
      204,
      "",
      "",
      "" },
    /* named origins */
    { "https://a.example",
      { "GET", CREATE "/abc", .origin = "https://a.example" },
      401,
      "https://a.example",
      "",
      "Origin,Accept" },
    { "https://b.example https://a.example",
      { "GET", CREATE "/abc", .origin = "https://a.example" },
      401,
      "https://a.example",
      "",
      "Origin,Accept" },
    { "https://a.example", { "GET", CREATE "/abc", .key = NULL }, 401, "", "", "Origin,Accept" },
    { "https://a.example",
      { "GET", CREATE "/abc", .origin = "https://a.example.evil.example" },
      401,
      "",
      "",
      "Origin,Accept" },
    { "https://a.example",
      { "GET", CREATE "/abc", .origin = "http://a.example" },
      401,
      "",
      "",
      "Origin,Accept" },
    { "https://a.example",
      { "GET", CREATE "/abc", .origin = "null" },
      401,
      "",
      "",
      "Origin,Accept" },
    { "https://a.example", { "GET", CREATE "/abc", .origin = "*" }, 401, "", "", "Origin,Accept" },
    /* any origin */
    { "*", { "GET", CREATE "/abc", .origin = "https://a.example" }, 401, "*", "", "Accept" },
    { "*", { "GET", CREATE "/abc", .key = NULL }, 401, "", "", "Accept" },
    /* visitors' paths answer no page's questions */
    { "*", { "GET", "/unknown", .origin = "https://a.example" }, 404, "", "", "Accept" },
    { "*", { "GET", "/apiary", .origin = "https://a.example" }, 404, "", "", "Accept" },
    { "*", { "GET", "/healthz", .origin = "https://a.example" }, 200, "", "", "" },
    /* preflights */
    { "https://a.example",
      { "OPTIONS", CREATE "/abc", .origin = "https://a.example", .asks_for = "DELETE" },
      204,
      "https://a.example",
      "DELETE",
      "Origin" },
    { "https://a.example",
      { "OPTIONS", CREATE, .origin = "https://b.example", .asks_for = "POST" },
      204,
      "",
      "",
      "Origin" },
    { "*",
      { "OPTIONS", "/shorten", .origin = "https://a.example", .asks_for = "POST" },
      204,
      "*",
      "POST",
      "" },
    { "*", { "OPTIONS", "/shorten", .origin = "https://a.example" }, 204, "*", "", "" },
    { "*",
      { "OPTIONS", "/unknown", .origin = "https://a.example", .asks_for = "GET" },
      204,
      "",
      "",
      "" },
    { "*",
      { "OPTIONS", "/api/v1/nothing", .origin = "https://a.example", .asks_for = "GET" },
      404,
      "*",
      "",
      "Accept" },
};

static void cross_origin_requests(void **state)
{
    struct web_site *s = *state;
    for (size_t i = 0; i < ROWS(CORS); i++) {
        s->site.cors_origins = slice_of(CORS[i].origins);
        struct exchange x = send(s, &CORS[i].asked);
        const char *methods = header(&x, "Access-Control-Allow-Methods");
        if (x.response.status != CORS[i].status ||
            strcmp(header(&x, "Access-Control-Allow-Origin"), CORS[i].origin) != 0 ||
            strcmp(header(&x, "Vary"), CORS[i].vary) != 0 ||
            (*CORS[i].methods ? !strstr(methods, CORS[i].methods) : *methods != '\0'))
            fail_msg("row %zu: %d, origin \"%s\", methods \"%s\", vary \"%s\"", i,
                     x.response.status, header(&x, "Access-Control-Allow-Origin"), methods,
                     header(&x, "Vary"));
        assert_string_equal(header(&x, "Access-Control-Allow-Credentials"), "");
    }
}

static void options_name_the_methods(void **state)
{
    struct web_site *s = *state;
    struct exchange x = send(s, &(struct asked){ .method = "OPTIONS", .target = "/known" });
    assert_int_equal(x.response.status, 204);
    assert_string_equal(header(&x, "Allow"), "GET, HEAD, OPTIONS");
    assert_int_equal(x.response.body.len, 0);
    x = send(s, &(struct asked){ .method = "OPTIONS", .target = "/a/b/c" });
    assert_int_equal(x.response.status, 204);
    x = send(s, &(struct asked){ .method = "OPTIONS", .target = "/api/b/c" });
    assert_int_equal(x.response.status, 404);
}

/* However many look-ups it takes to find that there is no such link. */
static void a_miss_counts_once(void **state)
{
    struct web_site *s = *state;
    static const char *const misses[] = { "/NOBODY", "/NOBODY.", "/Nobody/more", "/Nobody)" };
    s->services.resolver.codes = &s->codes;
    s->services.shortener.aliases.ignores_case = true;
    for (size_t i = 0; i < ROWS(misses); i++)
        assert_int_equal(ask(s, misses[i], "192.0.2.1"), 404);
    assert_int_equal(ask(s, "/NOBODY", "192.0.2.1"), 429);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(users_are_limited_each_for_itself),
        TEST(admins_are_not_limited),
        TEST(without_a_key_the_address_counts),
        TEST(what_is_refused_counts_too),
        TEST(answers_say_what_is_left),
        TEST(many_links_at_once_are_paid_for),
        TEST(more_links_than_are_left_are_refused_before_work_is_done),
        TEST(a_bulk_that_cannot_be_read_is_an_attempt),
        TEST(the_keys_of_a_user_share_one_limit),
        TEST(a_user_has_so_many_keys),
        TEST(wrong_keys_count_as_unknown_codes_do),
        TEST(an_untrusted_proxy_is_noticed),
        TEST(without_limits_no_proxy_is_noticed),
        TEST(who_hunts_for_codes_finds_none),
        TEST(a_miss_counts_once),
        TEST(browsers_get_a_page),
        TEST(no_rate_is_no_limit),
        TEST(bodies_are_limited),
        TEST(blocked_destinations),
        TEST(a_list_that_cannot_be_read_stops_creates),
        TEST(cross_origin_requests),
        TEST(options_name_the_methods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
