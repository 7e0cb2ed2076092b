/* SPDX-License-Identifier: MIT */
/* Wires the site, creates its users, and sends requests to it. */
#include "support/web_site.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "service/click_log.h"
#include "support/codes_key.h"

static void create_key(struct web_site *s, const char *user, enum user_role role,
                       char text[KEY_TEXT_MAX])
{
    unsigned char secret[KEY_SECRET_BYTES];
    struct api_key key = { .user = slice_of(user), .role = role, .created_at = SITE_NOW };
    struct error err = { "" };
    memset(secret, user[0], sizeof(secret));
    assert_int_equal(auth_key_create(s->db, &key, secret, text, &err), DB_OK);
}

/* Not random at all, but another at each call. */
static bool count_bytes(unsigned char *out, size_t n)
{
    static unsigned char calls;
    memset(out, ++calls, n);
    return true;
}

int web_site_set_up(void **state)
{
    static struct web_site s;
    s = (struct web_site){
        .arena = arena_new(64 << 20),
        .cache = cache_fake_new(),
        .db = db_fake_new(1 << 20, 100),
        .site = { .base_url = SLICE("https://s.example"),
                  .pages_path = SLICE("/admin"),
                  .preview = true,
                  .metrics_token = SLICE("scrape") },
        .now = SITE_NOW,
    };
    codes_key_store(s.db, CODE_KEY);
    s.codes =
        (struct codes){ .db = s.db, .sequence = { .name = "default", .db = s.db }, .length = 7 };
    s.links = (struct link_cache){ .remote = s.cache, .ttl_s = 3600, .negative_ttl_s = 5 };
    s.services = (struct services){
        .db = s.db,
        .resolver = { .cache = &s.links, .db = s.db },
        .shortener = { .cache = &s.links,
                       .db = s.db,
                       .codes = &s.codes,
                       .aliases = { .min_length = 3, .max_length = 50 },
                       .own = { .host = SLICE("s.example") },
                       .blocked = &s.blocked,
                       .default_status = 302,
                       .max_lifetime_s = 1000000000,
                       .restore_window_s = SITE_RESTORE_S },
        .auth = { .db = s.db, .remember_s = 5 },
        .sessions = { .db = s.db, .idle_s = SITE_IDLE_S, .max_s = SITE_MAX_S },
        .random_bytes = count_bytes,
        .readiness = { .db = s.db, .cache = s.cache },
    };
    create_key(&s, "root", ROLE_ADMIN, s.root);
    create_key(&s, "ann", ROLE_USER, s.ann);
    create_key(&s, "bob", ROLE_USER, s.bob);
    *state = &s;
    return 0;
}

int web_site_tear_down(void **state)
{
    struct web_site *s = *state;
    blocked_file_close(&s->blocked);
    db_close(&s->db);
    cache_close(&s->cache);
    arena_free(&s->arena);
    return 0;
}

const char *web_site_key(const struct web_site *s, const char *user)
{
    if (!user)
        return NULL;
    if (strcmp(user, "root") == 0)
        return s->root;
    if (strcmp(user, "ann") == 0)
        return s->ann;
    return strcmp(user, "bob") == 0 ? s->bob : user;
}

struct http_request *web_site_request(struct web_site *s, const char *method, const char *target,
                                      const struct site_header *headers, size_t n)
{
    struct http_request *request = arena_alloc(s->arena, sizeof(*request));
    const char **variables = arena_alloc(s->arena, sizeof(*variables) * (SITE_HEADERS_MAX + 1));
    assert_true(n <= SITE_HEADERS_MAX);
    size_t sent = 0;
    for (size_t i = 0; i < n; i++) {
        struct buf line = buf_in(s->arena, 1024);
        if (!headers[i].value)
            continue;
        buf_printf(&line, "%s=%s", headers[i].variable, headers[i].value);
        variables[sent++] = line.at;
    }
    request->method = http_method_of(slice_of(method));
    request->variables = variables;
    http_request_set_target(request, slice_of(target));
    return request;
}

struct exchange web_site_dispatch(struct web_site *s, const struct http_request *request)
{
    struct exchange x = { .request = request,
                          .site = &s->site,
                          .services = &s->services,
                          .arena = s->arena,
                          .now = s->now,
                          .now_us = s->now_us,
                          .request_id = SLICE("rid-1") };
    dispatch(&x);
    return x;
}

