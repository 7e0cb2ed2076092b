/* SPDX-License-Identifier: MIT */
/* Handles a create. */
#include "web/handlers.h"
#include "web/json_in.h"
#include "web/json_out.h"
#include "web/refusal.h"
#include "web/validator.h"

/* Reads the Idempotency-Key header, by which a retried create is recognised. */
static int read_idempotency_key(struct exchange *x, struct slice *out)
{
    *out = slice_trim(http_variable(x->request, "HTTP_IDEMPOTENCY_KEY"));
    bool is_fine = out->len <= IDEMPOTENCY_KEY_MAX;
    for (size_t i = 0; i < out->len; i++)
        is_fine = is_fine && out->at[i] > ' ' && out->at[i] < 0x7f;
    if (is_fine)
        return 0;
    return refuse_field(x, PROBLEM_INVALID_FIELD, "Idempotency-Key",
                        "This must be 1 to 255 characters of visible ASCII.");
}

int handle_create(struct exchange *x)
{
    enum link_field refused = FIELD_CODE;
    struct create_request request = {
        .body = x->request->body,
        .caller = x->caller,
        .now = x->now,
        .arena = x->arena,
        .refused = &refused,
    };
    int status = json_read_create(x, &request.fields);
    if (status == 0)
        status = read_idempotency_key(x, &request.idempotency_key);
    if (status)
        return status;
    struct link link;
    enum create_outcome outcome = create_link(&x->services->shortener, &request, &link, &x->err);
    status = status_of_link(outcome);
    if (status == 0)
        return refuse_create(x, outcome, refused);
    http_header_add(&x->response, "Location", short_url(x, link.code));
    validator_add(x, &link);
    respond_body(x, JSON_TYPE, json_link(x, &link));
    return status;
}
