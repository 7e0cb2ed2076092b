/* SPDX-License-Identifier: MIT */
/* What a JSON text may be: RFC 8259 and nothing beyond it, whatever the version of the library that
 * then builds the values. One pass, without an allocation, over the text before the library has it.
 */
#pragma once

#include "base/error.h"
#include "base/slice.h"

enum {
    JSON_TEXT_DEPTH_MAX = 8,    /* objects and arrays one within the other */
    JSON_TEXT_MEMBERS_MAX = 64, /* members of one object */
};

/* How much a text may hold, so that what is built of it has a bound. */
struct json_text_limits {
    size_t values; /* in all: each object, array, string, number and literal is one */
    size_t items;  /* of one array */
};

enum json_text_result {
    JSON_TEXT_SOUND,
    JSON_TEXT_BROKEN,     /* no JSON, or more in it than the limits allow */
    JSON_TEXT_LONG_ARRAY, /* what the outermost object holds directly has more than limits->items */
};

/* Whether *text is one JSON value, alone. A byte order mark before it is passed over (RFC
 * 8259, 8.1) and, like white space around the value, no longer part of *text, which is otherwise
 * unchanged.
 *
 * Refused beside what the grammar excludes (comments, single quotes, trailing commas, NaN, leading
 * zeros, control characters in strings, anything after the value, a NUL too): bytes that are no
 * UTF-8 (RFC 3629), an object with two members of one name however they are escaped, a name with
 * U+0000 in it, and what passes a limit. Names are compared by a hash of 64 bits: two that differ
 * and are refused as one are a matter of design, and of no use to the designer.
 *
 * Sound are, as the grammar has them: numbers of any size and precision, U+0000 and lone surrogates
 * as escapes in strings. What becomes of those is the reader's business; json-c reads integers
 * beyond 64 bits as the nearest that has room, and a lone surrogate as U+FFFD.
 *
 * Unless the text is sound, *why says what is wrong and at which byte; the first one is byte 1. */
enum json_text_result json_text_check(struct slice *text, const struct json_text_limits *limits,
                                      struct error *why);
