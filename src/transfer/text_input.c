/* SPDX-License-Identifier: MIT */
/* Reads a file chunk by chunk, and decodes UTF-16 (RFC 2781). */
#include "transfer/text_input.h"

#include <stdint.h>
#include <string.h>

#include "text/utf8.h"

enum {
    INVALID = 0xFF, /* a byte that no UTF-8 has */
    SURROGATE_HIGH = 0xD800,
    SURROGATE_LOW = 0xDC00,
    SURROGATE_END = 0xE000,
};

/* --- UTF-16 --- */

static uint32_t text_input_unit(const struct text_input *input, const char *at)
{
    unsigned char first = (unsigned char)at[0];
    unsigned char second = (unsigned char)at[1];
    return input->encoding == TEXT_UTF16_LE ? (uint32_t)(second << 8 | first)
                                            : (uint32_t)(first << 8 | second);
}

static void text_input_put(struct text_input *input, uint32_t code_point)
{
    char *out = input->bytes + input->len;
    if (code_point < 0x80) {
        *out = (char)code_point;
        input->len++;
        return;
    }
    size_t n = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    static const unsigned char LEADS[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    for (size_t i = n - 1; i > 0; i--, code_point >>= 6)
        out[i] = (char)(0x80 | (code_point & 0x3F));
    out[0] = (char)(LEADS[n] | code_point);
    input->len += n;
}

/* Decodes the character at the start of `raw` and returns its length in bytes; 0: it is not whole.
 */
static size_t text_input_decode_one(struct text_input *input, struct slice raw)
{
    if (raw.len < 2)
        return 0;
    uint32_t unit = text_input_unit(input, raw.at);
    if (unit < SURROGATE_HIGH || unit >= SURROGATE_END) {
        text_input_put(input, unit);
        return 2;
    }
    if (unit < SURROGATE_LOW && raw.len < 4)
        return 0;
    uint32_t low = unit < SURROGATE_LOW ? text_input_unit(input, raw.at + 2) : 0;
    if (low < SURROGATE_LOW || low >= SURROGATE_END) {
        input->bytes[input->len++] = (char)INVALID;
        return 2;
    }
    text_input_put(input, 0x10000 + ((unit - SURROGATE_HIGH) << 10) + (low - SURROGATE_LOW));
    return 4;
}

static void text_input_decode(struct text_input *input, struct slice raw, bool is_last)
{
    for (size_t n; raw.len > 0 && (n = text_input_decode_one(input, raw)) > 0;)
        raw = slice_from(raw, n);
    if (is_last && raw.len > 0) {
        input->bytes[input->len++] = (char)INVALID;
        input->n_cut = raw.len;
        raw.len = 0;
    }
    input->n_held = raw.len;
    if (raw.len > 0)
        memcpy(input->held, raw.at, raw.len);
}

/* --- reading --- */

/* Recognises the encoding by the first bytes of the file; returns the length of the byte order
 * mark. */
static size_t text_input_recognise(struct text_input *input, struct slice raw)
{
    if (slice_starts_with(raw, SLICE(UTF8_BYTE_ORDER_MARK)))
        return sizeof(UTF8_BYTE_ORDER_MARK) - 1;
    bool marked = true;
    if (slice_starts_with(raw, SLICE("\xFF\xFE"))) {
        input->encoding = TEXT_UTF16_LE;
    } else if (slice_starts_with(raw, SLICE("\xFE\xFF"))) {
        input->encoding = TEXT_UTF16_BE;
    } else {
        marked = false;
        if (raw.len >= 4 && raw.at[0] && !raw.at[1] && raw.at[2] && !raw.at[3])
            input->encoding = TEXT_UTF16_LE;
        if (raw.len >= 4 && !raw.at[0] && raw.at[1] && !raw.at[2] && raw.at[3])
            input->encoding = TEXT_UTF16_BE;
    }
    return marked ? 2 : 0;
}

static void text_input_fill(struct text_input *input)
{
    char raw[sizeof(input->held) + TEXT_INPUT_CHUNK];
    size_t n_held = input->n_held;
    bool utf8 = input->begun && input->encoding == TEXT_UTF8;
    char *to = utf8 ? input->bytes : raw;
    memcpy(to, input->held, n_held);
    size_t n = fread(to + n_held, 1, TEXT_INPUT_CHUNK, input->file);
    bool is_last = n < TEXT_INPUT_CHUNK;
    input->n_read += n;
    struct slice got = { to, n_held + n };
    input->at = input->len = 0;
    if (!input->begun) {
        input->begun = true;
        got = slice_from(got, text_input_recognise(input, got));
    }
    if (input->encoding != TEXT_UTF8) {
        text_input_decode(input, got, is_last);
        return;
    }
    if (!utf8 && got.len > 0)
        memcpy(input->bytes, got.at, got.len);
    input->len = got.len;
}

struct slice text_input_window(struct text_input *input)
{
    while (input->at == input->len && !feof(input->file) && !ferror(input->file))
        text_input_fill(input);
    input->ended |= input->at == input->len;
    return (struct slice){ input->bytes + input->at, input->len - input->at };
}

/* --- the position --- */

/* The bytes that these characters have in the file. */
static size_t text_input_size(const struct text_input *input, struct slice text)
{
    if (input->encoding == TEXT_UTF8)
        return text.len;
    size_t size = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        bool continues = (byte & 0xC0) == 0x80;
        bool is_pair = byte >= 0xF0 && byte != INVALID;
        size += continues ? 0 : is_pair ? 4 : 2;
    }
    return text.len > 0 && input->n_cut ? size - 2 + input->n_cut : size;
}

uint64_t text_input_offset(const struct text_input *input)
{
    const struct slice rest = { input->bytes + input->at, input->len - input->at };
    return input->n_read - input->n_held - text_input_size(input, rest);
}
