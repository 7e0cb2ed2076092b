/* SPDX-License-Identifier: MIT */
/* Well-formed UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing past
 * U+10FFFF. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* What stands in for bytes that are no UTF-8: U+FFFD, the replacement character. */
#define UTF8_REPLACEMENT "\xEF\xBF\xBD"

/* U+FEFF, which some programs write at the beginning of a text and which is no part of it. */
#define UTF8_BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* Whether all of `s` is well-formed. The empty slice is; NUL is a character like any other. */
bool utf8_valid(struct slice s);

/* Whether `s` can be shown to people in one line of a page or a terminal: well-formed UTF-8 without
 * the control characters U+0000 to U+001F and U+007F to U+009F (C0, DEL and C1 of ECMA-48, which
 * terminals obey). */
bool utf8_is_line(struct slice s);

/* Makes such a line of a text, in place: a question mark for each byte of what is no UTF-8 or is a
 * control character. */
void utf8_make_line(char *text);

/* The first character of `s`: its length in bytes (1 to 4) with the code point in *code_point, or 0
 * when `s` is empty or does not begin with a well-formed character. */
size_t utf8_first(struct slice s, uint32_t *code_point);
