/* SPDX-License-Identifier: MIT */
/* Handles the site's own pages: health, problem types, the API's description, and the home page. */
#include "web/handlers.h"
#include "web/json_out.h"
#include "web/openapi.h"
#include "web/page.h"
#include "web/refusal.h"

int handle_healthz(struct exchange *x)
{
    respond_body(x, JSON_TYPE, json_status(x, "ok"));
    return 200;
}

/* For load balancers: whether this host can serve. Names no server and no address, since any client
 * may ask. */
int handle_readyz(struct exchange *x)
{
    struct readiness readiness;
    readiness_check(&x->services->readiness, x->now_us / 1000, x->arena, &readiness);
    respond_body(x, JSON_TYPE, json_readiness(x, &readiness));
    return readiness.status == READINESS_UNAVAILABLE ? 503 : 200;
}

int handle_problem(struct exchange *x)
{
    for (int id = PROBLEM_NONE + 1; id < PROBLEM_COUNT; id++) {
        const struct problem *problem = problem_of((enum problem_id)id);
        if (!slice_eq(x->match.captures[0], slice_of(problem->code)))
            continue;
        respond_body(x, JSON_TYPE, json_problem_type(x, problem));
        return 200;
    }
    return refuse(x, PROBLEM_NOT_FOUND, NULL);
}

int handle_openapi(struct exchange *x)
{
    respond_body(x, JSON_TYPE, (struct slice){ openapi_text, openapi_length });
    return 200;
}

int handle_home(struct exchange *x)
{
    if (x->site->root_url.len)
        return send_elsewhere(x, x->site->root_url);
    respond_body(x, PAGE_TYPE,
                 page_render(x->arena, "Short links",
                             "This is a Curt URL shortener. Links are created through its API."));
    return 200;
}
