/* SPDX-License-Identifier: MIT */
/* Signing in and out with a browser: cookies, the header against forged requests, the end of
 * sessions, and tokens that sign in once. */
#include <string.h>

#include "base/buf.h"
#include "support/web_site.h"

#define SESSION  "/admin/session"
#define SESSIONS "/api/v1/sessions"
#define URLS     "/api/v1/urls"
#define LINK     "{'long_url':'http://a.example/'}"

/* A signed-in browser: its secret, its headers with and without X-Csrf-Token. */
struct browser {
    const char *cookie;
    const char *reads;
    const char *writes;
};

static const char *format(struct web_site *s, const char *text, ...)
    __attribute__((format(printf, 2, 3)));

static const char *format(struct web_site *s, const char *text, ...)
{
    struct buf b = buf_in(s->arena, 2000);
    va_list args;
    va_start(args, text);
    buf_vprintf(&b, text, args);
    va_end(args);
    assert_false(b.failed);
    return b.at;
}

static const char *cookie_of(const struct exchange *x, struct arena *arena)
{
    return arena_copy(arena, http_header_get(&x->response, "Set-Cookie"));
}

/* The headers of a browser with the cookie that the answer sets, under the name `name`. */
static struct browser browser_of(struct web_site *s, const struct exchange *x, const char *name)
{
    struct browser browser;
    const char *header = cookie_of(x, s->arena);
    const char *csrf = web_site_member(s, x, "csrf");
    assert_non_null(header);
    assert_non_null(csrf);
    assert_memory_equal(header, name, strlen(name));
    browser.cookie = header + strlen(name) + 1;
    browser.cookie = format(s, "%.*s", (int)strcspn(browser.cookie, ";"), browser.cookie);
    browser.reads = format(s, FIREFOX "HTTP_COOKIE=a=b; %s=%s", name, browser.cookie);
    browser.writes = format(s, "%s\nHTTP_X_CSRF_TOKEN=%s", browser.reads, csrf);
    return browser;
}

static struct browser sign_in(struct web_site *s, const char *user)
{
    const char *body = format(s, "{'key':'%s'}", web_site_key(s, user));
    struct exchange x =
        web_site_send(s, &(struct sent){ "POST", SESSION, NULL, body, 201, .headers = FIREFOX });
    return browser_of(s, &x, "__Host-curt_session");
}

static struct exchange ask(struct web_site *s, const struct browser *b, const char *target,
                           int status, const char *has)
{
    return web_site_send(
        s, &(struct sent){ "GET", target, NULL, NULL, status, has, .headers = b->reads });
}

/* A token of ann's key, as curtctl makes it. */
static const char *offer(struct web_site *s, uint32_t key_id)
{
    static char text[SECRET_DIGITS + 1];
    static unsigned char secret[SECRET_BYTES];
    struct error err;
    struct sign_in token = { .key_id = key_id, .expires_at = s->now + SIGN_IN_LIFE_S };
    secret[0]++;
    assert_int_equal(sessions_offer(s->db, &token, secret, text, &err), DB_OK);
    return text;
}

static struct exchange send_token(struct web_site *s, const char *token, int status)
{
    const char *body = format(s, "{'token':'%s'}", token);
    return web_site_send(s, &(struct sent){ "POST", SESSION, NULL, body, status });
}

/* --- signing in --- */

static void a_key_signs_in(void **state)
{
    struct web_site *s = *state;
    struct browser ann = sign_in(s, "ann");
    ask(s, &ann, SESSION, 200, "'user':'ann','role':'user','scope':'manage','csrf':");
    ask(s, &ann, SESSION, 200, "'expires_at':'2027-01-15T20:00:00Z'");
    struct exchange x = ask(s, &ann, SESSIONS, 200, "'current':true,'agent':'Firefox on Linux'");
    assert_null(strstr(arena_copy(s->arena, x.response.body), ann.cookie));
    assert_int_equal(x.caller.role, ROLE_USER);
    struct browser root = sign_in(s, "root");
    ask(s, &root, SESSION, 200, "'user':'root','role':'admin'");
}

