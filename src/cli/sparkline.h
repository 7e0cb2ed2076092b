/* SPDX-License-Identifier: MIT */
/* A series of numbers as a line of little bars. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Appends a bar for each number, in lines of at most `width` bars (0: in one line), each with a
 * line break. The lowest bar is 0 and nothing else, the highest is the highest number. Blocks of
 * Unicode (U+2581 to U+2588), or, without `utf8`, ASCII: _ . : - = + * # */
void sparkline_render(const uint64_t *numbers, size_t n, unsigned width, bool utf8,
                      struct buf *out);

/* Whether the locale that the environment names writes UTF-8. */
bool sparkline_utf8(void);
