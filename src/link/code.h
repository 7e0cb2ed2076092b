/* SPDX-License-Identifier: MIT */
/* Codes: the path segments that name links. Generated ones are spelled from ids and can be turned
 * back into them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "link/bijection.h"

/* The longest code of any kind (generated, alias, imported), in bytes. */
#define CODE_MAX 100

/* The length of generated codes: configurable within these, and what it is by default. */
#define CODE_LENGTH_MIN     4
#define CODE_LENGTH_MAX     BIJECTION_DIGITS_MAX
#define CODE_LENGTH_DEFAULT 7

/* How ids become codes: the key's permutations, and how long the first codes are
 * (CODE_LENGTH_MIN..CODE_LENGTH_MAX). Neither may change once codes are out. */
struct code_scheme {
    struct bijection bijection;
    unsigned length;
};

/* Writes the code of `id` and a NUL. Ids below 62^length have `length` digits; the 62^(length+1)
 * ids after them one more, and so on up to CODE_LENGTH_MAX. False, and an empty string, for id 0
 * (the sequence begins at 1) and for an id past the last code of CODE_LENGTH_MAX digits. */
bool code_from_id(const struct code_scheme *scheme, uint64_t id, char out[CODE_MAX + 1]);

/* The id whose generated code is `code`. False, and *id untouched, when no id has it. An alias of
 * the same shape has an id here too: only the database knows which link a code names. */
bool code_to_id(const struct code_scheme *scheme, struct slice code, uint64_t *id);

/* Whether `code` can name a link at all: 1 to CODE_MAX bytes of [A-Za-z0-9_-]. What is not
 * well-formed is answered without asking cache or database. */
bool code_is_wellformed(struct slice code);
