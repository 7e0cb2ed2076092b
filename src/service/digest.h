/* SPDX-License-Identifier: MIT */
/* BLAKE2b-256 digests of a list of texts, each preceded by its length, so that no two lists give
 * the same bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum {
    DIGEST_BYTES = 32,
};

void digest(const struct slice *texts, size_t n, unsigned char out[DIGEST_BYTES]);

/* Whether both are equal, in a time that depends on their lengths alone. */
bool digest_same(struct slice secret, struct slice given);