static void what_does_not_sign_in(void **state)
{
    struct web_site *s = *state;
    static const char wrong[] = "{'key':'curt_1_"
                                "00000000000000000000000000000000000000000000'}";
    const struct sent rows[] = {
        { "POST", SESSION, NULL, wrong, 401, "The API key is not valid." },
        { "POST", SESSION, NULL, "{'key':'x'}", 401, "The API key is not valid." },
        { "POST", SESSION, NULL, "{'token':'x'}", 401, "was used before" },
        { "POST", SESSION, NULL, "{}", 400, "Send either a key or a token." },
        { "POST", SESSION, NULL, "{'key':'x','token':'y'}", 400, "Send either" },
        { "POST", SESSION, NULL, "{'key':5}", 400, "'field':'key'" },
        { "POST", SESSION, NULL, "{'password':'x'}", 400, "'field':'password'" },
        { "POST", SESSION, NULL, "key=x", 415, .type = "application/x-www-form-urlencoded" },
        { "GET", SESSION, NULL, NULL, 401 },
        { "GET", SESSION, "ann", NULL, 401, "a key has not" },
        { "PUT", SESSION, "ann", "{}", 405 },
        { "GET", "/admin/sessions", NULL, NULL, 404 },
        { "GET", "/adminsession", NULL, NULL, 404 },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct exchange x = web_site_send(s, &rows[i]);
        assert_null(http_header_get(&x.response, "Set-Cookie").at);
    }
}

static void the_cookie_fits_the_site(void **state)
{
    static const struct {
        struct slice base_url, base_path;
        const char *cookie;
    } rows[] = {
        { SLICE("https://s.example"), SLICE(""),
          "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure" },
        { SLICE("https://s.example/s"), SLICE("/s"),
          "; Path=/s; Max-Age=2592000; HttpOnly; SameSite=Strict; Secure" },
        { SLICE("http://s.example"), SLICE(""),
          "; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict" },
        { SLICE("http://s.example/a/b"), SLICE("/a/b"),
          "; Path=/a/b; Max-Age=2592000; HttpOnly; SameSite=Strict" },
    };
    struct web_site *s = *state;
    const char *body, *target;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        s->site.base_url = rows[i].base_url;
        s->site.base_path = rows[i].base_path;
        body = format(s, "{'key':'%s'}", s->ann);
        target = format(s, "%.*s" SESSION, SLICE_ARG(rows[i].base_path));
        struct exchange x = web_site_send(s, &(struct sent){ "POST", target, NULL, body, 201 });
        struct browser ann = browser_of(s, &x, i == 0 ? "__Host-curt_session" : "curt_session");
        const char *header = cookie_of(&x, s->arena);
        assert_string_equal(strchr(header, ';'), rows[i].cookie);
        ask(s, &ann, target, 200, "'user':'ann'");
    }
}

static void each_sign_in_has_an_id_of_its_own(void **state)
{
    struct web_site *s = *state;
    struct browser first = sign_in(s, "ann"), second = sign_in(s, "ann");
    assert_string_not_equal(first.cookie, second.cookie);
    ask(s, &first, SESSION, 200, NULL);
    ask(s, &second, SESSION, 200, NULL);
    /* A browser that signs in with a cookie gets a new one, and the old session ends. */
    const char *body = format(s, "{'key':'%s'}", s->ann);
    struct exchange x = web_site_send(
        s, &(struct sent){ "POST", SESSION, NULL, body, 201, .headers = first.reads });
    struct browser third = browser_of(s, &x, "__Host-curt_session");
    assert_string_not_equal(first.cookie, third.cookie);
    ask(s, &first, SESSION, 401, "The session has ended");
    ask(s, &second, SESSION, 200, NULL);
    ask(s, &third, SESSION, 200, NULL);
}

