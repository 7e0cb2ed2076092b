/* SPDX-License-Identifier: MIT */
/* Validates a JSON text by RFC 8259, without extensions, before json-c parses it: so the accepted
 * texts do not depend on the version of json-c. One pass, no allocation. */
#pragma once

#include "base/error.h"
#include "base/slice.h"

enum {
    JSON_TEXT_DEPTH_MAX = 8,    /* nested objects and arrays */
    JSON_TEXT_MEMBERS_MAX = 64, /* members of one object */
};

/* Limits of a text's content, which bound the memory of the parsed values. */
struct json_text_limits {
    size_t values; /* in all: each object, array, string, number and literal is one */
    size_t items;  /* of one array */
};

enum json_text_result {
    JSON_TEXT_SOUND,
    JSON_TEXT_BROKEN,     /* not JSON, or a limit is exceeded */
    JSON_TEXT_LONG_ARRAY, /* an array directly in the outermost value has more than limits->items */
};

/* Checks that *text is exactly one JSON value. A byte order mark (RFC 8259, 8.1) and white space
 * around the value are removed from *text, which is otherwise unchanged.
 *
 * Refused, besides what the grammar excludes (comments, single quotes, trailing commas, NaN,
 * leading zeros, control characters in strings, anything after the value, a NUL too): bytes that
 * are not UTF-8 (RFC 3629), an object with two members of the same decoded name, a name with
 * U+0000, and a text that exceeds a limit. Names are compared by a hash of 64 bits. A text with two
 * different names of the same hash is refused; an attacker can construct one, but gains nothing by
 * it.
 *
 * Accepted, as by the grammar: numbers of any size and precision; U+0000 and lone surrogates as
 * escapes in strings. json-c reads integers beyond 64 bits as the nearest 64-bit integer, and a
 * lone surrogate as U+FFFD.
 *
 * For any other result *why says what is wrong and at which byte, counted from 1. */
enum json_text_result json_text_check(struct slice *text, const struct json_text_limits *limits,
                                      struct error *why);
