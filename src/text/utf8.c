/* SPDX-License-Identifier: MIT */
/* Well-formed UTF-8 (RFC 3629, 4). */
#include "text/utf8.h"

#include <string.h>

/* The length of the character that begins with `lead`, and in *least the smallest code point that
 * needs so many bytes. 0: no character begins with this byte. */
static size_t promised_length(unsigned char lead, uint32_t *least)
{
    *least = 0;
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return *least = 0x80, 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return *least = 0x800, 3;
    if (lead >= 0xF0 && lead <= 0xF4)
        return *least = 0x10000, 4;
    return 0;
}

size_t utf8_first(struct slice s, uint32_t *code_point)
{
    if (s.len == 0)
        return 0;
    unsigned char lead = (unsigned char)s.at[0];
    uint32_t least;
    size_t length = promised_length(lead, &least);
    if (length == 0 || length > s.len)
        return 0;
    uint32_t value = length == 1 ? lead : lead & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if ((c & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (c & 0x3F);
    }
    bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < least || surrogate || value > 0x10FFFF)
        return 0;
    *code_point = value;
    return length;
}

/* The length of the first character if it can be displayed in a line; otherwise 0. */
static size_t shown(struct slice s)
{
    uint32_t code_point = 0;
    size_t length = utf8_first(s, &code_point);
    return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) ? 0 : length;
}

bool utf8_is_line(struct slice s)
{
    while (s.len > 0) {
        size_t length = shown(s);
        if (length == 0)
            return false;
        s = slice_from(s, length);
    }
    return true;
}

void utf8_make_line(char *text)
{
    while (*text) {
        size_t length = shown(slice_of(text));
        if (length == 0)
            *text = '?';
        text += length ? length : 1;
    }
}

size_t utf8_blank_controls(struct slice s, char *out)
{
    size_t written = 0;
    while (s.len > 0) {
        uint32_t code_point;
        size_t length = utf8_first(s, &code_point);
        size_t copied = length ? length : 1;
        if (slice_starts_with(s, SLICE("\r\n")))
            length = 2;
        if (length > 0 && shown(s) == 0) {
            out[written++] = ' ';
            copied = length;
        } else {
            memcpy(out + written, s.at, copied);
            written += copied;
        }
        s = slice_from(s, copied);
    }
    return written;
}

bool utf8_valid(struct slice s)
{
    uint32_t ignored;
    for (size_t at = 0, length; at < s.len; at += length) {
        length = (unsigned char)s.at[at] < 0x80 ? 1 : utf8_first(slice_from(s, at), &ignored);
        if (length == 0)
            return false;
    }
    return true;
}

/* Whether the character is white space, or has no width of its own. A joiner is one too: at the end
 * of a text it joins nothing. */
static bool utf8_is_blank(uint32_t code_point)
{
    static const struct {
        uint32_t first, last;
    } blanks[] = {
        { 0, 0x20 },        { 0x85, 0x85 },     { 0xA0, 0xA0 },     { 0xAD, 0xAD },
        { 0x61C, 0x61C },   { 0x1680, 0x1680 }, { 0x180E, 0x180E }, { 0x2000, 0x200F },
        { 0x2028, 0x202F }, { 0x205F, 0x206F }, { 0x3000, 0x3000 }, { 0xFEFF, 0xFEFF },
    };
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
        if (code_point >= blanks[i].first && code_point <= blanks[i].last)
            return true;
    }
    return false;
}

/* The last character of `s`, as far as it is well-formed. */
static struct slice utf8_last(struct slice s)
{
    size_t at = s.len;
    while (at > 0 && ((unsigned char)s.at[--at] & 0xC0) == 0x80) {
    }
    return slice_from(s, at);
}

struct slice utf8_strip(struct slice s)
{
    uint32_t code_point;
    for (size_t n; (n = utf8_first(s, &code_point)) > 0 && utf8_is_blank(code_point);)
        s = slice_from(s, n);
    for (struct slice last = utf8_last(s);
         utf8_first(last, &code_point) == last.len && last.len > 0 && utf8_is_blank(code_point);
         last = utf8_last(s))
        s.len -= last.len;
    return s;
}