static void a_planted_cookie_is_not_adopted(void **state)
{
    struct web_site *s = *state;
    static const char planted[] = "00000000000000000000000000000000000000000000";
    const char *body, *lines;
    body = format(s, "{'key':'%s'}", s->ann);
    lines = format(s, "HTTP_COOKIE=__Host-curt_session=%s", planted);
    struct exchange x =
        web_site_send(s, &(struct sent){ "POST", SESSION, NULL, body, 201, .headers = lines });
    struct browser ann = browser_of(s, &x, "__Host-curt_session");
    assert_string_not_equal(ann.cookie, planted);
    web_site_send(s, &(struct sent){ "GET", SESSION, NULL, NULL, 401, .headers = lines });
    /* Two cookies of the name: one of them may be another's. */
    lines = format(s, "HTTP_COOKIE=__Host-curt_session=%s; __Host-curt_session=%s", ann.cookie,
                   planted);
    web_site_send(s, &(struct sent){ "GET", SESSION, NULL, NULL, 401, .headers = lines });
    /* The name of the other kind of site. */
    lines = format(s, "HTTP_COOKIE=curt_session=%s", ann.cookie);
    x = web_site_send(s, &(struct sent){ "GET", SESSION, NULL, NULL, 401, .headers = lines });
    ask(s, &ann, SESSION, 200, NULL);
}

/* What a Cookie header may look like; %s is the secret. */
static const struct {
    const char *cookie;
    int status;
} COOKIES[] = {
    { "__Host-curt_session=%s", 200 },
    { "  __Host-curt_session=%s ", 200 },
    { "a=b;__Host-curt_session=%s;c=d", 200 },
    { "a; ; =; __Host-curt_session=%s;", 200 },
    { "x__Host-curt_session=1; __Host-curt_session=%s", 200 },
    { "__Host-curt_session=%s0", 401 },
    { "__Host-curt_session=\"%s\"", 401 },
    { "__host-curt_session=%s", 401 },
    { "__Host-curt_session =%s", 401 },
    { "a=__Host-curt_session=%s", 401 },
    { "__Host-curt_session=%s, __Host-curt_session=x", 401 },
    { "__Host-curt_session=; __Host-curt_session=%s", 401 },
    { "__Host-curt_session=", 401 },
    { "__Host-curt_session", 401 },
    { "", 401 },
};

static void a_cookie_is_read_strictly(void **state)
{
    struct web_site *s = *state;
    struct browser ann = sign_in(s, "ann");
    for (size_t i = 0; i < sizeof(COOKIES) / sizeof(*COOKIES); i++) {
        const char *cookie = COOKIES[i].cookie;
        size_t at = strcspn(cookie, "%");
        bool has_secret = cookie[at] != '\0';
        const char *lines = format(s, "HTTP_COOKIE=%.*s%s%s", (int)at, cookie,
                                   has_secret ? ann.cookie : "", has_secret ? cookie + at + 2 : "");
        print_message("# %s\n", cookie);
        web_site_send(
            s, &(struct sent){ "GET", SESSION, NULL, NULL, COOKIES[i].status, .headers = lines });
    }
}

static void a_token_signs_in_once(void **state)
{
    struct web_site *s = *state;
    const char *token = offer(s, 2);
    struct exchange x = send_token(s, token, 201);
    struct browser ann = browser_of(s, &x, "__Host-curt_session");
    ask(s, &ann, SESSION, 200, "'user':'ann'");
    send_token(s, token, 401);
    token = offer(s, 2);
    s->now += SIGN_IN_LIFE_S;
    send_token(s, token, 401);
    token = offer(s, 2);
    s->now += SIGN_IN_LIFE_S - 1;
    send_token(s, token, 201);
    token = offer(s, 2);
    web_site_send(s, &(struct sent){ "DELETE", "/api/v1/keys/2", "ann", NULL, 200 });
    send_token(s, token, 401);
}

/* --- what a session may do --- */

