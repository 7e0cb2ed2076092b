/* SPDX-License-Identifier: MIT */
/* Well-formed UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing past
 * U+10FFFF. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/* U+FFFD, the replacement character, which replaces bytes that are not UTF-8. */
#define UTF8_REPLACEMENT "\xEF\xBF\xBD"

/* U+FEFF, the byte order mark, which some programs write at the start of a text; it is not part of
 * the text. */
#define UTF8_BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* Whether all of `s` is well-formed. The empty slice is well-formed; NUL is an ordinary
 * character. */
bool utf8_valid(struct slice s);

/* Whether `s` can be displayed as one line of a page or a terminal: well-formed UTF-8 without the
 * control characters U+0000 to U+001F and U+007F to U+009F (C0, DEL and C1 of ECMA-48, which
 * terminals interpret). */
bool utf8_is_line(struct slice s);

/* Replaces in place each byte that is not UTF-8 or belongs to a control character by a question
 * mark. */
void utf8_make_line(char *text);

/* Writes `s` to `out`, which has room for s.len bytes, with a space for each control character, and
 * one for CR LF; returns how many bytes it has written. Bytes that are not UTF-8 are copied. */
size_t utf8_blank_controls(struct slice s, char *out);

/* `s` without what cannot be seen at its ends: the space and the controls U+0000 to U+001F, the
 * other characters of Unicode's White_Space, and those without width, such as U+200B, U+FEFF, the
 * soft hyphen and the marks for the direction of text. */
struct slice utf8_strip(struct slice s);

/* Decodes the first character of `s`: returns its length in bytes (1 to 4) and sets *code_point, or
 * returns 0 when `s` is empty or does not begin with a well-formed character. */
size_t utf8_first(struct slice s, uint32_t *code_point);
