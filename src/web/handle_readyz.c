/* SPDX-License-Identifier: MIT */
/* For load balancers and people: whether to send visitors here. It names no server and no address,
 * since anybody may ask. */
#include "web/handlers.h"
#include "web/json_out.h"

int handle_readyz(struct exchange *x)
{
    struct readiness readiness;
    readiness_check(&x->services->readiness, x->now_us / 1000, x->arena, &readiness);
    respond_body(x, JSON_TYPE, json_readiness(x, &readiness));
    return readiness.status == READINESS_UNAVAILABLE ? 503 : 200;
}