static void a_session_has_the_rights_of_its_key(void **state)
{
    struct web_site *s = *state;
    struct exchange made = web_site_send(
        s, &(struct sent){ "POST", "/api/v1/keys", "ann", "{'scope':'create'}", 201 });
    struct browser ann = sign_in(s, web_site_member(s, &made, "secret"));
    struct browser root = sign_in(s, "root");
    const struct sent rows[] = {
        { "POST", URLS, NULL, "{'long_url':'http://a.example/','custom_alias':'anns'}", 201,
          "'owner':'ann'", .headers = ann.writes },
        { "GET", URLS "/anns", NULL, NULL, 200, .headers = ann.reads },
        { "DELETE", URLS "/anns", NULL, NULL, 403, "scope create", .headers = ann.writes },
        { "GET", "/api/v1/keys", NULL, NULL, 403, .headers = ann.reads },
        { "GET", "/anns", NULL, NULL, 302, .headers = ann.reads },
        { "GET", "/healthz", NULL, NULL, 200, .headers = ann.reads },
        { "PATCH", URLS "/anns", NULL, "{'title':'t'}", 200, .headers = root.writes },
        { "GET", URLS "/anns", "bob", NULL, 404, .headers = root.reads }, /* a key comes first */
        { "GET", URLS "/anns", "no-key", NULL, 401, .headers = root.reads },
        { "DELETE", URLS "/anns", NULL, NULL, 200, .headers = root.writes },
    };
    SEND_ALL(s, rows);
}

static void a_forged_request_is_refused(void **state)
{
    struct web_site *s = *state;
    struct browser ann = sign_in(s, "ann"), bob = sign_in(s, "bob");
    static const struct {
        const char *method, *more;
        int status;
    } rows[] = {
        { "POST", "HTTP_ORIGIN=https://s.example", 201 },
        { "POST", "HTTP_ORIGIN=https://S.example\nHTTP_SEC_FETCH_SITE=same-origin", 201 },
        { "POST", "HTTP_SEC_FETCH_SITE=none", 201 },
        { "POST", "HTTP_ORIGIN=https://evil.example", 403 },
        { "POST", "HTTP_ORIGIN=https://s.example.evil.example", 403 },
        { "POST", "HTTP_ORIGIN=http://s.example", 403 },
        { "POST", "HTTP_ORIGIN=https://s.example:8443", 403 },
        { "POST", "HTTP_ORIGIN=null", 403 },
        { "POST", "HTTP_SEC_FETCH_SITE=cross-site", 403 },
        { "POST", "HTTP_SEC_FETCH_SITE=same-site", 403 },
        { "GET", "HTTP_SEC_FETCH_SITE=cross-site", 200 }, /* a link that was followed */
        { "GET", "HTTP_ORIGIN=https://evil.example", 403 },
    };
    const char *lines;
    s->site.cors_origins = SLICE("https://evil.example"); /* with a key; never with a cookie */
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        lines = format(s, "%s\n%s", ann.writes, rows[i].more);
        bool posts = rows[i].method[0] == 'P';
        struct exchange x =
            web_site_send(s, &(struct sent){ rows[i].method, URLS, NULL, posts ? LINK : NULL,
                                             rows[i].status, .headers = lines });
        assert_null(http_header_get(&x.response, "Access-Control-Allow-Credentials").at);
    }
    lines = format(s, "%s\n%s", ann.reads, strstr(bob.writes, "HTTP_X_CSRF_TOKEN"));
    const struct sent forged[] = {
        { "POST", URLS, NULL, LINK, 403, "X-Csrf-Token", .headers = ann.reads },
        { "POST", URLS, NULL, LINK, 403, "X-Csrf-Token", .headers = lines },
        { "DELETE", SESSION, NULL, NULL, 403, "X-Csrf-Token", .headers = ann.reads },
        { "DELETE", SESSIONS, NULL, NULL, 403, "X-Csrf-Token", .headers = ann.reads },
        { "PATCH", URLS "/x", NULL, "{}", 403, "X-Csrf-Token", .headers = ann.reads },
        { "POST", "/shorten", NULL, "url=http%3A%2F%2Fa.example", 403, .headers = ann.reads,
          .type = "application/x-www-form-urlencoded" },
    };
    SEND_ALL(s, forged);
    ask(s, &ann, SESSION, 200, NULL);
}

