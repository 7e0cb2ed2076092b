/* SPDX-License-Identifier: MIT */
/* Whole requests through dispatch over the fakes: one row for each request and its answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/web_site.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* The site is in the folder /s. */
static int set_up(void **state)
{
    if (web_site_set_up(state) != 0)
        return -1;
    struct web_site *s = *state;
    s->site.base_url = SLICE("https://s.example/s");
    s->site.base_path = SLICE("/s");
    s->services.shortener.own.path = SLICE("/s");
    return 0;
}

/* A request to be sent: absent parts are NULL. */
struct asked {
    const char *method;
    const char *target;
    const char *user; /* whose API key; other text is sent as it is */
    const char *type; /* Content-Type */
    const char *body;
    const char *accept;
    bool body_too_large;
    bool body_broken;
};

static struct exchange send(struct web_site *s, const struct asked *asked)
{
    const struct site_header headers[] = {
        { "HTTP_X_API_KEY", web_site_key(s, asked->user) },
        { "CONTENT_TYPE", asked->type },
        { "HTTP_ACCEPT", asked->accept },
    };
    struct http_request *request =
        web_site_request(s, asked->method, asked->target, headers, ROWS(headers));
    request->body = slice_of(asked->body);
    request->body_too_large = asked->body_too_large;
    request->body_broken = asked->body_broken;
    return web_site_dispatch(s, request);
}

static bool body_has(const struct exchange *x, const char *text)
{
    return memmem(x->response.body.at, x->response.body.len, text, strlen(text)) != NULL;
}

#define JSON   "application/json"
#define CREATE "/s/api/v1/urls"

