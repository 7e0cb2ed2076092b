/* SPDX-License-Identifier: MIT */
/* Reads and writes the session's cookie. */
#include "web/session_cookie.h"

#include "base/buf.h"

enum {
    COOKIE_MAX = 1200, /* bytes of the header's value; a base URL has at most 1,000 */
};

static bool is_https(const struct site *site)
{
    return slice_starts_with(site->base_url, SLICE("https://"));
}

static struct slice cookie_name(const struct site *site)
{
    bool is_host = is_https(site) && site->base_path.len == 0;
    return is_host ? SLICE(SESSION_COOKIE_SECURE) : SLICE(SESSION_COOKIE);
}

struct slice session_cookie_read(const struct exchange *x)
{
    struct slice name = cookie_name(x->site);
    struct slice rest = http_variable(x->request, "HTTP_COOKIE");
    struct slice value = { NULL, 0 };
    while (rest.len) {
        struct slice pair = slice_trim((struct slice){ rest.at, slice_find(rest, ';') });
        rest = slice_from(rest, slice_find(rest, ';') + 1);
        struct slice key = { pair.at, slice_find(pair, '=') };
        if (!slice_eq(key, name))
            continue;
        if (value.at)
            return SLICE("twice");
        value = slice_from(pair, key.len + 1);
        if (!value.at)
            value = SLICE("");
    }
    return value;
}

static void add_cookie(struct exchange *x, struct slice value, int64_t max_age_s)
{
    const struct site *site = x->site;
    struct buf cookie = buf_in(x->arena, COOKIE_MAX);
    buf_add(&cookie, cookie_name(site));
    buf_add_byte(&cookie, '=');
    buf_add(&cookie, value);
    buf_add_text(&cookie, "; Path=");
    buf_add(&cookie, site->base_path.len ? site->base_path : SLICE("/"));
    buf_add_text(&cookie, "; Max-Age=");
    buf_add_int(&cookie, max_age_s);
    buf_add_text(&cookie, "; HttpOnly; SameSite=Strict");
    if (is_https(site))
        buf_add_text(&cookie, "; Secure");
    http_header_set(&x->response, "Set-Cookie", buf_slice(&cookie));
}

void session_cookie_set(struct exchange *x, struct slice secret)
{
    add_cookie(x, secret, x->services->sessions.max_s);
}

void session_cookie_clear(struct exchange *x)
{
    add_cookie(x, SLICE(""), 0);
}
