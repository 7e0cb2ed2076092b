/* SPDX-License-Identifier: MIT */
/* Dispatch: calls the steps in order until one returns a status, then finish. */
#include "web/dispatch.h"

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
    if (!slice_starts_with(path, x->site->base_path))
        return refuse(x, PROBLEM_NOT_FOUND, NULL);
    x->path = slice_from(path, x->site->base_path.len);
    if (x->path.len == 0)
        x->path = SLICE("/");
    return x->path.at[0] == '/' ? 0 : refuse(x, PROBLEM_NOT_FOUND, NULL);
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

/* The API key of the request: "Authorization: Bearer KEY" or "X-Api-Key: KEY". */
static struct slice credential(const struct http_request *request)
{
    struct slice token = bearer_token(request);
    return token.len ? token : slice_trim(http_variable(request, "HTTP_X_API_KEY"));
}

/* Checks that the scope of the caller's key allows the route. */
static int authorise(struct exchange *x)
{
    if (auth_scope_allows(x->caller.scope, x->route->scope))
        return 0;
    struct error detail;
    error_set(&detail, "The API key has the scope %s: this call needs %s.",
              auth_scope_name(x->caller.scope), auth_scope_name(x->route->scope));
    return refuse(x, PROBLEM_FORBIDDEN, detail.text);
}

/* Checks the key. The database is asked about a key that is not cached in this worker if the limits
 * allow it. */
static enum auth_outcome check_key(struct exchange *x, struct slice key)
{
    struct auth_question question = { key, x->now, false };
    enum auth_outcome outcome = auth_check(&x->services->auth, &question, &x->caller, &x->err);
    if (outcome != AUTH_NOT_ASKED || !limit_allows_keys(x))
        return outcome;
    question.may_ask = true;
    return auth_check(&x->services->auth, &question, &x->caller, &x->err);
}

static int authenticate(struct exchange *x)
{
    if (x->route->auth == AUTH_NOT_NEEDED)
        return 0;
    struct slice key = credential(x->request);
    if (key.len == 0) {
        bool open = x->route->auth == AUTH_NEEDED_UNLESS_ANONYMOUS_CREATE;
        return open && x->site->anonymous_create ? 0 : refuse(x, PROBLEM_UNAUTHORIZED, NULL);
    }
    switch (check_key(x, key)) {
    case AUTH_OK:
        return authorise(x);
    case AUTH_EXPIRED:
        return refuse(x, PROBLEM_UNAUTHORIZED, "The API key has expired.");
    case AUTH_REFUSED:
    case AUTH_NOT_ASKED:
        return limit_wrong_key(x, "The API key is not valid.");
    case AUTH_UNAVAILABLE:
        break;
    }
    return refuse(x, PROBLEM_UNAVAILABLE, NULL);
}

void dispatch(struct exchange *x)
{
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
