/* SPDX-License-Identifier: MIT */
/* Random secrets as text, in base 62, and their BLAKE2b-256 hashes, which alone are stored. A slow
 * password hash would add nothing for a secret that cannot be guessed. */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

enum {
    SECRET_BYTES = 32,
    SECRET_DIGITS = 44, /* of its text: eleven for each eight bytes */
    SECRET_HASH_BYTES = 32,
};

/* Writes the text of the random bytes, and a NUL: SECRET_DIGITS + 1 bytes. */
void secret_write(const unsigned char bytes[SECRET_BYTES], char *out);

void secret_hash(struct slice text, unsigned char out[SECRET_HASH_BYTES]);

/* Whether the hash is the one of `text`, in a time that depends on the length of the text alone. */
bool secret_fits(struct slice text, const unsigned char hash[SECRET_HASH_BYTES]);

/* Overwrites a secret that is no longer needed, in a way that no compiler leaves out. */
void secret_wipe(void *secret, size_t n);
