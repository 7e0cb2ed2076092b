/* SPDX-License-Identifier: MIT */
/* A short keyed hash (SipHash-2-4, Aumasson and Bernstein 2012): who does not know the key can
 * neither choose collisions nor tell from a hash what was hashed. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
    KEYED_HASH_KEY_BYTES = 16,
};

uint64_t keyed_hash(const unsigned char key[KEYED_HASH_KEY_BYTES], const void *data, size_t len);
