/* SPDX-License-Identifier: MIT */
/* Unsigned integers in base 62. */
#include "text/base62.h"

#include "base/ascii.h"

uint64_t base62_span(unsigned n)
{
    if (n > BASE62_SPAN_MAX)
        return 0;
    uint64_t span = 1;
    while (n-- > 0)
        span *= 62;
    return span;
}

void base62_encode(uint64_t value, unsigned width, char *out)
{
    out[width] = '\0';
    while (width > 0) {
        out[--width] = BASE62_DIGITS[value % 62];
        value /= 62;
    }
}

/* The value of a digit, or 62 for a byte that is not a digit. */
static unsigned digit_value(char c)
{
    if (ascii_is_digit(c))
        return (unsigned)(c - '0');
    if (ascii_is_upper(c))
        return (unsigned)(c - 'A') + 10;
    if (ascii_is_lower(c))
        return (unsigned)(c - 'a') + 36;
    return 62;
}

bool base62_decode(struct slice digits, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned digit = digit_value(digits.at[i]);
        if (digit == 62 || value > (UINT64_MAX - digit) / 62)
            return false;
        value = value * 62 + digit;
    }
    if (digits.len == 0)
        return false;
    *out = value;
    return true;
}