static void another_site_cannot_sign_in(void **state)
{
    struct web_site *s = *state;
    const char *body = format(s, "{'key':'%s'}", s->ann);
    const struct sent rows[] = {
        { "POST", SESSION, NULL, body, 403, .headers = "HTTP_ORIGIN=https://evil.example" },
        { "POST", SESSION, NULL, body, 403, .headers = "HTTP_SEC_FETCH_SITE=cross-site" },
        { "POST", SESSION, NULL, body, 201, .headers = "HTTP_ORIGIN=https://s.example" },
    };
    SEND_ALL(s, rows);
}

static void an_ended_session_is_not_anonymous(void **state)
{
    struct web_site *s = *state;
    struct browser ann = sign_in(s, "ann");
    s->site.anonymous_create = true;
    const struct sent rows[] = {
        { "POST", URLS, NULL, LINK, 201, "'owner':'ann'", .headers = ann.writes },
        { "DELETE", SESSION, NULL, NULL, 200, .headers = ann.writes },
        { "POST", URLS, NULL, LINK, 401, .headers = ann.writes },
        { "POST", URLS, NULL, LINK, 201, "'owner':null" },
    };
    SEND_ALL(s, rows);
}

/* --- the end of a session --- */

static void a_session_ends_by_itself(void **state)
{
    struct web_site *s = *state;
    struct browser idle = sign_in(s, "ann"), busy = sign_in(s, "ann");
    for (int hours = 0; hours < 30 * 24; hours += 6) {
        s->now = SITE_NOW + (int64_t)hours * 3600;
        ask(s, &busy, SESSION, 200, NULL);
        if (hours == 6)
            ask(s, &idle, SESSION, 200, "'expires_at':'2027-01-16T02:00:00Z'");
        if (hours == 12)
            s->now = SITE_NOW + 6 * 3600 + SITE_IDLE_S - 1;
        if (hours == 12)
            ask(s, &idle, SESSIONS, 200, "},{");
    }
    s->now = SITE_NOW + SITE_MAX_S - 1;
    ask(s, &busy, SESSION, 200, "'expires_at':'2027-02-14T08:00:00Z'");
    s->now++;
    struct exchange x = ask(s, &busy, SESSION, 401, "The session has ended:sign in again.");
    assert_non_null(strstr(cookie_of(&x, s->arena), "=; Path=/; Max-Age=0;"));
    ask(s, &idle, SESSION, 401, NULL);
}

static void an_idle_session_ends(void **state)
{
    struct web_site *s = *state;
    struct browser ann = sign_in(s, "ann");
    s->now += SITE_IDLE_S - 1;
    ask(s, &ann, SESSION, 200, NULL);
    s->now += SITE_IDLE_S - 1;
    ask(s, &ann, SESSION, 200, NULL);
    s->now += SITE_IDLE_S;
    ask(s, &ann, SESSION, 401, NULL);
    struct browser next = sign_in(s, "ann");
    struct exchange x = ask(s, &next, SESSIONS, 200, "'current':true");
    assert_null(strstr(arena_copy(s->arena, x.response.body), "false")); /* it is not listed */
}

/* A session is looked up by one statement; its last use, and that of its key, is stored once a
 * minute. */
static void the_last_use_is_stored_once_a_minute(void **state)
{
    struct web_site *s = *state;
    struct browser ann = sign_in(s, "ann");
    static const struct {
        int64_t after_s;
        unsigned calls;
    } rows[] = { { 0, 1 }, { 59, 1 }, { 1, 3 }, { 0, 1 }, { 59, 1 }, { 100, 3 } };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        s->now += rows[i].after_s;
        unsigned before = db_fake_calls(s->db);
        ask(s, &ann, SESSION, 200, NULL);
        assert_int_equal(db_fake_calls(s->db) - before, rows[i].calls);
    }
    struct api_key key;
    struct error err;
    assert_int_equal(db_key_find(s->db, 2, s->arena, &key, &err), DB_OK);
    assert_int_equal(key.last_used_at, s->now);
}

