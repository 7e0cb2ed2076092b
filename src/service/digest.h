/* SPDX-License-Identifier: MIT */
/* Digests: BLAKE2b-256 of a list of texts, each preceded by its length, so that no two lists give
 * the same bytes; and SHA-256 for browsers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum {
    DIGEST_BYTES = 32,
    DIGEST_SOURCE_SIZE = 54, /* "'sha256-", 44 digits of base64, "'" and a NUL */
};

void digest(const struct slice *texts, size_t n, unsigned char out[DIGEST_BYTES]);

/* Whether both are equal, in a time that depends on their lengths alone. */
bool digest_same(struct slice secret, struct slice given);

/* Writes the hash by which a Content-Security-Policy allows an element with this text (CSP 3,
 * 6.7.3.3): 'sha256-...', with the quotes. */
void digest_source(struct slice text, char out[DIGEST_SOURCE_SIZE]);
