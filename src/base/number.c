/* SPDX-License-Identifier: MIT */
/* Parsing and writing digits. */
#include "base/number.h"

#include "base/ascii.h"

size_t number_digits(struct slice text)
{
    size_t n = 0;
    while (n < text.len && ascii_is_digit(text.at[n]))
        n++;
    return n;
}

bool number_parse(struct slice text, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)(unsigned char)text.at[i] - '0';
        if (digit > 9 || digit > max || value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (text.len > 0)
        *out = value;
    return text.len > 0;
}

struct slice number_format(uint64_t value, char out[NUMBER_TEXT_MAX])
{
    size_t at = NUMBER_TEXT_MAX;
    do
        out[--at] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    return (struct slice){ out + at, NUMBER_TEXT_MAX - at };
}
