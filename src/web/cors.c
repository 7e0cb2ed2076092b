/* SPDX-License-Identifier: MIT */
/* Answers preflights and adds CORS headers. */
#include "web/cors.h"

/* Headers that a page may send and read in addition to those that every page may. */
#define REQUEST_HEADERS "Authorization, Content-Type, Idempotency-Key, If-Match, X-Api-Key"
#define RESPONSE_HEADERS                                                             \
    "Content-Location, ETag, Link, Location, RateLimit-Limit, RateLimit-Remaining, " \
    "RateLimit-Reset, Retry-After, X-Request-Id"
#define PREFLIGHT_SECONDS "600"

bool path_is_api(struct slice path)
{
    static const struct slice others[] = { { "/urls", 5 }, { "/shorten", 8 } };
    if (slice_starts_with(path, SLICE("/api/")) || slice_starts_with(path, SLICE("/analytics/")))
        return true;
    if (path.len && path.at[path.len - 1] == '/')
        path.len--;
    return slice_eq(path, others[0]) || slice_eq(path, others[1]);
}

/* The value of Access-Control-Allow-Origin for `origin`: itself, "*", or empty. */
static struct slice allowed_origin(struct slice list, struct slice origin)
{
    while (list.len) {
        size_t end = slice_find(list, ' ');
        struct slice one = { list.at, end };
        list = slice_from(list, end + 1);
        if (slice_eq(one, SLICE("*")))
            return one;
        if (one.len && slice_eq_nocase(one, origin))
            return origin;
    }
    return (struct slice){ NULL, 0 };
}

bool cors_is_foreign(const struct exchange *x)
{
    const struct site *site = x->site;
    struct slice own = { site->base_url.at, site->base_url.len - site->base_path.len };
    struct slice origin = http_variable(x->request, "HTTP_ORIGIN");
    return origin.len && !slice_eq_nocase(origin, own) &&
           !allowed_origin(site->cors_origins, origin).len;
}

int cors(struct exchange *x)
{
    if (x->site->cors_origins.len == 0 || !path_is_api(x->path))
        return 0;
    struct slice origin = http_variable(x->request, "HTTP_ORIGIN");
    struct slice allowed = allowed_origin(x->site->cors_origins, origin);
    if (!slice_eq(allowed, SLICE("*")))
        http_header_add(&x->response, "Vary", SLICE("Origin"));
    if (origin.len && allowed.len) {
        http_header_add(&x->response, "Access-Control-Allow-Origin", allowed);
        http_header_add(&x->response, "Access-Control-Expose-Headers", SLICE(RESPONSE_HEADERS));
    }
    return 0;
}

int answer_options(struct exchange *x, const char *allow)
{
    bool may = http_header_get(&x->response, "Access-Control-Allow-Origin").len > 0;
    if (may && http_variable(x->request, "HTTP_ACCESS_CONTROL_REQUEST_METHOD").len) {
        http_header_add(&x->response, "Access-Control-Allow-Methods", slice_of(allow));
        http_header_add(&x->response, "Access-Control-Allow-Headers", SLICE(REQUEST_HEADERS));
        http_header_add(&x->response, "Access-Control-Max-Age", SLICE(PREFLIGHT_SECONDS));
    }
    return 204;
}