/* Whoever sends a key, or nothing, or visits a link, does not wait for a look-up of the cookie. */
static void only_a_session_is_looked_up(void **state)
{
    struct web_site *s = *state;
    struct browser ann = sign_in(s, "ann");
    web_site_send(s, &(struct sent){ "POST", URLS, "ann",
                                     "{'long_url':'http://a.example/','custom_alias':'anns'}" });
    struct sent rows[] = { { "GET", URLS "/anns", "ann", NULL, 200 },
                           { "GET", "/anns", NULL, NULL, 302 },
                           { "GET", SESSION, "ann", NULL, 401 },
                           { "GET", "/healthz", NULL, NULL, 200 } };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        web_site_send(s, &rows[i]); /* the key and the link are cached afterwards */
        unsigned at = db_fake_calls(s->db);
        web_site_send(s, &rows[i]);
        unsigned without = db_fake_calls(s->db) - at;
        rows[i].headers = ann.reads;
        at = db_fake_calls(s->db);
        web_site_send(s, &rows[i]);
        assert_int_equal(db_fake_calls(s->db) - at, without);
    }
}

static void a_session_ends_with_its_key(void **state)
{
    struct web_site *s = *state;
    struct exchange made =
        web_site_send(s, &(struct sent){ "POST", "/api/v1/keys", "ann",
                                         "{'expires_at':'2027-01-15T09:00:00Z'}", 201 });
    struct browser short_lived = sign_in(s, web_site_member(s, &made, "secret"));
    struct browser ann = sign_in(s, "ann"), bob = sign_in(s, "bob");
    ask(s, &short_lived, SESSION, 200, "'expires_at':'2027-01-15T09:00:00Z'");
    s->now += 3600;
    ask(s, &short_lived, SESSION, 401, NULL);
    ask(s, &ann, SESSION, 200, NULL);
    web_site_send(s, &(struct sent){ "DELETE", "/api/v1/keys/2", "root", NULL, 200 });
    ask(s, &ann, SESSION, 401, NULL);
    ask(s, &bob, SESSION, 200, NULL);
}

static void signing_out(void **state)
{
    struct web_site *s = *state;
    struct browser first = sign_in(s, "ann"), second = sign_in(s, "ann"), bob = sign_in(s, "bob");
    struct exchange x =
        web_site_send(s, &(struct sent){ "DELETE", SESSION, NULL, NULL, 200, "You are signed out.",
                                         .headers = first.writes });
    assert_non_null(strstr(cookie_of(&x, s->arena), "__Host-curt_session=; Path=/; Max-Age=0"));
    ask(s, &first, SESSION, 401, NULL);
    ask(s, &second, SESSION, 200, NULL);
    first = sign_in(s, "ann");
    const struct sent rows[] = {
        { "DELETE", SESSIONS "/3", NULL, NULL, 404, .headers = first.writes }, /* bob's */
        { "DELETE", SESSIONS "/x", NULL, NULL, 404, .headers = first.writes },
        { "DELETE", SESSIONS "/2", NULL, NULL, 200, .headers = first.writes },
        { "GET", SESSION, NULL, NULL, 401, .headers = second.reads },
        { "GET", SESSION, NULL, NULL, 200, .headers = first.reads },
    };
    SEND_ALL(s, rows);
    second = sign_in(s, "ann");
    x = web_site_send(
        s, &(struct sent){ "DELETE", SESSIONS, NULL, NULL, 200, .headers = first.writes });
    assert_non_null(strstr(cookie_of(&x, s->arena), "Max-Age=0"));
    ask(s, &first, SESSION, 401, NULL);
    ask(s, &second, SESSION, 401, NULL);
    ask(s, &bob, SESSION, 200, NULL);
    sign_in(s, "ann");
    x = web_site_send(s, &(struct sent){ "DELETE", SESSIONS, "ann", NULL, 200 });
    assert_null(http_header_get(&x.response, "Set-Cookie").at);
    web_site_send(s, &(struct sent){ "GET", SESSIONS, "ann", NULL, 200, "{'sessions':[]}" });
}

