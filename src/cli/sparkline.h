/* SPDX-License-Identifier: MIT */
/* Draws a series of numbers as a line of small bars. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Appends a bar for each number, in lines of at most `width` bars (0: one line), each with a line
 * break. The lowest bar means 0, the highest is the maximum. Unicode blocks (U+2581 to U+2588), or,
 * without `utf8`, ASCII: _ . : - = + * # */
void sparkline_render(const uint64_t *numbers, size_t n, unsigned width, bool utf8,
                      struct buf *out);

/* Whether the locale of the environment is UTF-8. */
bool sparkline_utf8(void);
