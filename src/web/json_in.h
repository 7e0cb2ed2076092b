/* SPDX-License-Identifier: MIT */
/* Request bodies in JSON. */
#pragma once

#include "web/exchange.h"

/* Reads the body of a create into `out`, its strings in x->arena. 0, or what refuse() returned: for
 * a body that is not one JSON object, for an unknown member (the nearest known name is told), for a
 * wrong type, for a member given under two of its names. */
int json_read_wishes(struct exchange *x, struct wishes *out);

/* The same for a change, in which no member has to be there and null takes away: out->given says
 * what the body names. */
int json_read_changes(struct exchange *x, struct wishes *out);
