/* SPDX-License-Identifier: MIT */
/* The escapes of access logs. */
#include "base/hex.h"
#include "follow/log_format_private.h"

/* `digits` hexadecimal digits at the start of `s`; -1 if there are fewer. */
static int32_t read_hex(struct slice s, size_t digits)
{
    int32_t value = 0;
    if (s.len < digits)
        return -1;
    for (size_t i = 0; i < digits; i++) {
        unsigned digit = hex_value(s.at[i]);
        if (digit == HEX_NONE)
            return -1;
        value = value << 4 | (int32_t)digit;
    }
    return value;
}

/* UTF-8 of at most three bytes, which is no more than the escape had. */
static char *put_utf8(char *out, int32_t point)
{
    if (point < 0x80) {
        *out++ = (char)point;
    } else if (point < 0x800) {
        *out++ = (char)(0xc0 | point >> 6);
        *out++ = (char)(0x80 | (point & 0x3f));
    } else {
        *out++ = (char)(0xe0 | point >> 12);
        *out++ = (char)(0x80 | (point >> 6 & 0x3f));
        *out++ = (char)(0x80 | (point & 0x3f));
    }
    return out;
}

static char escaped_byte(char c)
{
    static const char pairs[] = "n\nr\rt\tb\bf\fv\v";
    for (size_t i = 0; i + 1 < sizeof(pairs); i += 2) {
        if (pairs[i] == c)
            return pairs[i + 1];
    }
    return c;
}

/* Decodes what follows a backslash; returns how many bytes of `s` that was. Surrogates, of which
 * nothing that is counted is made, become three bytes each. */
static size_t log_unescape_one(struct slice s, char **out)
{
    int32_t hex = -1;
    if (s.len == 0)
        return 0;
    if (s.at[0] == 'x' && (hex = read_hex(slice_from(s, 1), 2)) >= 0) {
        *(*out)++ = (char)hex;
        return 3;
    }
    if (s.at[0] == 'u' && (hex = read_hex(slice_from(s, 1), 4)) >= 0) {
        *out = put_utf8(*out, hex);
        return 5;
    }
    *(*out)++ = escaped_byte(s.at[0]);
    return 1;
}

/* Moves the bytes before the next `mark` from the start of *raw to *out. */
static void take_plain(struct slice *raw, char mark, char **out)
{
    size_t plain = slice_find(*raw, mark);
    if (plain)
        memmove(*out, raw->at, plain);
    *out += plain;
    *raw = slice_from(*raw, plain);
}

struct slice log_unescape(struct slice raw, char **scratch)
{
    char *begin = *scratch, *out = begin;
    while (raw.len) {
        take_plain(&raw, '\\', &out);
        raw = slice_from(raw, 1);
        raw = slice_from(raw, log_unescape_one(raw, &out));
    }
    *scratch = out;
    return (struct slice){ begin, (size_t)(out - begin) };
}

/* The bytes may already be in the scratch, before *scratch: decoding makes them no longer. */
struct slice log_unescape_percent(struct slice raw, char **scratch)
{
    char *begin = *scratch, *out = begin;
    while (raw.len) {
        take_plain(&raw, '%', &out);
        if (hex_unescape(raw, out)) {
            out++;
            raw = slice_from(raw, 3);
        } else if (raw.len) {
            *out++ = '%';
            raw = slice_from(raw, 1);
        }
    }
    *scratch = out;
    return (struct slice){ begin, (size_t)(out - begin) };
}
