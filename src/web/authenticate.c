/* SPDX-License-Identifier: MIT */
/* Checks API keys and sessions. */
#include "web/authenticate.h"

#include "service/digest.h"
#include "web/limit.h"
#include "web/routes.h"
#include "web/session_cookie.h"

/* The API key of the request: "Authorization: Bearer KEY" or "X-Api-Key: KEY". */
static struct slice credential(const struct http_request *request)
{
    struct slice token = bearer_token(request);
    return token.len ? token : slice_trim(http_variable(request, "HTTP_X_API_KEY"));
}

static enum auth_outcome check_key(struct exchange *x, struct slice key)
{
    struct auth_question question = { key, x->now, false };
    enum auth_outcome outcome = auth_check(&x->services->auth, &question, &x->caller, &x->err);
    if (outcome != AUTH_NOT_ASKED || !limit_allows_keys(x))
        return outcome;
    question.may_ask = true;
    return auth_check(&x->services->auth, &question, &x->caller, &x->err);
}

int authenticate_key(struct exchange *x, struct slice key)
{
    switch (check_key(x, key)) {
    case AUTH_OK:
        return 0;
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

/* --- sessions --- */

static bool is_safe(enum http_method method)
{
    return method & (HTTP_GET | HTTP_HEAD | HTTP_OPTIONS);
}

int refuse_other_site(struct exchange *x)
{
    const struct site *site = x->site;
    struct slice own = { site->base_url.at, site->base_url.len - site->base_path.len };
    struct slice origin = http_variable(x->request, "HTTP_ORIGIN");
    struct slice from = http_variable(x->request, "HTTP_SEC_FETCH_SITE");
    bool is_own_origin = origin.len == 0 || slice_eq_nocase(origin, own);
    bool is_own_page = is_safe(x->request->method) || from.len == 0 ||
                       slice_eq(from, SLICE("same-origin")) || slice_eq(from, SLICE("none"));
    if (is_own_origin && is_own_page)
        return 0;
    struct error detail;
    error_set(&detail, "Only pages of %.*s itself may use a session.", SLICE_ARG(own));
    return refuse(x, PROBLEM_FORBIDDEN, detail.text);
}

/* Checks that the request comes from a page that could read the session's text. */
static int refuse_forged(struct exchange *x, struct slice secret)
{
    char csrf[SECRET_DIGITS + 1];
    int status = refuse_other_site(x);
    if (status || is_safe(x->request->method))
        return status;
    sessions_csrf(secret, csrf);
    if (digest_same(slice_of(csrf), http_variable(x->request, "HTTP_X_CSRF_TOKEN")))
        return 0;
    return refuse(x, PROBLEM_FORBIDDEN,
                  "The header X-Csrf-Token is missing or not this session's.");
}

static int authenticate_session(struct exchange *x, struct slice secret)
{
    static const char ended[] = "The session has ended: sign in again.";
    const struct session_question question = { secret, x->now, x->arena };
    int status = refuse_forged(x, secret);
    if (status)
        return status;
    if (!limit_allows_keys(x))
        return limit_wrong_key(x, ended);
    switch (sessions_check(&x->services->sessions, &question, &x->caller, &x->err)) {
    case AUTH_OK:
        return 0;
    case AUTH_EXPIRED:
        session_cookie_clear(x);
        return refuse(x, PROBLEM_UNAUTHORIZED, ended);
    case AUTH_REFUSED:
    case AUTH_NOT_ASKED:
        session_cookie_clear(x);
        return limit_wrong_key(x, ended);
    case AUTH_UNAVAILABLE:
        break;
    }
    return refuse(x, PROBLEM_UNAVAILABLE, NULL);
}

/* --- the step --- */

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

static int identify(struct exchange *x)
{
    struct slice key = credential(x->request);
    if (key.len && x->route->auth == AUTH_SESSION_NEEDED)
        return refuse(x, PROBLEM_UNAUTHORIZED,
                      "This call is about a session, which a key has not.");
    if (key.len)
        return authenticate_key(x, key);
    struct slice secret = session_cookie_read(x);
    return secret.at ? authenticate_session(x, secret) : refuse(x, PROBLEM_UNAUTHORIZED, NULL);
}

int authenticate(struct exchange *x)
{
    if (x->route->auth == AUTH_NOT_NEEDED)
        return 0;
    bool open = x->route->auth == AUTH_NEEDED_UNLESS_ANONYMOUS_CREATE && x->site->anonymous_create;
    if (open && credential(x->request).len == 0 && !session_cookie_read(x).at)
        return 0;
    int status = identify(x);
    return status ? status : authorise(x);
}
