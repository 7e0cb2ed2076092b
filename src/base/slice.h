/* SPDX-License-Identifier: MIT */
/* A borrowed range of bytes: a pointer and a length, not NUL-terminated unless the function that
 * returns it says so. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/compiler.h"

/* `at` may be NULL only when `len` is 0. `len` is at most PTRDIFF_MAX, as for any object. The slice
 * does not own the bytes. */
struct slice {
    const char *at;
    size_t len;
};

/* A slice of a string literal, without its NUL. */
#define SLICE(literal)                  \
    (struct slice)                      \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }

/* For printf: printf("%.*s", SLICE_ARG(s)). */
#define SLICE_ARG(s) (int)(s).len, (s).at

/* The bytes of `text` up to its NUL; an empty slice for NULL. */
static inline struct slice slice_of(const char *text)
{
    return (struct slice){ text, text ? strlen(text) : 0 };
}

static inline bool slice_eq(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || (a.at && b.at && memcmp(a.at, b.at, a.len) == 0));
}

static inline bool slice_starts_with(struct slice s, struct slice prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || (s.at[0] == prefix.at[0] &&
                                                       memcmp(s.at, prefix.at, prefix.len) == 0));
}

/* `s` without its first `n` bytes; empty when it has at most `n`. */
static inline struct slice slice_from(struct slice s, size_t n)
{
    return n >= s.len ? (struct slice){ NULL, 0 } : (struct slice){ s.at + n, s.len - n };
}

/* The index of the first `byte` in `s`, or `s.len` when there is none. */
static inline size_t slice_find(struct slice s, char byte)
{
    ASSUME(s.len <= PTRDIFF_MAX);
    const char *hit = s.len ? memchr(s.at, byte, s.len) : NULL;
    return hit ? (size_t)(hit - s.at) : s.len;
}

/* Whether every byte of `s` is printable ASCII and no space. */
bool slice_is_graph(struct slice s);

/* ASCII case-insensitive comparison, as header names and media types need (RFC 9110, 5.1). */
bool slice_eq_nocase(struct slice a, struct slice b);

/* `s` without leading and trailing spaces and tabs (the OWS of RFC 9110, 5.6.3). */
struct slice slice_trim(struct slice s);

/* `s` without leading and trailing ASCII white space: the space and the characters U+0009 (tab) to
 * U+000D (carriage return). */
struct slice slice_strip(struct slice s);
