/* SPDX-License-Identifier: MIT */
/* Handles what the site says of itself: health, problem types, the API's description. */
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
