/* SPDX-License-Identifier: MIT */
/* Makes a visit from a request's headers and records it. */
#include "web/click_log.h"

#include "click/agent.h"
#include "click/hints.h"
#include "service/click_log.h"

/* The headers that matter, collected in one pass. */
struct hints {
    struct slice user_agent;
    struct slice referer;
    bool is_prefetch;
    bool is_private;
};

static void read_hint(struct slice variable, struct hints *hints)
{
    size_t end = slice_find(variable, '=');
    struct slice name = { variable.at, end };
    struct slice value = slice_from(variable, end + 1);
    if (slice_eq(name, SLICE("USER_AGENT")))
        hints->user_agent = value;
    else if (slice_eq(name, SLICE("REFERER")))
        hints->referer = value;
    else if (slice_eq(name, SLICE("DNT")) || slice_eq(name, SLICE("SEC_GPC")))
        hints->is_private = hints->is_private || hint_is_private(value);
    else if (slice_eq(name, SLICE("SEC_PURPOSE")) || slice_eq(name, SLICE("PURPOSE")) ||
             slice_eq(name, SLICE("X_MOZ")))
        hints->is_prefetch = hints->is_prefetch || hint_is_prefetch(value);
}

static struct hints read_hints(const struct http_request *request)
{
    struct hints hints = { { NULL, 0 }, { NULL, 0 }, false, false };
    const struct slice prefix = SLICE("HTTP_");
    for (const char *const *at = request->variables; at && *at; at++) {
        if (strncmp(*at, prefix.at, prefix.len) == 0)
            read_hint(slice_of(*at + prefix.len), &hints);
    }
    return hints;
}

bool visitor_is_robot(const struct exchange *x)
{
    struct hints hints = read_hints(x->request);
    struct agent agent;
    agent_classify(hints.user_agent, &agent);
    return hints.is_prefetch || agent.is_bot;
}

void record(struct exchange *x, uint64_t link_id)
{
    struct click_log *click_log = x->services->click_log;
    if (!click_log || !(x->request->method & (HTTP_GET | HTTP_POST)))
        return;
    struct hints hints = read_hints(x->request);
    if (hints.is_prefetch)
        return;
    const struct visit visit = {
        .link_id = link_id,
        .now = x->now,
        .user_agent = hints.user_agent,
        .referer = hints.referer,
        .address = x->client,
        .is_private = hints.is_private,
    };
    click_log_visit(click_log, &visit);
}
