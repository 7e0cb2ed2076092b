/* SPDX-License-Identifier: MIT */
/* A growing text buffer in an arena, with a maximum size and a sticky error: the caller appends
 * without checking and checks `failed` once at the end. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

/* `at` is always NUL-terminated (the NUL is not in `len`), unless nothing was ever allocated.
 * `failed` is set when an append exceeds `max` or the arena is full; later appends do nothing. */
struct buf {
    char *at;
    size_t len;
    size_t cap;
    size_t max;
    bool failed;
    struct arena *arena;
};

/* An empty buffer of at most `max` bytes (the NUL not counted) whose bytes live in `arena`. */
struct buf buf_in(struct arena *arena, size_t max);

void buf_add(struct buf *b, struct slice s);
void buf_add_text(struct buf *b, const char *text);
void buf_add_byte(struct buf *b, char byte);
void buf_add_uint(struct buf *b, uint64_t value);
void buf_add_int(struct buf *b, int64_t value);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* What has been appended so far; borrowed from the buffer's arena. Empty when `failed`. */
struct slice buf_slice(const struct buf *b);
