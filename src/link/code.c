/* SPDX-License-Identifier: MIT */
/* Ids to codes and back. */
#include "link/code.h"

#include "base/ascii.h"
#include "base/hex.h"

bool code_from_id(const struct code_scheme *scheme, uint64_t id, char out[CODE_MAX + 1])
{
    out[0] = '\0';
    if (id == 0)
        return false;
    for (unsigned n = scheme->length; n <= CODE_LENGTH_MAX; n++) {
        uint64_t span = base62_span(n);
        if (id < span) {
            base62_encode(bijection_forward(&scheme->bijection, n, id), n, out);
            return true;
        }
        id -= span;
    }
    return false;
}

uint64_t code_next_length(unsigned length, uint64_t id)
{
    uint64_t end = 0;
    for (unsigned n = length; n <= CODE_LENGTH_MAX; n++) {
        end += base62_span(n);
        if (id < end)
            return end;
    }
    return UINT64_MAX;
}

bool code_to_id(const struct code_scheme *scheme, struct slice code, uint64_t *id)
{
    uint64_t value;
    if (code.len < scheme->length || code.len > CODE_LENGTH_MAX || !base62_decode(code, &value))
        return false;
    value = bijection_inverse(&scheme->bijection, (unsigned)code.len, value);
    for (unsigned n = scheme->length; n < code.len; n++)
        value += base62_span(n);
    if (value == 0)
        return false;
    *id = value;
    return true;
}

static bool is_code_byte(char c)
{
    return ascii_is_letter(c) || ascii_is_digit(c) || c == '_' || c == '-';
}

bool code_is_wellformed(struct slice code)
{
    if (code.len == 0 || code.len > CODE_MAX)
        return false;
    for (size_t i = 0; i < code.len; i++) {
        if (!is_code_byte(code.at[i]))
            return false;
    }
    return true;
}

bool code_trim(struct slice *text)
{
    size_t len = 0;
    while (len < text->len && is_code_byte(text->at[len]))
        len++;
    struct slice rest = slice_from(*text, len);
    while (rest.len > 0) {
        char byte;
        bool is_escape = hex_unescape(rest, &byte);
        if (is_code_byte(is_escape ? byte : rest.at[0]))
            return false;
        rest = slice_from(rest, is_escape ? 3 : 1);
    }
    if (len == 0 || len == text->len)
        return false;
    text->len = len;
    return true;
}
