/* SPDX-License-Identifier: MIT */
/* Shared by the readers of JSON bodies: parses the body as an object, and reads its members by a
 * table. */
#pragma once

#include "text/json_text.h"
#include "web/exchange.h"

enum {
    JSON_ITEMS_MAX = 1000,  /* most items of a list */
    JSON_VALUES_MAX = 4096, /* most values in a body with one object */
    JSON_LINK_VALUES_MAX =
        40, /* most values per link of a bulk create on average; a link has 34 at most */
};

struct json_object;

/* A member: its name, a bit that identifies its field (a body may have one of several members with
 * the same bit), and the function that reads a value other than null into the shape's struct: 0, or
 * what refuse() returned. */
struct json_member {
    const char *name;
    unsigned what;
    int (*read)(struct exchange *x, const char *name, struct json_object *value, void *out);
};

struct json_shape {
    const struct json_member *members;
    size_t n;
};

/* The limits of a body with one object. */
extern const struct json_text_limits json_body_limits;

/* Refuses a body that is too large, of an unknown type, compressed or cut off; 0, or what refuse()
 * returned. */
int refuse_body(struct exchange *x, bool type_is_known);

/* Parses the request's body as one JSON object, which the caller must free. NULL, with what
 * refuse() returned in *status, on failure: PROBLEM_INVALID_FIELD where a list that is a member of
 * the object has more items than the limits allow, PROBLEM_INVALID_JSON for any other text that is
 * invalid (text/json_text.h) or no object. No object is built from an invalid text. */
struct json_object *json_body_parse(struct exchange *x, const struct json_text_limits *limits,
                                    int *status);

/* Reads the members of `object`; *given gets the bits of those present, null or not. 0, or what
 * refuse() returned: for an invalid value, for a field given twice, for an unknown member (with the
 * nearest known name). */
int json_read_members(struct exchange *x, const struct json_shape *shape,
                      struct json_object *object, void *out, unsigned *given);

/* Read a value of one type; 0, or what refuse_field() returned. Text is copied into x->arena. A
 * number out of range is read as the nearest one in range, which every caller must refuse as too
 * large. */
int json_read_text(struct exchange *x, const char *name, struct json_object *value,
                   struct slice *out);
int json_read_whole_number(struct exchange *x, const char *name, struct json_object *value,
                           int64_t *out);
int json_read_role(struct exchange *x, const char *name, struct json_object *value,
                   enum user_role *out);
int json_read_boolean(struct exchange *x, const char *name, struct json_object *value, bool *out);

/* Reads a new link's fields; 0, or what refuse() returned. */
int json_read_new_link(struct exchange *x, struct json_object *object, struct link_fields *out);
