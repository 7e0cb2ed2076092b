/* SPDX-License-Identifier: MIT */
/* FNV-1a, of 64 and of 32 bits (draft-eastlake-fnv): a fast hash for hash tables, not for secrets.
 */
#pragma once

#include <stdint.h>

#include "base/slice.h"

/* The initial values of a hash. */
#define FNV1A_BASIS    UINT64_C(0xcbf29ce484222325)
#define FNV1A_32_BASIS UINT32_C(0x811c9dc5)

/* The hash `hash`, or FNV1A_BASIS, extended by one step for a whole number. */
static inline uint64_t fnv1a_step(uint64_t hash, uint64_t number)
{
    return (hash ^ number) * UINT64_C(0x100000001b3);
}

/* The same, extended by the bytes of `s`. */
static inline uint64_t fnv1a(uint64_t hash, struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        hash = fnv1a_step(hash, (unsigned char)s.at[i]);
    return hash;
}

/* The hash of `s`, never 0, for tables in which 0 marks a free slot. */
static inline uint64_t fnv1a_nonzero(struct slice s)
{
    uint64_t hash = fnv1a(FNV1A_BASIS, s);
    return hash ? hash : 1;
}

/* 32 bits, from FNV1A_32_BASIS. */
static inline uint32_t fnv1a_32_step(uint32_t hash, uint32_t number)
{
    return (hash ^ number) * UINT32_C(16777619);
}

static inline uint32_t fnv1a_32(uint32_t hash, struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        hash = fnv1a_32_step(hash, (unsigned char)s.at[i]);
    return hash;
}
