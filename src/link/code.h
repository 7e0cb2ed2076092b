/* SPDX-License-Identifier: MIT */
/* Codes: the path segments that name links. A generated code is computed from the link's id and can
 * be converted back. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "link/bijection.h"

/* The longest code of any kind (generated, alias, imported), in bytes. */
#define CODE_MAX 100

/* The limits of the configured length of generated codes. */
#define CODE_LENGTH_MIN 4
#define CODE_LENGTH_MAX BIJECTION_DIGITS_MAX

/* The conversion of ids to codes: the permutations, and the length of the first codes
 * (CODE_LENGTH_MIN..CODE_LENGTH_MAX). Neither may change once codes are published. */
struct code_scheme {
    struct bijection bijection;
    unsigned length;
};

/* Writes the code of `id` and a NUL. Ids below 62^length have `length` digits; the 62^(length+1)
 * ids after them one more, and so on up to CODE_LENGTH_MAX. False, with an empty string, for id 0
 * (the sequence begins at 1) and for an id beyond the last code of CODE_LENGTH_MAX digits. */
bool code_from_id(const struct code_scheme *scheme, uint64_t id, char out[CODE_MAX + 1]);

/* The first id above `id` whose codes have another length than its code: 62^length for an id below
 * it. UINT64_MAX for an id beyond the last code. `length` is that of the first codes. */
uint64_t code_next_length(unsigned length, uint64_t id);

/* The id whose generated code is `code`. False, and *id unchanged, when no id has it. An alias may
 * also be the generated code of an id: only the database knows which link a code names. */
bool code_to_id(const struct code_scheme *scheme, struct slice code, uint64_t *id);

/* Whether `code` can name a link: 1 to CODE_MAX bytes of [A-Za-z0-9_-]. Other codes are answered
 * without asking the caches or the database. */
bool code_is_wellformed(struct slice code);

/* Removes what follows the code in `text`, as in a link that was copied out of a sentence:
 * "Spring.", "Spring)", "Spring%E2%80%8B". False, and *text unchanged, unless all that follows is
 * bytes that no code can have, percent-encoded or not. */
bool code_trim(struct slice *text);
