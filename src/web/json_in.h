/* SPDX-License-Identifier: MIT */
/* Request bodies in JSON. */
#pragma once

#include "service/bulk.h"
#include "service/keys.h"
#include "web/exchange.h"

/* Reads the body of a create into `out`, its strings in x->arena. 0, or what refuse() returned: for
 * a body that is not one JSON object, for an unknown member (the nearest known name is told), for a
 * wrong type, for a member given twice, under one of its names or two. */
int json_read_wishes(struct exchange *x, struct wishes *out);

/* The same for a change, in which no member has to be there and null takes away: out->given says
 * what the body names. */
int json_read_changes(struct exchange *x, struct wishes *out);

/* What is wrong with one item of a bulk create; PROBLEM_NONE where nothing is. */
struct item_problem {
    enum problem_id problem;
    const char *field;
    struct slice detail;
};

/* The links of a bulk create. items[i].refused where problems[i] says why. */
struct bulk {
    struct bulk_item *items;
    struct item_problem *problems;
    size_t n;
};

/* Reads {"links": […]} of 1 to DB_BULK_MAX items; each item's problems are its own. */
int json_read_bulk(struct exchange *x, struct bulk *out);

/* Reads {"user", "role", "name", "scope", "expires_at"} of a key to be made. */
int json_read_key(struct exchange *x, struct key_wishes *out);
