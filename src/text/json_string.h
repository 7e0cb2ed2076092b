/* SPDX-License-Identifier: MIT */
/* The strings of a JSON text (RFC 8259, 7), checked and hashed without decoding. */
#pragma once

#include "base/slice.h"

/* The length in bytes of the string content at the start of `s`, which begins after the opening
 * quote. *reason is unchanged when there is a closing quote and the content before it is valid:
 * well-formed UTF-8, no control characters, only the nine escapes. Otherwise *reason says what is
 * wrong, and the length is that of the valid part. */
size_t json_string_length(struct slice s, const char **reason);

/* A hash of the decoded characters of a valid string's `content`, independent of how they are
 * escaped. *has_nul is set to whether one of them is U+0000. Lone surrogates count as U+FFFD. */
uint64_t json_string_hash(struct slice content, bool *has_nul);
