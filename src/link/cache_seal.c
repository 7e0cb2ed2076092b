/* SPDX-License-Identifier: MIT */
/* Seals of cache entries. */
#include "link/cache_seal.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/le.h"

static_assert(BIJECTION_KEY_BYTES >= crypto_generichash_KEYBYTES_MIN &&
                  BIJECTION_KEY_BYTES <= crypto_generichash_KEYBYTES_MAX,
              "the code key is a key of BLAKE2b");
static_assert(KEYED_HASH_KEY_BYTES >= crypto_generichash_BYTES_MIN, "a key is a hash of BLAKE2b");

void cache_seal_init(struct cache_seal *seal, const unsigned char code_key[BIJECTION_KEY_BYTES])
{
    static const unsigned char message[] = "curt: seals of cached records";
    int failed = crypto_generichash(seal->key, sizeof(seal->key), message, sizeof(message) - 1,
                                    code_key, BIJECTION_KEY_BYTES);
    assert(failed == 0); /* it fails only for invalid sizes */
    (void)failed;
}

/* The seal of `entry` for `code`. Code and entry are hashed separately, so that bytes cannot move
 * from one to the other. */
static void cache_seal_make(const struct cache_seal *seal, struct slice code, struct slice entry,
                            unsigned char out[CACHE_SEAL_BYTES])
{
    unsigned char hashes[2 * sizeof(uint64_t)];
    unsigned char *second =
        le_put(hashes, keyed_hash(seal->key, code.at, code.len), sizeof(uint64_t));
    le_put(second, keyed_hash(seal->key, entry.at, entry.len), sizeof(uint64_t));
    le_put(out, keyed_hash(seal->key, hashes, sizeof(hashes)), CACHE_SEAL_BYTES);
}

struct slice cache_entry_seal(const struct cache_seal *seal, struct slice code,
                              const struct cache_entry *entry, struct arena *arena)
{
    struct slice bytes = cache_entry_encode(entry, arena);
    char *sealed = bytes.len ? arena_alloc(arena, bytes.len + CACHE_SEAL_BYTES) : NULL;
    if (!sealed)
        return (struct slice){ NULL, 0 };
    memcpy(sealed, bytes.at, bytes.len);
    cache_seal_make(seal, code, bytes, (unsigned char *)sealed + bytes.len);
    return (struct slice){ sealed, bytes.len + CACHE_SEAL_BYTES };
}

bool cache_entry_unseal(const struct cache_seal *seal, struct slice code, struct slice bytes,
                        struct cache_entry *out)
{
    if (bytes.len < CACHE_SEAL_BYTES)
        return false;
    struct slice entry = { bytes.at, bytes.len - CACHE_SEAL_BYTES };
    unsigned char expected[CACHE_SEAL_BYTES];
    cache_seal_make(seal, code, entry, expected);
    return sodium_memcmp(expected, bytes.at + entry.len, CACHE_SEAL_BYTES) == 0 &&
           cache_entry_decode(entry, out);
}
