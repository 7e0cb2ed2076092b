/* SPDX-License-Identifier: MIT */
/* Reads JSON request bodies. */
#pragma once

#include "service/create_bulk.h"
#include "service/keys.h"
#include "service/users.h"
#include "web/exchange.h"

/* Reads the body of a create into `out`, its strings in x->arena. 0, or what refuse() returned: for
 * a body that is neither one JSON object nor a form (web/json_form.h), for an unknown member (with
 * the nearest known name), for a wrong type, for a field given twice, under one name or two. */
int json_read_create(struct exchange *x, struct link_fields *out);

/* The same for a change, in which every member is optional and null removes a field: out->given has
 * the fields in the body. */
int json_read_changes(struct exchange *x, struct link_fields *out);

/* The problem of one item of a bulk create; PROBLEM_NONE: none. */
struct item_problem {
    enum problem_id problem;
    const char *field;
    struct slice detail;
};

/* The links of a bulk create. Where items[i].refused is set, problems[i] says why. */
struct bulk {
    struct bulk_item *items;
    struct item_problem *problems;
    size_t n;
};

/* Reads {"links": […]} with 1 to DB_BULK_MAX items; each item has its own problem. */
int json_read_bulk(struct exchange *x, struct bulk *out);

/* Reads {"tag"}; absent: an empty one. */
int json_read_tag(struct exchange *x, struct slice *out);

/* What signs a browser in: an API key or a token; the other one is empty. */
struct sign_in_fields {
    struct slice key;
    struct slice token;
};

/* Reads {"key"} or {"token"}. */
int json_read_sign_in(struct exchange *x, struct sign_in_fields *out);

/* Reads {"user", "role", "default_ttl_seconds", "max_ttl_seconds"} of a user to be created; of a
 * change, without "user". Null removes a lifetime. */
int json_read_new_user(struct exchange *x, struct user_fields *out);
int json_read_user_change(struct exchange *x, struct user_fields *out);

/* Reads {"user", "role", "name", "scope", "expires_at"} of a key to be created. */
int json_read_key(struct exchange *x, struct key_fields *out);
