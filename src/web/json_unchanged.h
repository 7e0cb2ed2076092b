/* SPDX-License-Identifier: MIT */
/* A link that was read, changed in one member and sent back whole. */
#pragma once

#include "web/exchange.h"

struct json_object;

/* Takes out of the body of a change what nobody can change (code, clicks, state, …), where it says
 * what is so, and expires_at and custom_alias where they are the link's already. A number of clicks
 * and a time of the last change may be what they were: they move by themselves. 0, or what refuse()
 * returned: for a member that says something else, for a link that is not the caller's. */
int json_drop_unchanged(struct exchange *x, struct json_object *body);
