/* SPDX-License-Identifier: MIT */
/* The names of members: what a tree of json-c's does not tell of the text it was read from. */
#pragma once

#include "base/error.h"
#include "base/slice.h"

struct json_object;

/* Whether every object of `text` names each of its members once (RFC 8259 leaves to the reader what
 * another meaning is), and no name has a NUL, where json-c's names end. `value` is what json-c's
 * strict reading has made of the text. If not, *why says what is wrong. */
bool json_names_are_sound(struct slice text, struct json_object *value, struct error *why);
