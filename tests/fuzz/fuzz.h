/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share: reading their input, and reporting a fault. */
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A fact that holds whatever the input is. Where it does not, the program ends, so that the fuzzer
 * keeps the input and the replay fails. */
#define MUST(fact) ((fact) ? (void)0 : fuzz_fail(#fact, __FILE__, __LINE__))

_Noreturn static inline void fuzz_fail(const char *fact, const char *file, int line)
{
    (void)fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, fact);
    abort();
}

static inline struct slice fuzz_slice(const uint8_t *data, size_t size)
{
    return (struct slice){ (const char *)data, size };
}

/* Takes the first byte off the input; 0 when there is none. */
static inline unsigned fuzz_byte(struct slice *rest)
{
    unsigned byte = rest->len ? (unsigned char)rest->at[0] : 0;
    *rest = slice_from(*rest, 1);
    return byte;
}

/* Takes up to `n` bytes off the input. */
static inline struct slice fuzz_take(struct slice *rest, size_t n)
{
    struct slice taken = { rest->at, n < rest->len ? n : rest->len };
    *rest = slice_from(*rest, taken.len);
    return taken;
}

/* Takes `n` bytes off the input to `out`, zeros where it ends. */
static inline void fuzz_bytes(struct slice *rest, void *out, size_t n)
{
    struct slice taken = fuzz_take(rest, n);
    memset(out, 0, n);
    if (taken.len)
        memcpy(out, taken.at, taken.len);
}

/* Takes a number of eight bytes, in the order of the machine. */
static inline uint64_t fuzz_number(struct slice *rest)
{
    uint64_t number;
    fuzz_bytes(rest, &number, sizeof(number));
    return number;
}

/* Takes what comes before the first `end` off the input, and the `end` with it. */
static inline struct slice fuzz_until(struct slice *rest, char end)
{
    struct slice line = { rest->at, slice_find(*rest, end) };
    *rest = slice_from(*rest, line.len + 1);
    return line;
}

/* Whether `part` lies within `whole`; an empty one lies everywhere. */
static inline int fuzz_within(struct slice part, struct slice whole)
{
    uintptr_t from = (uintptr_t)part.at, start = (uintptr_t)whole.at;
    return part.len == 0 || (from >= start && from + part.len <= start + whole.len);
}
