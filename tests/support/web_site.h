/* SPDX-License-Identifier: MIT */
/* A whole site over the fakes, for tests that send requests to it: its admin is root, its users
 * are ann and bob. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the above. */
#include <setjmp.h>

#include <cmocka.h>

#include "fakes/cache_fake.h"
#include "fakes/db_fake.h"
#include "web/dispatch.h"
#include "web/exchange.h"

enum {
    SITE_NOW = 1800000000,
    SITE_HEADERS_MAX = 12,
    SITE_IDLE_S = 12 * 3600, /* of sessions */
    SITE_MAX_S = 30 * 86400,
    SITE_RESTORE_S = 86400, /* how long a deleted link can be restored */
};

struct web_site {
    struct arena *arena;
    struct cache *cache;
    struct link_cache links;
    struct db *db;
    struct codes codes;
    struct site site;
    struct services services;
    struct blocked_file blocked; /* none, unless a test sets its path */
    int64_t now;
    int64_t now_us; /* of the monotonic clock */
    char root[KEY_TEXT_MAX];
    char ann[KEY_TEXT_MAX];
    char bob[KEY_TEXT_MAX];
};

/* A header as a CGI variable; one whose value is NULL is not sent. */
struct site_header {
    const char *variable;
    const char *value;
};

/* A request without body, with the `n` headers (at most SITE_HEADERS_MAX), in the site's arena. */
struct http_request *web_site_request(struct web_site *s, const char *method, const char *target,
                                      const struct site_header *headers, size_t n);

/* The exchange after the request was dispatched. */
struct exchange web_site_dispatch(struct web_site *s, const struct http_request *request);

/* The API key of "root", "ann" or "bob"; other text, and NULL, as it is. */
const char *web_site_key(const struct web_site *s, const char *user);

/* A row says what matters to it; the rest is NULL and 0. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* A request; absent parts are NULL. The base URL is https://s.example; a body is JSON. */
struct sent {
    const char *method;
    const char *target;
    const char *user; /* whose key: "root", "ann" or "bob"; other text is sent as it is */
    const char *body;
    int status;      /* that must be answered; 0: any */
    const char *has; /* what the answer's body must have in it, quotes written as ' */
    const char *if_match;
    const char *once; /* Idempotency-Key */
    const char *type; /* Content-Type, if not JSON */
    bool too_large;
    const char *headers; /* further variables, one a line */
    const char *authorization;
    const char *peer; /* REMOTE_ADDR */
    const char *forwarded_for;
    struct slice bytes; /* the body, as it is, in place of `body` */
};

int web_site_set_up(void **state);
int web_site_tear_down(void **state);

/* Sends, and fails the test when the answer is not what `sent` says. */
struct exchange web_site_send(struct web_site *s, const struct sent *sent);

/* Sends `n` in turn. */
void web_site_send_all(struct web_site *s, const struct sent *rows, size_t n);

/* The text of a string member of the answer's body, in the site's arena; NULL when it has none. */
const char *web_site_member(struct web_site *s, const struct exchange *x, const char *name);

/* Makes `log` the site's log of clicks, and the link /abc of ann, to https://example.com/. */
void web_site_log_clicks(struct web_site *s, struct click_log *log);

/* The header of a browser, for `headers` of struct sent. */
#define FIREFOX \
    "HTTP_USER_AGENT=Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\n"

#define SEND_ALL(site, rows) web_site_send_all(site, rows, sizeof(rows) / sizeof((rows)[0]))