static const struct {
    struct asked asked;
    int status;
    const char *in_body; /* a part of it */
} REQUESTS[] = {
    { { .method = "GET", .target = "/s/healthz" }, 200, "\"status\"" },
    { { .method = "GET", .target = "/s/" }, 200, "<!doctype html>" },
    { { .method = "GET", .target = "/s" }, 200, "<!doctype html>" },
    { { .method = "GET", .target = "/" }, 404, "\"not_found\"" },
    { { .method = "GET", .target = "/sabc" }, 404, "\"not_found\"" },
    { { .method = "GET", .target = "/s/unknown" }, 404, "\"not_found\"" },
    { { .method = "GET", .target = "/s/unknown/" }, 404, "\"not_found\"" },
    { { .method = "GET", .target = "/s/unknown", .accept = "text/html,*/*;q=0.8" },
      404,
      "<!doctype html>" },
    { { .method = "GET",
        .target = "/s/api/v1/urls/unknown",
        .user = "root",
        .accept = "text/html" },
      404,
      "\"not_found\"" },
    { { .method = "GET", .target = "/s/analytics/unknown", .user = "root", .accept = "text/html" },
      404,
      "\"not_found\"" },
    { { .method = "GET", .target = "/s/urls", .accept = "text/html" }, 404, "\"not_found\"" },
    { { .method = "GET", .target = "/s/api/v1/urls/unknown" }, 401, "\"unauthorized\"" },
    { { .method = "GET", .target = "/s/api/v1/urls/unknown", .user = "curt_1_nonsense" },
      401,
      "\"unauthorized\"" },
    { { .method = "GET", .target = "/s/api/v1/urls/a.b", .user = "ann" }, 404, "\"not_found\"" },
    { { .method = "GET", .target = "/s/api/v2/urls", .user = "ann" }, 404, "\"not_found\"" },
    { { .method = "POST", .target = "/s/unknown" }, 405, "\"method_not_allowed\"" },
    { { .method = "DELETE", .target = "/s/healthz" }, 405, "\"method_not_allowed\"" },
    { { .method = "BREW", .target = "/s/unknown" }, 405, "\"method_not_allowed\"" },
    { { .method = "GET", .target = "/s/api/v1/problems/alias_taken" }, 200, "\"alias_taken\"" },
    { { .method = "GET", .target = "/s/api/v1/problems/none" }, 404, "\"not_found\"" },
    { { .method = "POST", .target = CREATE, .type = JSON, .body = "{}" }, 401, "\"unauthorized\"" },
    { { .method = "POST", .target = CREATE, .user = "ann", .body = "{}" },
      415,
      "\"unsupported_media_type\"" },
    { { .method = "POST", .target = CREATE, .user = "ann", .type = "text/plain", .body = "{}" },
      415,
      "\"unsupported_media_type\"" },
    { { .method = "POST", .target = CREATE, .user = "ann", .type = JSON, .body = "" },
      400,
      "\"invalid_json\"" },
    { { .method = "POST", .target = CREATE, .user = "ann", .type = JSON, .body = "{" },
      400,
      "\"invalid_json\"" },
    { { .method = "POST", .target = CREATE, .user = "ann", .type = JSON, .body = "[]" },
      400,
      "\"invalid_json\"" },
    { { .method = "POST", .target = CREATE, .user = "ann", .type = JSON, .body = "null" },
      400,
      "\"invalid_json\"" },
    { { .method = "POST", .target = CREATE, .user = "ann", .type = JSON, .body = "12" },
      400,
      "\"invalid_json\"" },
    { { .method = "POST", .target = CREATE, .user = "ann", .type = JSON, .body = "{} x" },
      400,
      "\"invalid_json\"" },
    { { .method = "POST",
        .target = CREATE,
        .user = "ann",
        .type = JSON,
        .body = "{'long_url': 'http://a.example'}" },
      400,
      "\"invalid_json\"" },
    { { .method = "POST",
        .target = CREATE,
        .user = "ann",
        .type = JSON,
        .body = "{\"long_url\": \"http://a.example/\xff\"}" },
      400,
      "\"invalid_json\"" },
    { { .method = "POST",
        .target = CREATE,
        .user = "ann",
        .type = JSON,
        .body = "[[[[[[[[[[1]]]]]]]]]]" },
      400,
      "\"invalid_json\"" },
    { { .method = "POST", .target = CREATE, .user = "ann", .type = JSON, .body_too_large = true },
      413,
      "\"payload_too_large\"" },
    { { .method = "POST", .target = CREATE, .user = "ann", .type = JSON, .body_broken = true },
      400,
      "\"invalid_json\"" },
    { { .method = "POST", .target = CREATE, .user = "ann", .type = JSON, .body = "{}" },
      400,
      "\"invalid_url\"" },
    { { .method = "POST",
        .target = CREATE,
        .user = "ann",
        .type = JSON,
        .body = "{\"long_url\": 5}" },
      400,
      "\"invalid_field\"" },
    { { .method = "POST",
        .target = CREATE,
        .user = "ann",
        .type = JSON,
        .body = "{\"long_ulr\": \"http://a.example\"}" },
      400,
      "did you mean long_url?" },
    { { .method = "POST",
        .target = CREATE,
        .user = "ann",
        .type = JSON,
        .body = "{\"long_url\": \"http://a.example\", \"ttl_seconds\": 5, "
                "\"expires_at\": \"2100-01-01T00:00:00Z\"}" },
      400,
      "\"invalid_field\"" },
    { { .method = "POST",
        .target = CREATE,
        .user = "ann",
        .type = JSON,
        .body = "{\"long_url\": \"http://a.example\", \"expires_at\": \"yesterday\"}" },
      400,
      "\"invalid_time\"" },
    { { .method = "POST",
        .target = CREATE,
        .user = "ann",
        .type = JSON,
        .body = "{\"long_url\": \"http://a.example\", \"expires_at\": \"2001-01-01T00:00:00Z\"}" },
      400,
      "\"invalid_time\"" },
    { { .method = "POST",
        .target = CREATE,
        .user = "ann",
        .type = JSON,
        .body = "{\"long_url\": \"http://a.example\", \"ttl_seconds\": 0}" },
      400,
      "\"invalid_time\"" },
    { { .method = "POST",
        .target = CREATE,
        .user = "ann",
        .type = JSON,
        .body = "{\"long_url\": \"http://a.example\", \"ttl_seconds\": 99999999999999999999}" },
      400,
      "\"invalid_time\"" },
    { { .method = "POST",
        .target = CREATE,
        .user = "ann",
        .type = JSON,
        .body = "{\"long_url\": \"http://a.example\", \"redirect_status\": 200}" },
      400,
      "\"invalid_field\"" },
    { { .method = "POST",
        .target = CREATE,
        .user = "ann",
        .type = JSON,
        .body = "{\"long_url\": \"https://s.example/s/x\"}" },
      400,
      "\"url_is_short_url\"" },
    { { .method = "POST",
        .target = CREATE,
        .user = "ann",
        .type = JSON,
        .body = "{\"long_url\": \"https://s.example/blog\"}" },
      201,
      "\"https://s.example/blog\"" },
    { { .method = "POST",
        .target = CREATE,
        .user = "ann",
        .type = JSON "; charset=utf-8",
        .body = " {\"long_url\": \"http://a.example/a b\", \"custom_alias\": null} \n" },
      201,
      "\"http://a.example/a%20b\"" },
    { { .method = "POST",
        .target = "/s/urls",
        .user = "ann",
        .type = JSON,
        .body = "{\"long_url\": \"http://a.example\"}" },
      201,
      "\"short_url\"" },
    { { .method = "POST",
        .target = "/s/shorten",
        .user = "ann",
        .type = JSON,
        .body = "{\"long_url\": \"http://a.example\"}" },
      201,
      "\"short_url\"" },
    { { .method = "POST",
        .target = "/s/api/v1/shorten",
        .user = "ann",
        .type = JSON,
        .body = "{\"long_url\": \"http://a.example\"}" },
      201,
      "\"short_url\"" },
    { { .method = "POST",
        .target = CREATE,
        .user = "ann",
        .type = JSON,
        .body = "{\"long_url\": \"http://a.example\", \"custom_alias\": \"login\"}" },
      400,
      "\"reserved_alias\"" },
};

