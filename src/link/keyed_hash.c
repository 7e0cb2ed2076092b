/* SPDX-License-Identifier: MIT */
/* SipHash through libsodium. */
#include "link/keyed_hash.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

static_assert(KEYED_HASH_KEY_BYTES == crypto_shorthash_KEYBYTES, "a key of SipHash");
static_assert(sizeof(uint64_t) == crypto_shorthash_BYTES, "a hash of SipHash");

uint64_t keyed_hash(const unsigned char key[KEYED_HASH_KEY_BYTES], const void *data, size_t len)
{
    unsigned char bytes[crypto_shorthash_BYTES];
    uint64_t hash;
    crypto_shorthash(bytes, data, len, key);
    memcpy(&hash, bytes, sizeof(hash));
    return hash;
}
