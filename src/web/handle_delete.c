/* SPDX-License-Identifier: MIT */
/* Handles the deletion of a link. */
#include "web/handlers.h"
#include "web/json_out.h"
#include "web/managing.h"
#include "web/refusal.h"
#include "web/validator.h"

int handle_delete(struct exchange *x)
{
    struct manage_request request = managing_request(x);
    request.expected = validator_expected(x->request);
    struct link link;
    enum manage_outcome outcome = manage_delete(&x->services->shortener, &request, &link, &x->err);
    if (outcome != MANAGE_DONE)
        return refuse_managing(x, outcome, NULL);
    respond_body(x, JSON_TYPE, json_message(x, "The link is deleted."));
    return 200;
}
