/* SPDX-License-Identifier: MIT */
/* Functions on an exchange that handlers share. */
#include "web/exchange.h"

#include "base/buf.h"
#include "link/code.h"

int refuse_field(struct exchange *x, enum problem_id problem, const char *field, const char *detail)
{
    const char *copy = detail ? arena_copy(x->arena, slice_of(detail)) : NULL;
    x->problem = problem;
    x->field = field;
    x->detail = slice_of(copy);
    return problem_of(problem)->status;
}

int refuse(struct exchange *x, enum problem_id problem, const char *detail)
{
    return refuse_field(x, problem, NULL, detail);
}

void exchange_forget_problem(struct exchange *x)
{
    x->problem = PROBLEM_NONE;
    x->field = NULL;
    x->detail = (struct slice){ NULL, 0 };
}

struct slice bearer_token(const struct http_request *request)
{
    struct slice value = slice_trim(http_variable(request, "HTTP_AUTHORIZATION"));
    if (value.len > 7 && slice_eq_nocase((struct slice){ value.at, 7 }, SLICE("Bearer ")))
        return slice_trim(slice_from(value, 7));
    return (struct slice){ NULL, 0 };
}

void respond_body(struct exchange *x, const char *type, struct slice body)
{
    http_header_add(&x->response, "Content-Type", slice_of(type));
    x->response.body = body;
}

struct slice short_url(const struct exchange *x, struct slice code)
{
    struct buf url = buf_in(x->arena, x->site->base_url.len + 1 + CODE_MAX);
    buf_add(&url, x->site->base_url);
    buf_add_byte(&url, '/');
    buf_add(&url, code);
    return buf_slice(&url);
}
