/* SPDX-License-Identifier: MIT */
/* Handles /metrics for clients that may read them. */
#include "service/digest.h"
#include "web/exposition.h"
#include "web/handlers.h"

/* Whether the client's address is in metrics.allow; an untrusted proxy's address never is. */
static bool comes_from_inside(const struct exchange *x)
{
    return !http_is_passed_on(x->request, &x->site->proxies) && x->client &&
           http_proxies_have(&x->site->metrics_allow, x->client);
}

static bool has_token(const struct exchange *x)
{
    struct slice token = bearer_token(x->request);
    return x->site->metrics_token.len && token.len && digest_same(x->site->metrics_token, token);
}

static int admit(struct exchange *x)
{
    if (has_token(x) || comes_from_inside(x))
        return 0;
    if (x->site->metrics_token.len)
        return refuse(x, PROBLEM_UNAUTHORIZED,
                      "Reading the metrics requires the token of metrics.token.");
    return refuse(x, PROBLEM_FORBIDDEN,
                  "Only the addresses of metrics.allow may read the metrics.");
}

int handle_metrics(struct exchange *x)
{
    int refused = admit(x);
    if (refused)
        return refused;
    const struct exposition exposition = {
        .metrics = x->services->metrics,
        .breakers = x->services->readiness.breakers,
        .now = x->now,
        .now_ms = x->now_us / 1000,
    };
    struct slice text = exposition_render(&exposition, x->arena);
    if (!text.len)
        return refuse(x, PROBLEM_INTERNAL, NULL);
    respond_body(x, EXPOSITION_TYPE, text);
    return 200;
}
