/* SPDX-License-Identifier: MIT */
/* Reading the strings of a JSON text in place. */
#include "text/json_string.h"

#include <string.h>

#include "base/fnv.h"
#include "base/hex.h"
#include "text/utf8.h"

enum {
    HEX_DIGITS = 4,          /* of \uXXXX */
    REPLACEMENT = 0xFFFD,    /* the value of a lone surrogate */
    HIGH_SURROGATE = 0xD800, /* the first of 1,024, which 1,024 low surrogates follow */
    LOW_SURROGATE = 0xDC00,
    SURROGATES = 0x400,
};

/* The UTF-16 code unit of the four hexadecimal digits at the start of `s`; -1 if there are none. */
static int code_unit(struct slice s)
{
    int unit = 0;
    if (s.len < HEX_DIGITS)
        return -1;
    for (size_t i = 0; i < HEX_DIGITS; i++) {
        unsigned value = hex_value(s.at[i]);
        if (value == HEX_NONE)
            return -1;
        unit = unit << 4 | (int)value;
    }
    return unit;
}

/* The length in bytes of the escape at the start of `s`; 0 if there is none. */
static size_t escape_length(struct slice s)
{
    if (s.len < 2)
        return 0;
    if (s.at[1] == 'u')
        return code_unit(slice_from(s, 2)) < 0 ? 0 : 2 + HEX_DIGITS;
    return s.at[1] && strchr("\"\\/bfnrt", s.at[1]) ? 2 : 0;
}

/* Whether a byte is an ASCII character that needs no escape in a string. */
static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

/* The length in bytes of the character or escape at the start of `s`; 0, with the reason, if there
 * is neither. */
static size_t character_length(struct slice s, const char **reason)
{
    uint32_t ignored;
    size_t n = 0;
    if ((unsigned char)s.at[0] < 0x20) {
        *reason = "a control character in a string";
    } else if (s.at[0] == '\\') {
        n = escape_length(s);
        if (n == 0)
            *reason = "an escape that JSON does not have";
    } else {
        n = utf8_first(s, &ignored);
        if (n == 0)
            *reason = "bytes that are not UTF-8";
    }
    return n;
}

size_t json_string_length(struct slice s, const char **reason)
{
    size_t at = 0;
    while (at < s.len && s.at[at] != '"') {
        if (is_plain(s.at[at])) {
            at++;
            continue;
        }
        size_t n = character_length(slice_from(s, at), reason);
        if (n == 0)
            return at;
        at += n;
    }
    if (at == s.len)
        *reason = "the text ends too early: a string without its closing quote";
    return at;
}

/* Decodes a \uXXXX escape, together with the low surrogate that may follow it. */
static size_t read_numbered(struct slice s, uint32_t *out)
{
    size_t n = 2 + HEX_DIGITS;
    uint32_t unit = (uint32_t)code_unit(slice_from(s, 2));
    struct slice rest = slice_from(s, n);
    *out = unit >= HIGH_SURROGATE && unit < LOW_SURROGATE + SURROGATES ? REPLACEMENT : unit;
    if (unit < HIGH_SURROGATE || unit >= LOW_SURROGATE || !slice_starts_with(rest, SLICE("\\u")))
        return n;
    uint32_t low = (uint32_t)code_unit(slice_from(rest, 2));
    if (low < LOW_SURROGATE || low >= LOW_SURROGATE + SURROGATES)
        return n;
    *out = 0x10000 + (unit - HIGH_SURROGATE) * SURROGATES + (low - LOW_SURROGATE);
    return 2 * n;
}

static size_t read_escape(struct slice s, uint32_t *out)
{
    static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
    if (s.at[1] == 'u')
        return read_numbered(s, out);
    const char *letter = strchr(letters, s.at[1]);
    *out = (unsigned char)(letter ? meant[letter - letters] : s.at[1]);
    return 2;
}

uint64_t json_string_hash(struct slice content, bool *has_nul)
{
    uint64_t hash = FNV1A_BASIS;
    *has_nul = false;
    while (content.len) {
        uint32_t c = 0;
        size_t n = content.at[0] == '\\' ? read_escape(content, &c) : utf8_first(content, &c);
        hash = fnv1a(hash, (struct slice){ (const char *)&c, sizeof(c) });
        *has_nul = *has_nul || c == 0;
        content = slice_from(content, n);
    }
    return hash;
}
