/* SPDX-License-Identifier: MIT */
/* Whole requests through dispatch over the fakes: one row a request and what it must be answered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fakes/cache_fake.h"
#include "fakes/db_fake.h"
#include "web/dispatch.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

enum {
    NOW = 1800000000,
    VARIABLES_MAX = 8,
};

static const unsigned char CODE_KEY[BIJECTION_KEY_BYTES] NONSTRING =
    "thirty-two bytes of key material";

struct fixture {
    struct arena *arena;
    struct cache *cache;
    struct db *db;
    struct codes codes;
    struct site site;
    struct services services;
    char admin[KEY_TEXT_MAX];
    char ann[KEY_TEXT_MAX];
    char bob[KEY_TEXT_MAX];
};

static void create_key(struct fixture *f, const char *user, enum user_role role, unsigned char fill,
                       char text[KEY_TEXT_MAX])
{
    unsigned char secret[KEY_SECRET_BYTES];
    struct api_key key = { .user = slice_of(user), .role = role, .created_at = NOW };
    struct error err = { "" };
    memset(secret, fill, sizeof(secret));
    assert_int_equal(auth_key_create(f->db, &key, secret, text, &err), DB_OK);
}

static int set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture){
        .arena = arena_new(4 << 20),
        .cache = cache_fake_new(),
        .db = db_fake_new(1 << 20, 100),
        .site = { .base_url = SLICE("https://s.example/s"), .base_path = SLICE("/s") },
    };
    db_fake_set_setting(f.db, CODES_KEY_SETTING,
                        (struct slice){ (const char *)CODE_KEY, sizeof(CODE_KEY) });
    f.codes =
        (struct codes){ .db = f.db, .sequence = { .name = "default", .db = f.db }, .length = 7 };
    f.services = (struct services){
        .db = f.db,
        .resolver = { .cache = f.cache, .db = f.db, .ttl_s = 3600, .negative_ttl_s = 5 },
        .shortener = { .cache = f.cache,
                       .db = f.db,
                       .codes = &f.codes,
                       .aliases = { .min_length = 3, .max_length = 50 },
                       .own = { .host = SLICE("s.example"), .path = SLICE("/s") },
                       .default_status = 302,
                       .max_lifetime_s = 1000000000,
                       .ttl_s = 3600 },
        .auth = { .db = f.db, .remember_s = 5 },
    };
    create_key(&f, "root", ROLE_ADMIN, 1, f.admin);
    create_key(&f, "ann", ROLE_USER, 2, f.ann);
    create_key(&f, "bob", ROLE_USER, 3, f.bob);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    db_close(&f->db);
    cache_close(&f->cache);
    arena_free(&f->arena);
    return 0;
}

/* A request to be sent: absent parts are NULL. */
struct sent {
    const char *method;
    const char *target;
    const char *user; /* whose API key; other text is sent as it is */
    const char *type; /* Content-Type */
    const char *body;
    const char *accept;
    bool body_too_large;
    bool body_broken;
};

static const char *key_of(const struct fixture *f, const char *user)
{
    if (user && strcmp(user, "root") == 0)
        return f->admin;
    if (user && strcmp(user, "ann") == 0)
        return f->ann;
    return user && strcmp(user, "bob") == 0 ? f->bob : user;
}

static struct exchange send(struct fixture *f, const struct sent *sent)
{
    struct http_request *request = arena_alloc(f->arena, sizeof(*request));
    const char **variables = arena_alloc(f->arena, sizeof(*variables) * VARIABLES_MAX);
    size_t n = 0;
    char line[512];
    const char *const headers[][2] = {
        { "HTTP_X_API_KEY", key_of(f, sent->user) },
        { "CONTENT_TYPE", sent->type },
        { "HTTP_ACCEPT", sent->accept },
    };
    for (size_t i = 0; i < ROWS(headers); i++) {
        if (!headers[i][1])
            continue;
        snprintf(line, sizeof(line), "%s=%s", headers[i][0], headers[i][1]);
        variables[n++] = arena_copy(f->arena, slice_of(line));
    }
    request->method = http_method_of(slice_of(sent->method));
    request->variables = variables;
    request->body = slice_of(sent->body);
    request->body_too_large = sent->body_too_large;
    request->body_broken = sent->body_broken;
    http_request_set_target(request, slice_of(sent->target));
    struct exchange x = { .request = request,
                          .site = &f->site,
                          .services = &f->services,
                          .arena = f->arena,
                          .now = NOW,
                          .request_id = SLICE("rid-1") };
    dispatch(&x);
    return x;
}

static bool body_has(const struct exchange *x, const char *text)
{
    return memmem(x->response.body.at, x->response.body.len, text, strlen(text)) != NULL;
}

#define JSON   "application/json"
#define CREATE "/s/api/v1/urls"

static const struct {
    struct sent sent;
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
    struct fixture *f = *state;
    for (size_t i = 0; i < ROWS(REQUESTS); i++) {
        struct exchange x = send(f, &REQUESTS[i].sent);
        if (x.response.status != REQUESTS[i].status || !body_has(&x, REQUESTS[i].in_body))
            fail_msg("row %zu, %s %s: %d %.*s", i, REQUESTS[i].sent.method, REQUESTS[i].sent.target,
                     x.response.status, SLICE_ARG(x.response.body));
        assert_true(slice_eq(http_header_get(&x.response, "X-Request-Id"), SLICE("rid-1")));
    }
}

