/* SPDX-License-Identifier: MIT */
/* Writes and reads cursors: the list's number in four bytes, then the position, as base64url. */
#include "web/cursor.h"

#include "base/fnv.h"

enum {
    LIST_BYTES = 4,
    END_OF_TEXT = 0x100, /* in the hash: not a byte */
    CURSOR_BYTES_MAX = LIST_BYTES + LINK_POSITION_MAX,
    CURSOR_TEXT_MAX = (CURSOR_BYTES_MAX * 4 + 2) / 3,
};

static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

uint32_t cursor_list(const struct slice *texts, size_t n)
{
    uint32_t hash = FNV1A_32_BASIS;
    for (size_t i = 0; i < n; i++)
        hash = fnv1a_32_step(fnv1a_32(hash, texts[i]), END_OF_TEXT);
    return hash;
}

static size_t cursor_encode(const unsigned char *bytes, size_t n, char *out)
{
    size_t len = 0;
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < n; i++) {
        bits = bits << 8 | bytes[i];
        for (held += 8; held >= 6; held -= 6)
            out[len++] = DIGITS[bits >> (held - 6) & 63];
    }
    if (held)
        out[len++] = DIGITS[bits << (6 - held) & 63];
    return len;
}

/* Decodes base64url; returns the number of bytes, or 0 when the text is not what encode writes. */
static size_t cursor_decode(struct slice text, unsigned char *out)
{
    size_t n = 0;
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *digit = text.at[i] ? strchr(DIGITS, text.at[i]) : NULL;
        if (!digit)
            return 0;
        bits = bits << 6 | (uint32_t)(digit - DIGITS);
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[n++] = (unsigned char)(bits >> held);
        }
    }
    return held >= 6 || (bits & ((1U << held) - 1)) ? 0 : n;
}

struct slice cursor_write(const struct link_position *position, uint32_t list, struct arena *arena)
{
    struct slice place = link_position_encode(position, arena);
    char *out = arena_alloc(arena, CURSOR_TEXT_MAX);
    if (place.len == 0 || !out)
        return (struct slice){ NULL, 0 };
    unsigned char bytes[CURSOR_BYTES_MAX];
    for (unsigned i = 0; i < LIST_BYTES; i++)
        bytes[i] = (unsigned char)(list >> 8 * i);
    memcpy(bytes + LIST_BYTES, place.at, place.len);
    return (struct slice){ out, cursor_encode(bytes, LIST_BYTES + place.len, out) };
}

bool cursor_read(struct slice text, uint32_t list, struct arena *arena, struct link_position *out)
{
    unsigned char *bytes = arena_alloc(arena, CURSOR_BYTES_MAX);
    size_t n = bytes && text.len <= CURSOR_TEXT_MAX ? cursor_decode(text, bytes) : 0;
    if (n <= LIST_BYTES)
        return false;
    for (unsigned i = 0; i < LIST_BYTES; i++) {
        if (bytes[i] != (unsigned char)(list >> 8 * i))
            return false;
    }
    struct slice place = { (const char *)bytes + LIST_BYTES, n - LIST_BYTES };
    return link_position_decode(place, out);
}
