/* SPDX-License-Identifier: MIT */
/* What all readers of JSON bodies share: the body as an object, and tables of its members. */
#pragma once

#include "text/json_text.h"
#include "web/exchange.h"

enum {
    JSON_ITEMS_MAX = 1000,     /* of a list in a body */
    JSON_VALUES_MAX = 4096,    /* in a body with one thing in it */
    JSON_LINK_VALUES_MAX = 40, /* in a bulk, by link on the average; a link has 34 at most */
};

struct json_object;

/* One member: its name, a bit for what it is (members with the same bit are spellings of the same
 * thing, of which a body may have one), and what reads a value that is not null into the shape's
 * own struct: 0, or what refuse() returned. */
struct json_member {
    const char *name;
    unsigned what;
    int (*read)(struct exchange *x, const char *name, struct json_object *value, void *out);
};

struct json_shape {
    const struct json_member *members;
    size_t n;
};

/* The limits of a body with one thing in it. */
extern const struct json_text_limits json_body_limits;

/* The request's body, one JSON object of json-c's, for the caller to give back; NULL, and *status
 * what refuse() returned, for anything else: PROBLEM_INVALID_FIELD where a list that is a member of
 * the object has more items than the limits allow, PROBLEM_INVALID_JSON for what else is no sound
 * text (text/json_text.h) or no object. Nothing is built of a text that is not sound. */
struct json_object *json_body_parse(struct exchange *x, const struct json_text_limits *limits,
                                    int *status);

/* Reads the members of `object`; *given gets the bits of those that are there, null or not. 0, or
 * what refuse() returned: for a wrong value, for a thing said twice, for an unknown member (the
 * nearest name is told). */
int json_read_members(struct exchange *x, const struct json_shape *shape,
                      struct json_object *object, void *out, unsigned *given);

/* Values of one type; 0, or what refuse_field() returned. Text is copied into x->arena. A number
 * that does not fit reads as the nearest that does, which every caller has to find too large. */
int json_read_text(struct exchange *x, const char *name, struct json_object *value,
                   struct slice *out);
int json_read_whole_number(struct exchange *x, const char *name, struct json_object *value,
                           int64_t *out);
int json_read_boolean(struct exchange *x, const char *name, struct json_object *value, bool *out);

/* Reads a new link's wishes; 0, or what refuse() returned. */
int json_read_new_link(struct exchange *x, struct json_object *object, struct wishes *out);
