/* SPDX-License-Identifier: MIT */
/* Handles sessions: signing in and out with a browser, and the list of a user's sessions. */
#include "base/number.h"
#include "web/authenticate.h"
#include "web/handlers.h"
#include "web/json_in.h"
#include "web/json_out.h"
#include "web/limit.h"
#include "web/refusal.h"
#include "web/session_cookie.h"

static void respond_session(struct exchange *x, struct slice secret)
{
    char csrf[SECRET_DIGITS + 1];
    sessions_csrf(secret, csrf);
    respond_body(x, JSON_TYPE, json_session(x, csrf));
}

/* Ends the session that the browser had, so that it is not left behind without a browser. */
static void end_replaced(struct exchange *x)
{
    struct caller caller;
    struct error unheard;
    const struct session_question question = { session_cookie_read(x), x->now, x->arena };
    const struct sessions *sessions = &x->services->sessions;
    if (question.secret.len && sessions_check(sessions, &question, &caller, &unheard) == AUTH_OK)
        sessions_end(sessions, caller.user_id, caller.session_id, &unheard);
}

/* Starts a session of the key in x->caller, or of the token's. */
static int start_session(struct exchange *x, struct slice token)
{
    char secret[SECRET_DIGITS + 1];
    struct session_request request = { .key_id = x->caller.key_id,
                                       .token = token,
                                       .user_agent = http_variable(x->request, "HTTP_USER_AGENT"),
                                       .now = x->now,
                                       .arena = x->arena };
    if (!x->services->random_bytes ||
        !x->services->random_bytes(request.secret, sizeof(request.secret))) {
        error_set(&x->err, "getrandom: no random bytes");
        return refuse(x, PROBLEM_INTERNAL, NULL);
    }
    switch (sessions_start(&x->services->sessions, &request, &x->caller, secret, &x->err)) {
    case AUTH_OK:
        break;
    case AUTH_UNAVAILABLE:
        return refuse(x, PROBLEM_UNAVAILABLE, NULL);
    default:
        return limit_wrong_key(x, token.len ? "The link was used before, or has expired."
                                            : "The API key is not valid.");
    }
    end_replaced(x);
    session_cookie_set(x, slice_of(secret));
    respond_session(x, slice_of(secret));
    return 201;
}

int handle_sign_in(struct exchange *x)
{
    struct sign_in_fields fields = { .key = { NULL, 0 } };
    int status = refuse_other_site(x);
    if (status == 0)
        status = json_read_sign_in(x, &fields);
    if (status == 0 && fields.key.len)
        status = authenticate_key(x, fields.key);
    else if (status == 0 && !limit_allows_keys(x))
        status = limit_wrong_key(x, NULL);
    return status ? status : start_session(x, fields.token);
}

int handle_session_show(struct exchange *x)
{
    respond_session(x, session_cookie_read(x));
    return 200;
}

/* Ends a session of the caller, or all for an id of 0. */
static int end_sessions(struct exchange *x, uint32_t session_id, const char *message)
{
    bool is_own = session_id == 0 || session_id == x->caller.session_id;
    enum outcome outcome =
        sessions_end(&x->services->sessions, x->caller.user_id, session_id, &x->err);
    if (outcome != OUTCOME_OK)
        return refuse_outcome(x, outcome, NULL);
    if (is_own && x->caller.session_id)
        session_cookie_clear(x);
    respond_body(x, JSON_TYPE, json_message(x, message));
    return 200;
}

int handle_sign_out(struct exchange *x)
{
    return end_sessions(x, x->caller.session_id, "You are signed out.");
}

int handle_sessions_list(struct exchange *x)
{
    const struct session_owner owner = { x->caller.user_id, x->now, x->arena };
    struct session_list list;
    enum outcome outcome = sessions_list(&x->services->sessions, &owner, &list, &x->err);
    if (outcome != OUTCOME_OK)
        return refuse_outcome(x, outcome, NULL);
    respond_body(x, JSON_TYPE, json_session_list(x, &list));
    return 200;
}

int handle_session_end(struct exchange *x)
{
    uint64_t id;
    if (!number_parse(x->match.captures[0], UINT32_MAX, &id) || id == 0)
        return refuse(x, PROBLEM_NOT_FOUND, NULL);
    return end_sessions(x, (uint32_t)id, "The session has ended.");
}

int handle_sessions_end_all(struct exchange *x)
{
    return end_sessions(x, 0, "All sessions have ended.");
}
