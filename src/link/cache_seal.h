/* SPDX-License-Identifier: MIT */
/* Cache records that prove who wrote them. memcached knows no users: whoever reaches it may write a
 * record, and a record decides where visitors are sent. So a record is followed there by a seal, 8
 * bytes of SipHash-2-4 under a key that is derived from the key of the codes. The seal is of one
 * code: a record that is copied to another code is refused. It cannot tell that a record is an old
 * one of the same code. */
#pragma once

#include "base/arena.h"
#include "link/bijection.h"
#include "link/cache_entry.h"
#include "link/keyed_hash.h"

enum {
    CACHE_SEAL_BYTES = 8, /* little-endian, after the record */
};

/* Holds a secret: it must not be logged. */
struct cache_seal {
    unsigned char key[KEYED_HASH_KEY_BYTES];
};

/* Derives the key of the seals. The same key of the codes gives the same one on every machine. */
void cache_seal_init(struct cache_seal *seal, const unsigned char code_key[BIJECTION_KEY_BYTES]);

/* The bytes of `record` (cache_entry_encode) and the seal for `code`, in `arena`; an empty slice
 * when the arena is full. */
struct slice cache_entry_seal(const struct cache_seal *seal, struct slice code,
                              const struct cache_entry *entry, struct arena *arena);

/* Reads what record_seal wrote for the same code; false for anything else, whatever the bytes are.
 * The long URL is borrowed from `bytes`. */
bool cache_entry_unseal(const struct cache_seal *seal, struct slice code, struct slice bytes,
                        struct cache_entry *out);
