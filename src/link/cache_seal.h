/* SPDX-License-Identifier: MIT */
/* Authenticated cache entries. memcached has no users: any client that reaches it can write an
 * entry, and an entry decides where visitors are redirected. So in memcached each entry is followed
 * by a seal, a message authentication code of 8 bytes: SipHash-2-4 under a key that is derived from
 * the code key (db/code_key.h). A seal is valid for one code: an entry copied to another code is
 * refused. It does not detect the replay of an older entry of the same code. */
#pragma once

#include "base/arena.h"
#include "link/bijection.h"
#include "link/cache_entry.h"
#include "link/keyed_hash.h"

enum {
    CACHE_SEAL_BYTES = 8, /* little-endian, after the entry */
};

/* Secret: it must not be logged. */
struct cache_seal {
    unsigned char key[KEYED_HASH_KEY_BYTES];
};

/* Derives the key of the seals. The same code key gives the same one on every machine. */
void cache_seal_init(struct cache_seal *seal, const unsigned char code_key[BIJECTION_KEY_BYTES]);

/* Encodes `entry` (cache_entry_encode) and appends the seal for `code`, in `arena`; returns an
 * empty slice when the arena is full. */
struct slice cache_entry_seal(const struct cache_seal *seal, struct slice code,
                              const struct cache_entry *entry, struct arena *arena);

/* Decodes the result of cache_entry_seal for the same code; false for anything else. Safe with any
 * bytes. The long URL is borrowed from `bytes`. */
bool cache_entry_unseal(const struct cache_seal *seal, struct slice code, struct slice bytes,
                        struct cache_entry *out);
