/* SPDX-License-Identifier: MIT */
/* A short keyed hash (SipHash-2-4, Aumasson and Bernstein 2012): without the key one can neither
 * construct collisions nor guess the input from a hash. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum {
    KEYED_HASH_KEY_BYTES = 16,
};

uint64_t keyed_hash(const unsigned char key[KEYED_HASH_KEY_BYTES], const void *data, size_t len);
