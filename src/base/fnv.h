/* SPDX-License-Identifier: MIT */
/* FNV-1a, 64 bits (draft-eastlake-fnv): a fast hash for hash tables, not for secrets. */
#pragma once

#include <stdint.h>

#include "base/slice.h"

/* The initial value of a hash. */
#define FNV1A_BASIS UINT64_C(0xcbf29ce484222325)

/* The hash `hash`, or FNV1A_BASIS, extended by the bytes of `s`. */
static inline uint64_t fnv1a(uint64_t hash, struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)s.at[i]) * UINT64_C(0x100000001b3);
    return hash;
}