static struct exchange create(struct fixture *f, const char *user, const char *body)
{
    const struct sent sent = {
        .method = "POST", .target = CREATE, .user = user, .type = JSON, .body = body
    };
    return send(f, &sent);
}

static void a_link_is_followed(void **state)
{
    struct fixture *f = *state;
    struct exchange made = create(f, "ann",
                                  "{\"long_url\": \"http://a.example/%2B?q=1\", "
                                  "\"custom_alias\": \"Spring_25\", \"redirect_status\": 308}");
    assert_int_equal(made.response.status, 201);
    assert_true(slice_eq(http_header_get(&made.response, "Location"),
                         SLICE("https://s.example/s/Spring_25")));
    const char *targets[] = { "/s/Spring_25", "/s/Spring_25/", "/s/Spring_25?utm=1" };
    for (size_t i = 0; i < ROWS(targets); i++) {
        struct exchange x = send(f, &(struct sent){ .method = "GET", .target = targets[i] });
        assert_int_equal(x.response.status, 308);
        assert_int_equal(x.response.body.len, 0);
        assert_true(
            slice_eq(http_header_get(&x.response, "Location"), SLICE("http://a.example/%2B?q=1")));
        assert_true(
            slice_eq(http_header_get(&x.response, "Cache-Control"), SLICE("private, no-cache")));
    }
    assert_int_equal(
        send(f, &(struct sent){ .method = "GET", .target = "/s/spring_25" }).response.status, 404);
}

static void links_are_shown_to_their_owners(void **state)
{
    struct fixture *f = *state;
    create(f, "ann", "{\"long_url\": \"http://a.example\", \"custom_alias\": \"anns\"}");
    struct exchange own =
        send(f, &(struct sent){ .method = "GET", .target = CREATE "/anns", .user = "ann" });
    assert_int_equal(own.response.status, 200);
    assert_true(body_has(&own, "\"owner\": \"ann\"") || body_has(&own, "\"owner\":\"ann\""));
    assert_int_equal(
        send(f, &(struct sent){ .method = "GET", .target = CREATE "/anns", .user = "bob" })
            .response.status,
        404);
    assert_int_equal(
        send(f, &(struct sent){ .method = "GET", .target = CREATE "/anns", .user = "root" })
            .response.status,
        200);
}

static void an_alias_taken_is_a_conflict(void **state)
{
    struct fixture *f = *state;
    const char *body = "{\"long_url\": \"http://a.example\", \"custom_alias\": \"mine\"}";
    assert_int_equal(create(f, "ann", body).response.status, 201);
    struct exchange second = create(f, "bob", body);
    assert_int_equal(second.response.status, 409);
    assert_true(body_has(&second, "\"alias_taken\""));
}

static void nobody_may_create_unless_everybody_may(void **state)
{
    struct fixture *f = *state;
    const char *body = "{\"long_url\": \"http://a.example\"}";
    assert_int_equal(create(f, NULL, body).response.status, 401);
    f->site.anonymous_create = true;
    assert_int_equal(create(f, NULL, body).response.status, 201);
    assert_int_equal(create(f, "curt_1_wrong", body).response.status, 401);
}

static void a_database_away_is_told_honestly(void **state)
{
    struct fixture *f = *state;
    create(f, "ann", "{\"long_url\": \"http://a.example\", \"custom_alias\": \"cached\"}");
    db_fake_fail(f->db, 100, DB_UNAVAILABLE, false);
    assert_int_equal(
        send(f, &(struct sent){ .method = "GET", .target = "/s/cached" }).response.status, 302);
    struct exchange x = send(f, &(struct sent){ .method = "GET", .target = "/s/uncached" });
    assert_int_equal(x.response.status, 503);
    assert_true(http_header_get(&x.response, "Retry-After").len > 0);
    x = create(f, "ann", "{\"long_url\": \"http://a.example\"}");
    assert_int_equal(x.response.status, 503);
    assert_true(http_header_get(&x.response, "Retry-After").len > 0);
    x = send(f, &(struct sent){ .method = "GET", .target = CREATE "/cached", .user = "bob" });
    assert_int_equal(x.response.status, 503);
}

static void refusals_name_what_is_allowed(void **state)
{
    struct fixture *f = *state;
    struct exchange x = send(f, &(struct sent){ .method = "PUT", .target = "/s/abc" });
    assert_true(slice_eq(http_header_get(&x.response, "Allow"), SLICE("GET, HEAD, OPTIONS")));
    x = send(f, &(struct sent){ .method = "PUT", .target = CREATE, .user = "ann" });
    assert_true(slice_eq(http_header_get(&x.response, "Allow"), SLICE("GET, HEAD, POST, OPTIONS")));
    x = create(f, NULL, "{}");
    assert_true(http_header_get(&x.response, "WWW-Authenticate").len > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(requests_and_their_answers),
        TEST(a_link_is_followed),
        TEST(links_are_shown_to_their_owners),
        TEST(an_alias_taken_is_a_conflict),
        TEST(nobody_may_create_unless_everybody_may),
        TEST(a_database_away_is_told_honestly),
        TEST(refusals_name_what_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
