/* SPDX-License-Identifier: MIT */
/* Bodies of HTML forms (application/x-www-form-urlencoded), for bookmarklets and small tools: read
 * as the JSON object with the same members. */
#pragma once

#include <stdbool.h>

#include "web/exchange.h"

enum {
    FORM_PAIRS_MAX = 64, /* of a body; further ones are refused */
};

struct json_object;

/* Whether the request's Content-Type is that of a form. Not for a page of a foreign origin without
 * an API key: browsers send forms to other sites without asking, and where anybody may create links
 * (api.anonymous_create) such a page would create them from the addresses of its visitors. */
bool json_form_is_sent(const struct exchange *x);

/* Parses the body as an object, which the caller must free: fields of a link get the type that they
 * have in JSON ("true", "1", "yes", "on" and their opposites; whole numbers; lists separated by
 * commas), other members are texts. Empty values are null. NULL, with what refuse() returned in
 * *status, for a body that is too large, encoded, or no form. */
struct json_object *json_form_parse(struct exchange *x, int *status);