static void requests_and_their_answers(void **state)
{
    struct web_site *s = *state;
    for (size_t i = 0; i < ROWS(REQUESTS); i++) {
        struct exchange x = send(s, &REQUESTS[i].asked);
        if (x.response.status != REQUESTS[i].status || !body_has(&x, REQUESTS[i].in_body))
            fail_msg("row %zu, %s %s: %d %.*s", i, REQUESTS[i].asked.method,
                     REQUESTS[i].asked.target, x.response.status, SLICE_ARG(x.response.body));
        assert_true(slice_eq(http_header_get(&x.response, "X-Request-Id"), SLICE("rid-1")));
    }
}

static struct exchange create(struct web_site *s, const char *user, const char *body)
{
    const struct asked asked = {
        .method = "POST", .target = CREATE, .user = user, .type = JSON, .body = body
    };
    return send(s, &asked);
}

static void a_link_is_followed(void **state)
{
    struct web_site *s = *state;
    struct exchange made = create(s, "ann",
                                  "{\"long_url\": \"http://a.example/%2B?q=1\", "
                                  "\"custom_alias\": \"Spring_25\", \"redirect_status\": 308}");
    assert_int_equal(made.response.status, 201);
    assert_true(slice_eq(http_header_get(&made.response, "Location"),
                         SLICE("https://s.example/s/Spring_25")));
    const char *targets[] = { "/s/Spring_25", "/s/Spring_25/", "/s/Spring_25?utm=1" };
    for (size_t i = 0; i < ROWS(targets); i++) {
        struct exchange x = send(s, &(struct asked){ .method = "GET", .target = targets[i] });
        assert_int_equal(x.response.status, 308);
        assert_int_equal(x.response.body.len, 0);
        assert_true(
            slice_eq(http_header_get(&x.response, "Location"), SLICE("http://a.example/%2B?q=1")));
        assert_true(
            slice_eq(http_header_get(&x.response, "Cache-Control"), SLICE("private, no-cache")));
    }
    assert_int_equal(
        send(s, &(struct asked){ .method = "GET", .target = "/s/spring_25" }).response.status, 404);
}

