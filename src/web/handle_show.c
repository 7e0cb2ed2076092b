/* SPDX-License-Identifier: MIT */
/* Handles the read of a link by its owner. */
#include "web/handlers.h"
#include "web/json_out.h"
#include "web/managing.h"
#include "web/validator.h"

int handle_show(struct exchange *x)
{
    struct link link;
    int status = managing_show(x, &link);
    if (status)
        return status;
    validator_add(x, &link);
    respond_body(x, JSON_TYPE, json_link(x, &link));
    return 200;
}
