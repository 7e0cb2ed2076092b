/* SPDX-License-Identifier: MIT */
/* Handles YOURLS's API: finds the caller of a call, and lets yourls/ answer it. */
#include "web/authenticate.h"
#include "web/handlers.h"
#include "web/limit.h"

static int respond(struct exchange *x, const struct yourls_answer *answer)
{
    exchange_forget_problem(x);
    if (answer->status == 503)
        http_header_add(&x->response, "Retry-After", SLICE("2"));
    respond_body(x, answer->type, answer->body);
    return answer->status;
}

static int respond_refused(struct exchange *x, const struct yourls_parameters *parameters,
                           const char *message)
{
    const struct yourls_answer answer = yourls_refuse(parameters, message, x->arena);
    return respond(x, &answer);
}

/* Reads the query, and the body of a form. */
static int read_parameters(struct exchange *x, struct yourls_parameters *out)
{
    const bool is_form =
        x->request->method == HTTP_POST &&
        slice_eq_nocase(http_media_type(x->request), SLICE("application/x-www-form-urlencoded"));
    if (x->request->body_too_large)
        return refuse(x, PROBLEM_PAYLOAD_TOO_LARGE, NULL);
    if (yourls_parameters_add(x->request->query, x->arena, out) &&
        (!is_form || yourls_parameters_add(x->request->body, x->arena, out)))
        return 0;
    return refuse(x, PROBLEM_INTERNAL, NULL);
}

/* Finds the caller. 0: the call may go on. */
static int identify(struct exchange *x, const struct yourls_parameters *parameters)
{
    const struct slice key = yourls_credential(parameters);
    const bool makes = yourls_action_of(parameters) == YOURLS_DO_SHORTEN;
    const int status = key.len ? authenticate_key(x, key) : 401;
    if (status == 401)
        return respond_refused(x, parameters, NULL);
    if (status == 503) {
        const struct yourls_answer failed = yourls_fail(parameters, x->arena);
        return respond(x, &failed);
    }
    if (status)
        return status;
    if (!auth_scope_allows(x->caller.scope, makes ? KEY_SCOPE_CREATE : KEY_SCOPE_READ))
        return respond_refused(x, parameters, "The scope of the API key does not allow this");
    return makes ? limit_links(x, 1) : 0;
}

int handle_yourls(struct exchange *x)
{
    struct yourls_parameters parameters = { .values = { { NULL, 0 } } };
    int status = read_parameters(x, &parameters);
    if (status == 0)
        status = identify(x, &parameters);
    if (status)
        return status;
    const struct yourls_call call = {
        .parameters = &parameters,
        .settings = x->site->yourls,
        .shortener = &x->services->shortener,
        .base_url = x->site->base_url,
        .caller = x->caller,
        .now = x->now,
        .random = x->random,
        .arena = x->arena,
    };
    const struct yourls_answer answer = yourls_do(&call, &x->err);
    return respond(x, &answer);
}
