/* SPDX-License-Identifier: MIT */
/* Handles a redirect. */
#include <inttypes.h>
#include <stdio.h>

#include "link/code.h"
#include "link/forward.h"
#include "web/click_log.h"
#include "web/handlers.h"
#include "web/limit.h"
#include "web/refusal.h"

enum {
    EDGE_MARGIN_S = 2,
};

/* The Cache-Control header: browsers may not keep the redirect; HTTP caches may if the site allows
 * it, but not for links with max_clicks. Caches count whole seconds from when the response reaches
 * them, which may be in the second after `now`: so their lifetime ends two seconds before the
 * link's. */
static struct slice cache_control(struct exchange *x, const struct target *target)
{
    int64_t seconds = x->site->edge_ttl_s;
    if (target->expires_at && target->expires_at - x->now - EDGE_MARGIN_S < seconds)
        seconds = target->expires_at - x->now - EDGE_MARGIN_S;
    char text[64];
    int len = snprintf(text, sizeof(text), "public, max-age=0, s-maxage=%" PRId64, seconds);
    char *copy = NULL;
    if (seconds > 0 && target->max_clicks == 0)
        copy = arena_copy(x->arena, (struct slice){ text, (size_t)len });
    return copy ? (struct slice){ copy, (size_t)len } : SLICE("private, no-cache");
}

static int send_visitor(struct exchange *x, const struct target *target)
{
    struct slice location = target->long_url;
    if (target->flags & LINK_FORWARD_QUERY)
        location = forward_query(location, x->request->query, x->arena);
    http_header_add(&x->response, "Location", location);
    http_header_add(&x->response, "Cache-Control", cache_control(x, target));
    record(x, target->link_id);
    return target->redirect_status;
}

/* Whether the link takes the request's method: only 307 and 308 make clients send another method,
 * and the body, to the destination (RFC 9110, 15.4.8). */
static bool takes_method(const struct exchange *x, const struct target *target)
{
    return x->request->method & (HTTP_GET | HTTP_HEAD) || target->redirect_status == 307 ||
           target->redirect_status == 308;
}

/* Resolves the code, or what precedes bytes that no code has. A request with another method is a
 * visit only of a link that takes it. */
static enum resolve_outcome redirect_resolve(struct exchange *x, struct resolution *found)
{
    const struct resolver *resolver = &x->services->resolver;
    struct resolve_request request = {
        .code = x->match.captures[0],
        .is_visit = x->request->method == HTTP_GET,
        .now = x->now,
        .now_ms = x->now_us / 1000,
        .jitter = x->random,
        .arena = x->arena,
    };
    enum resolve_outcome outcome = resolve(resolver, &request, found, &x->err);
    if (outcome == RESOLVE_UNKNOWN && code_trim(&x->match.captures[0])) {
        request.code = x->match.captures[0];
        outcome = resolve(resolver, &request, found, &x->err);
    }
    bool spends = x->request->method != HTTP_HEAD && found->target.max_clicks;
    if (outcome == RESOLVE_LIVE && spends && !request.is_visit && takes_method(x, &found->target)) {
        request.is_visit = true;
        outcome = resolve(resolver, &request, found, &x->err);
    }
    return outcome;
}

int handle_redirect(struct exchange *x)
{
    struct resolution found;
    enum resolve_outcome outcome = redirect_resolve(x, &found);
    x->level = found.level;
    x->cache_failed = found.cache_failed;
    switch (outcome) {
    case RESOLVE_LIVE:
        if (takes_method(x, &found.target))
            return send_visitor(x, &found.target);
        return refuse_method(x, HTTP_GET | HTTP_HEAD);
    case RESOLVE_GONE:
        return refuse_visit(x, PROBLEM_EXPIRED);
    case RESOLVE_UNKNOWN:
        limit_missed(x);
        if (x->request->method & (HTTP_GET | HTTP_HEAD))
            return refuse_visit(x, PROBLEM_NOT_FOUND);
        return refuse_method(x, HTTP_GET | HTTP_HEAD);
    case RESOLVE_UNAVAILABLE:
        break;
    }
    return refuse(x, PROBLEM_UNAVAILABLE, NULL);
}
