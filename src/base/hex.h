/* SPDX-License-Identifier: MIT */
/* Hexadecimal digits. */
#pragma once

#include "base/ascii.h"
#include "base/slice.h"

enum {
    HEX_NONE = 16, /* the value of a byte that is not a digit */
};

/* The value of a digit in either case, or HEX_NONE. */
static inline unsigned hex_value(char c)
{
    char lower = (char)(c | 0x20);
    if (ascii_is_digit(c))
        return (unsigned)(c - '0');
    return lower >= 'a' && lower <= 'f' ? (unsigned)(lower - 'a') + 10 : HEX_NONE;
}

/* Decodes "%XX" at the start of `s`; false, and *byte unchanged, if there is none. */
static inline bool hex_unescape(struct slice s, char *byte)
{
    if (s.len < 3 || s.at[0] != '%')
        return false;
    unsigned high = hex_value(s.at[1]), low = hex_value(s.at[2]);
    if (high == HEX_NONE || low == HEX_NONE)
        return false;
    *byte = (char)(high << 4 | low);
    return true;
}

/* Writes the two lower-case digits of each byte, without a NUL; returns the address after them. */
static inline char *hex_put(char *out, const void *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *at = bytes;
    for (size_t i = 0; i < n; i++) {
        *out++ = digits[at[i] >> 4];
        *out++ = digits[at[i] & 15];
    }
    return out;
}