static void links_are_shown_to_their_owners(void **state)
{
    struct web_site *s = *state;
    create(s, "ann", "{\"long_url\": \"http://a.example\", \"custom_alias\": \"anns\"}");
    struct exchange own =
        send(s, &(struct asked){ .method = "GET", .target = CREATE "/anns", .user = "ann" });
    assert_int_equal(own.response.status, 200);
    assert_true(body_has(&own, "\"owner\": \"ann\"") || body_has(&own, "\"owner\":\"ann\""));
    assert_int_equal(
        send(s, &(struct asked){ .method = "GET", .target = CREATE "/anns", .user = "bob" })
            .response.status,
        404);
    assert_int_equal(
        send(s, &(struct asked){ .method = "GET", .target = CREATE "/anns", .user = "root" })
            .response.status,
        200);
}

static void an_alias_taken_is_a_conflict(void **state)
{
    struct web_site *s = *state;
    const char *body = "{\"long_url\": \"http://a.example\", \"custom_alias\": \"mine\"}";
    assert_int_equal(create(s, "ann", body).response.status, 201);
    struct exchange second = create(s, "bob", body);
    assert_int_equal(second.response.status, 409);
    assert_true(body_has(&second, "\"alias_taken\""));
}

static void nobody_may_create_unless_everybody_may(void **state)
{
    struct web_site *s = *state;
    const char *body = "{\"long_url\": \"http://a.example\"}";
    assert_int_equal(create(s, NULL, body).response.status, 401);
    s->site.anonymous_create = true;
    assert_int_equal(create(s, NULL, body).response.status, 201);
    assert_int_equal(create(s, "curt_1_wrong", body).response.status, 401);
}

static void an_unavailable_database_is_503_never_404(void **state)
{
    struct web_site *s = *state;
    create(s, "ann", "{\"long_url\": \"http://a.example\", \"custom_alias\": \"cached\"}");
    db_fake_fail(s->db, 100, DB_UNAVAILABLE, false);
    assert_int_equal(
        send(s, &(struct asked){ .method = "GET", .target = "/s/cached" }).response.status, 302);
    struct exchange x = send(s, &(struct asked){ .method = "GET", .target = "/s/uncached" });
    assert_int_equal(x.response.status, 503);
    assert_true(http_header_get(&x.response, "Retry-After").len > 0);
    x = create(s, "ann", "{\"long_url\": \"http://a.example\"}");
    assert_int_equal(x.response.status, 503);
    assert_true(http_header_get(&x.response, "Retry-After").len > 0);
    x = send(s, &(struct asked){ .method = "GET", .target = CREATE "/cached", .user = "bob" });
    assert_int_equal(x.response.status, 503);
}

static void refusals_name_what_is_allowed(void **state)
{
    struct web_site *s = *state;
    struct exchange x = send(s, &(struct asked){ .method = "PUT", .target = "/s/abc" });
    assert_true(slice_eq(http_header_get(&x.response, "Allow"), SLICE("GET, HEAD, OPTIONS")));
    x = send(s, &(struct asked){ .method = "PUT", .target = CREATE, .user = "ann" });
    assert_true(slice_eq(http_header_get(&x.response, "Allow"), SLICE("GET, HEAD, POST, OPTIONS")));
    x = create(s, NULL, "{}");
    assert_true(http_header_get(&x.response, "WWW-Authenticate").len > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, web_site_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(requests_and_their_answers),
        TEST(a_link_is_followed),
        TEST(links_are_shown_to_their_owners),
        TEST(an_alias_taken_is_a_conflict),
        TEST(nobody_may_create_unless_everybody_may),
        TEST(an_unavailable_database_is_503_never_404),
        TEST(refusals_name_what_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
