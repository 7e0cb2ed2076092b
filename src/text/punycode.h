/* SPDX-License-Identifier: MIT */
/* Punycode (RFC 3492), the encoding of a label of an internationalised host name, without its
 * "xn--". */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

/* Appends the code for `n` code points to *out; false if a number of it needs more than 32 bits.
 * ASCII is kept as it is. Takes time in proportion to the square of `n`. */
bool punycode_encode(const uint32_t *points, size_t n, struct buf *out);

/* Decodes `code`, in lower case, to *points, which has room for `max`, and sets *n. False if it is
 * not Punycode, has a number past U+10FFFF, or needs more room. */
bool punycode_decode(struct slice code, uint32_t *points, size_t max, size_t *n);
