/* SPDX-License-Identifier: MIT */
/* FNV-1a, folded. */
#include "store/url_hash.h"

#define FNV_OFFSET_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME        UINT64_C(0x100000001b3)

static uint64_t add_byte(uint64_t hash, unsigned char byte)
{
    return (hash ^ byte) * FNV_PRIME;
}

uint32_t url_hash(uint32_t owner_id, struct slice long_url)
{
    uint64_t hash = FNV_OFFSET_BASIS;
    for (unsigned shift = 0; shift < 32; shift += 8)
        hash = add_byte(hash, (unsigned char)(owner_id >> shift));
    for (size_t i = 0; i < long_url.len; i++)
        hash = add_byte(hash, (unsigned char)long_url.at[i]);
    return (uint32_t)(hash ^ hash >> 32);
}