/* Appends "VARIABLE=value" of each line to the `n` headers; returns their number. */
static size_t add_lines(struct web_site *s, const char *lines, struct site_header *headers,
                        size_t n)
{
    while (lines && *lines && n < SITE_HEADERS_MAX) {
        size_t len = strcspn(lines, "\n");
        char *line = arena_copy(s->arena, (struct slice){ lines, len });
        char *equals = strchr(line, '=');
        assert_non_null(equals);
        *equals = '\0';
        headers[n++] = (struct site_header){ line, equals + 1 };
        lines += len + (lines[len] == '\n');
    }
    return n;
}

/* `text` with ' for ", so that JSON in C can be read. */
static struct slice quoted(struct web_site *s, const char *text)
{
    char *copy = arena_copy(s->arena, slice_of(text));
    for (char *c = copy; *c != '\0'; c++) {
        if (*c == '\'')
            *c = '"';
    }
    return slice_of(copy);
}

/* Whether the body has the text; white space does not count. */
static bool has(struct web_site *s, struct slice body, const char *text)
{
    char *squeezed = arena_copy(s->arena, body);
    char *to = squeezed;
    for (const char *c = squeezed; *c != '\0'; c++) {
        bool is_gap = *c == ' ' && c > squeezed &&
                      (c[-1] == ':' || c[-1] == ',' || c[-1] == '{' || c[-1] == '[' ||
                       c[1] == '}' || c[1] == ']');
        if (!is_gap)
            *to++ = *c;
    }
    *to = '\0';
    return strstr(squeezed, quoted(s, text).at) != NULL;
}

static struct http_request *request_of(struct web_site *s, const struct sent *sent)
{
    struct site_header headers[SITE_HEADERS_MAX] = {
        { "HTTP_X_API_KEY", web_site_key(s, sent->user) },
        { "CONTENT_TYPE", sent->type ? sent->type : "application/json" },
        { "HTTP_IF_MATCH", sent->if_match },
        { "HTTP_IDEMPOTENCY_KEY", sent->once },
        { "HTTP_AUTHORIZATION", sent->authorization },
        { "REMOTE_ADDR", sent->peer },
        { "HTTP_X_FORWARDED_FOR", sent->forwarded_for },
    };
    size_t n = 0;
    while (headers[n].variable)
        n++;
    n = add_lines(s, sent->headers, headers, n);
    struct http_request *request = web_site_request(s, sent->method, sent->target, headers, n);
    request->body = sent->body ? quoted(s, sent->body) : sent->bytes;
    request->body_too_large = sent->too_large;
    return request;
}

struct exchange web_site_send(struct web_site *s, const struct sent *sent)
{
    struct exchange x = web_site_dispatch(s, request_of(s, sent));
    if ((sent->status && x.response.status != sent->status) ||
        (sent->has && !has(s, x.response.body, sent->has)))
        fail_msg("%s %s %s: %d instead of %d with %s: %.*s (%s)", sent->method, sent->target,
                 sent->body ? sent->body : "", x.response.status, sent->status,
                 sent->has ? sent->has : "anything", SLICE_ARG(x.response.body), x.err.text);
    if (x.response.status == 200 && http_header_get(&x.response, "Location").at)
        fail_msg("%s %s: a 200 with Location, of which Apache makes a 302", sent->method,
                 sent->target);
    bool has_body = x.response.status == 200 && x.response.body.len;
    if (has_body != slice_eq(http_header_get(&x.response, "Accept-Ranges"), SLICE("none")))
        fail_msg("%s %s: Accept-Ranges goes with each 200", sent->method, sent->target);
    return x;
}

void web_site_send_all(struct web_site *s, const struct sent *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        print_message("# row %zu\n", i);
        web_site_send(s, &rows[i]);
    }
}

const char *web_site_member(struct web_site *s, const struct exchange *x, const char *name)
{
    struct buf wanted = buf_in(s->arena, 128);
    buf_printf(&wanted, "\"%s\":", name);
    const char *body = arena_copy(s->arena, x->response.body);
    const char *at = strstr(body, wanted.at);
    if (!at)
        return NULL;
    at += wanted.len;
    at += strspn(at, " ");
    if (*at != '"')
        return NULL;
    return arena_copy(s->arena, (struct slice){ at + 1, strcspn(at + 1, "\"") });
}

void web_site_log_clicks(struct web_site *s, struct click_log *log)
{
    const struct sent link = { "POST", "/api/v1/urls", "ann",
                               "{'long_url':'https://example.com/','custom_alias':'abc'}", 201 };
    click_log_prepare(log, s->now);
    s->services.click_log = log;
    web_site_send(s, &link);
}
