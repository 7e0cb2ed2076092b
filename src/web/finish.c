/* SPDX-License-Identifier: MIT */
/* Makes the responses to errors and adds the common headers, for all handlers. */
#include "web/finish.h"

#include "web/cors.h"
#include "web/json_out.h"
#include "web/page.h"
#include "web/routes.h"

/* Whether to send an HTML page: in response to GET or HEAD of what is not the API's, if the client
 * prefers HTML. */
static bool wants_page(const struct exchange *x)
{
    return (x->request->method & (HTTP_GET | HTTP_HEAD)) && !path_is_api(x->path) &&
           http_wants_html(x->request);
}

static void add_problem_headers(struct exchange *x)
{
    if (x->problem == PROBLEM_UNAUTHORIZED)
        http_header_add(&x->response, "WWW-Authenticate", SLICE("Bearer realm=\"curt\""));
    if (x->problem == PROBLEM_UNAVAILABLE)
        http_header_add(&x->response, "Retry-After", SLICE("2"));
    /* One header without a space: Apache would join two headers so, and other servers send both. */
    bool varies = http_header_get(&x->response, "Vary").at;
    http_header_set(&x->response, "Vary", varies ? SLICE("Origin,Accept") : SLICE("Accept"));
}

static void add_problem_body(struct exchange *x)
{
    add_problem_headers(x);
    if (wants_page(x))
        page_respond_problem(x);
    else
        respond_body(x, "application/problem+json", json_problem(x));
}

/* Names the header with the link's address as the status requires (RFC 9110, 8.7 and 10.2.2). */
static void name_location(struct exchange *x)
{
    if (!http_may_have_location(x->response.status))
        http_header_rename(&x->response, "Location", "Content-Location");
}

/* What a page that says nothing else may load, and whom its links tell where they were. */
static void add_page_headers(struct exchange *x)
{
    const struct slice policy = x->site->brand.page_policy;
    if (!http_header_get(&x->response, "Content-Security-Policy").at)
        http_header_add(&x->response, "Content-Security-Policy",
                        policy.len ? policy : SLICE(PAGE_POLICY));
    if (!http_header_get(&x->response, "Referrer-Policy").at)
        http_header_add(&x->response, "Referrer-Policy", SLICE("no-referrer"));
}

static void add_common_headers(struct exchange *x)
{
    http_header_add(&x->response, "X-Request-Id", x->request_id);
    if (!http_header_get(&x->response, "Cache-Control").at)
        http_header_add(&x->response, "Cache-Control", SLICE("no-store"));
    if (x->response.body.len)
        http_header_add(&x->response, "X-Content-Type-Options", SLICE("nosniff"));
    /* Else lighttpd would serve ranges of a response that was made for this one request. */
    if (x->response.body.len && x->response.status == 200)
        http_header_add(&x->response, "Accept-Ranges", SLICE("none"));
    if (slice_eq(http_header_get(&x->response, "Content-Type"), SLICE(PAGE_TYPE)))
        add_page_headers(x);
}

void finish(struct exchange *x, int status)
{
    if (x->response.refused_header) {
        x->response = (struct http_response){ 0 };
        error_set(&x->err, "a header value was refused");
        status = refuse(x, PROBLEM_INTERNAL, NULL);
    }
    x->response.status = status;
    if (x->problem != PROBLEM_NONE)
        add_problem_body(x);
    name_location(x);
    add_common_headers(x);
}
