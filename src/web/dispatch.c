/* SPDX-License-Identifier: MIT */
/* Dispatch: calls the steps in order until one returns a status, then finish. */
#include "web/dispatch.h"

#include "web/authenticate.h"
#include "web/cors.h"
#include "web/finish.h"
#include "web/limit.h"
#include "web/refusal.h"
#include "web/routes.h"

/* Removes the site's base path from the request's path, whose escapes of unreserved bytes are
 * decoded. */
static int locate(struct exchange *x)
{
    struct slice path = http_path_normalise(x->request->path, x->arena);
    x->path = route_below(path, x->site->base_path);
    return x->path.len ? 0 : refuse(x, PROBLEM_NOT_FOUND, NULL);
}

static int route(struct exchange *x)
{
    unsigned allowed;
    x->route = route_find(x, &allowed);
    if (x->route)
        return 0;
    if (allowed == 0)
        return path_is_api(x->path) ? refuse(x, PROBLEM_NOT_FOUND, NULL)
                                    : refuse_visit(x, OUTCOME_MISSING);
    if (x->request->method != HTTP_OPTIONS)
        return refuse_method(x, allowed);
    const char *allow = allow_methods(x, allowed);
    return allow ? answer_options(x, allow) : refuse(x, PROBLEM_INTERNAL, NULL);
}

void dispatch(struct exchange *x)
{
    if (http_client(x->request, &x->site->proxies, &x->client_address))
        x->client = &x->client_address;
    int status = locate(x);
    if (status == 0)
        status = cors(x);
    if (status == 0)
        status = route(x);
    if (status == 0)
        status = authenticate(x);
    if (status == 0)
        status = limit(x);
    if (status == 0)
        status = x->route->handler(x);
    finish(x, status);
}
