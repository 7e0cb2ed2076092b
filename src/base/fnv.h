/* SPDX-License-Identifier: MIT */
/* FNV-1a, 64 bits (draft-eastlake-fnv): a quick hash for tables and places, not for secrets. */
#pragma once

#include <stdint.h>

#include "base/slice.h"

/* What hashing begins with. */
#define FNV1A_BASIS UINT64_C(0xcbf29ce484222325)

/* `hash`, or FNV1A_BASIS, gone on with the bytes of `s`. */
static inline uint64_t fnv1a(uint64_t hash, struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ (unsigned char)s.at[i]) * UINT64_C(0x100000001b3);
    return hash;
}
