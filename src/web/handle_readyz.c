/* SPDX-License-Identifier: MIT */
/* Handles /readyz for load balancers: whether this host can serve. Names no server and no address,
 * since any client may ask. */
#include "web/handlers.h"
#include "web/json_out.h"

int handle_readyz(struct exchange *x)
{
    struct readiness readiness;
    readiness_check(&x->services->readiness, x->now_us / 1000, x->arena, &readiness);
    respond_body(x, JSON_TYPE, json_readiness(x, &readiness));
    return readiness.status == READINESS_UNAVAILABLE ? 503 : 200;
}
