/* SPDX-License-Identifier: MIT */
/* Handles a redirect. */
#include <inttypes.h>
#include <stdio.h>

#include "link/forward.h"
#include "web/click_log.h"
#include "web/handlers.h"
#include "web/limit.h"

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

int handle_redirect(struct exchange *x)
{
    struct resolve_request request = {
        .code = x->match.captures[0],
        .is_visit = x->request->method == HTTP_GET,
        .now = x->now,
        .now_ms = x->now_us / 1000,
        .jitter = x->random,
        .arena = x->arena,
    };
    struct resolution found;
    enum resolve_outcome outcome = resolve(&x->services->resolver, &request, &found, &x->err);
    x->level = found.level;
    x->cache_failed = found.cache_failed;
    switch (outcome) {
    case RESOLVE_LIVE:
        return send_visitor(x, &found.target);
    case RESOLVE_GONE:
        return refuse(x, PROBLEM_EXPIRED, NULL);
    case RESOLVE_UNKNOWN:
        limit_missed(x);
        return refuse(x, PROBLEM_NOT_FOUND, NULL);
    case RESOLVE_UNAVAILABLE:
        break;
    }
    return refuse(x, PROBLEM_UNAVAILABLE, NULL);
}
