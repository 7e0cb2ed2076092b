/* SPDX-License-Identifier: MIT */
/* The redirect: what everything else is for. */
#include "link/forward.h"
#include "web/handlers.h"
#include "web/limit.h"

static int send_visitor(struct exchange *x, const struct target *target)
{
    struct slice location = target->long_url;
    if (target->flags & LINK_FORWARD_QUERY)
        location = forward_query(location, x->request->query, x->arena);
    http_header_add(&x->response, "Location", location);
    http_header_add(&x->response, "Cache-Control", SLICE("private, no-cache"));
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
