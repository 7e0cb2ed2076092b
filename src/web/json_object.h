/* SPDX-License-Identifier: MIT */
/* Functions that build JSON responses, for the files that include json-c. */
#pragma once

#include "link/link.h"
#include "web/exchange.h"
#include "web/json_in.h"

struct json_object;

/* Adds a new member; takes ownership of `value`, which is NULL for null. `name` is not copied: it
 * is a literal, or a name in a const table. */
void json_add(struct json_object *object, const char *name, struct json_object *value);

struct json_object *json_text(struct slice text);
struct json_object *json_text_or_null(struct slice text);

/* A time in RFC 3339 format; null for 0. */
struct json_object *json_time_or_null(int64_t seconds);

/* The Link object, and the problem details object (RFC 9457). */
struct json_object *json_link_object(const struct exchange *x, const struct link *link);
struct json_object *json_problem_object(const struct exchange *x, const struct item_problem *what);

/* The text of `object`, in the arena, empty when that is full; frees `object`. */
struct slice json_render(struct arena *arena, struct json_object *object);
