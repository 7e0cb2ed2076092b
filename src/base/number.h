/* SPDX-License-Identifier: MIT */
/* Whole numbers in decimal, without sign. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    NUMBER_TEXT_MAX = 20, /* digits of UINT64_MAX */
};

/* How many digits `text` begins with. */
size_t number_digits(struct slice text);

/* Parses a text of one or more digits, leading zeros allowed. False, and *out unchanged, for any
 * other text and for a number above `max`. */
bool number_parse(struct slice text, uint64_t max, uint64_t *out);

/* Writes the digits of `value`, without leading zeros, to the end of `out`; returns them. */
struct slice number_format(uint64_t value, char out[NUMBER_TEXT_MAX]);
