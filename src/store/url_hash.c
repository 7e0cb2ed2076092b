/* SPDX-License-Identifier: MIT */
/* FNV-1a over the bytes of a URL. */
#include "store/url_hash.h"

#define FNV_OFFSET_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME        UINT64_C(0x100000001b3)

uint64_t url_hash(struct slice long_url)
{
    uint64_t hash = FNV_OFFSET_BASIS;
    for (size_t i = 0; i < long_url.len; i++)
        hash = (hash ^ (unsigned char)long_url.at[i]) * FNV_PRIME;
    return hash;
}
