/* SPDX-License-Identifier: MIT */
/* The strings of a JSON text (RFC 8259, 7), as they are spelt. */
#pragma once

#include "base/slice.h"

/* How many bytes of `s`, which begins after a string's opening quote, come before the closing one.
 * *reason is left alone if there is one and everything before it is sound: well-formed UTF-8,
 * without control characters, with the nine escapes. Else *reason says what is wrong, and the bytes
 * are those before it. */
size_t json_string_length(struct slice s, const char **reason);

/* A hash of the characters that the sound `content` of a string stands for, the same however they
 * are escaped; *has_nul, whether one of them is U+0000. Lone surrogates count as U+FFFD. */
uint64_t json_string_hash(struct slice content, bool *has_nul);
