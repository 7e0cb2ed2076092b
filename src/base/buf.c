/* SPDX-License-Identifier: MIT */
/* The bounded buffer: its capacity doubles inside the arena up to its maximum. */
#include "base/buf.h"

#include <stdio.h>

#include "base/number.h"

struct buf buf_in(struct arena *arena, size_t max)
{
    return (struct buf){ .max = max, .arena = arena };
}

/* Makes room for `more` bytes and a NUL; returns false and sets `failed` when that exceeds the
 * maximum or the arena is full. */
static bool buf_reserve(struct buf *b, size_t more)
{
    if (b->failed || more > b->max - b->len) {
        b->failed = true;
        return false;
    }
    size_t need = b->len + more + 1;
    if (need <= b->cap)
        return true;
    size_t cap = b->cap ? b->cap : 64;
    while (cap < need)
        cap *= 2;
    if (cap > b->max + 1)
        cap = b->max + 1;
    char *grown = arena_alloc(b->arena, cap);
    if (!grown) {
        b->failed = true;
        return false;
    }
    if (b->len)
        memcpy(grown, b->at, b->len);
    b->at = grown;
    b->cap = cap;
    return true;
}

void buf_add(struct buf *b, struct slice s)
{
    if (!buf_reserve(b, s.len))
        return;
    if (s.len)
        memcpy(b->at + b->len, s.at, s.len);
    b->len += s.len;
    b->at[b->len] = '\0';
}

void buf_add_text(struct buf *b, const char *text)
{
    buf_add(b, slice_of(text));
}

void buf_add_byte(struct buf *b, char byte)
{
    buf_add(b, (struct slice){ &byte, 1 });
}

void buf_add_uint(struct buf *b, uint64_t value)
{
    char digits[NUMBER_TEXT_MAX];
    buf_add(b, number_format(value, digits));
}

void buf_add_int(struct buf *b, int64_t value)
{
    if (value < 0)
        buf_add_byte(b, '-');
    buf_add_uint(b, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void buf_vprintf(struct buf *b, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    if (len < 0)
        b->failed = true;
    else if (buf_reserve(b, (size_t)len)) {
        vsnprintf(b->at + b->len, (size_t)len + 1, format, again);
        b->len += (size_t)len;
    }
    va_end(again);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(b, format, args);
    va_end(args);
}

struct slice buf_slice(const struct buf *b)
{
    return b->failed ? (struct slice){ NULL, 0 } : (struct slice){ b->at, b->len };
}