/* --- failures --- */

static void without_the_database_a_session_is_neither_there_nor_gone(void **state)
{
    struct web_site *s = *state;
    struct browser ann = sign_in(s, "ann");
    const char *body = format(s, "{'key':'%s'}", s->ann);
    db_fake_fail(s->db, 100, DB_UNAVAILABLE, false);
    struct exchange x = ask(s, &ann, SESSION, 503, NULL);
    assert_null(http_header_get(&x.response, "Set-Cookie").at);
    const struct sent rows[] = {
        { "POST", SESSION, NULL, body, 503 },
        { "GET", SESSIONS, NULL, NULL, 503, .headers = ann.reads },
        { "DELETE", SESSION, NULL, NULL, 503, .headers = ann.writes },
    };
    SEND_ALL(s, rows);
    db_fake_fail(s->db, 0, DB_OK, false);
    ask(s, &ann, SESSION, 200, NULL);
}

static void attempts_are_limited(void **state)
{
    struct web_site *s = *state;
    struct error err;
    s->services.limits.buckets = buckets_open(NULL, &err);
    s->services.limits.misses_per_address = (struct rate){ 20000000, 3 };
    struct browser ann = sign_in(s, "ann");
    static const char none[] = "HTTP_COOKIE=__Host-curt_session="
                               "00000000000000000000000000000000000000000000";
    const struct sent rows[] = {
        { "POST", SESSION, NULL, "{'key':'x'}", 401, .peer = "192.0.2.1" },
        { "POST", SESSION, NULL, "{'token':'x'}", 401, .peer = "192.0.2.1" },
        { "GET", SESSION, NULL, NULL, 401, .peer = "192.0.2.1", .headers = none },
        { "POST", SESSION, NULL, "{'key':'x'}", 429, .peer = "192.0.2.1" },
        { "POST", SESSION, NULL, "{'token':'x'}", 429, .peer = "192.0.2.1" },
        { "GET", SESSION, NULL, NULL, 429, .peer = "192.0.2.1", .headers = none },
        { "GET", SESSION, NULL, NULL, 200, .peer = "192.0.2.2", .headers = ann.reads },
    };
    SEND_ALL(s, rows);
    buckets_close(&s->services.limits.buckets);
}

#define SITE_TEST(f) cmocka_unit_test_setup_teardown(f, web_site_set_up, web_site_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SITE_TEST(a_key_signs_in),
        SITE_TEST(what_does_not_sign_in),
        SITE_TEST(the_cookie_fits_the_site),
        SITE_TEST(each_sign_in_has_an_id_of_its_own),
        SITE_TEST(a_planted_cookie_is_not_adopted),
        SITE_TEST(a_cookie_is_read_strictly),
        SITE_TEST(a_token_signs_in_once),
        SITE_TEST(a_session_has_the_rights_of_its_key),
        SITE_TEST(a_forged_request_is_refused),
        SITE_TEST(another_site_cannot_sign_in),
        SITE_TEST(an_ended_session_is_not_anonymous),
        SITE_TEST(a_session_ends_by_itself),
        SITE_TEST(an_idle_session_ends),
        SITE_TEST(the_last_use_is_stored_once_a_minute),
        SITE_TEST(only_a_session_is_looked_up),
        SITE_TEST(a_session_ends_with_its_key),
        SITE_TEST(signing_out),
        SITE_TEST(without_the_database_a_session_is_neither_there_nor_gone),
        SITE_TEST(attempts_are_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
