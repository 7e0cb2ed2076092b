/* SPDX-License-Identifier: MIT */
/* Accepts the body of a change that is a whole Link as it was read, with some members changed. */
#pragma once

#include "web/exchange.h"

struct json_object;

/* Removes from the body the members that cannot be changed (code, clicks, state, …) where their
 * value is the link's, and then expires_at and custom_alias where the link has them already. A body
 * without a member that cannot be changed is not a whole Link and stays as it is. `clicks` and
 * `updated_at` may have an earlier value, since they change by themselves. 0, or what refuse()
 * returned: for a member with another value, for a link that is not the caller's. */
int json_drop_unchanged(struct exchange *x, struct json_object *body);
