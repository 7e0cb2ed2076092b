/* SPDX-License-Identifier: MIT */
/* Digests: BLAKE2b-256 of a few texts, each with its length before it, so that no two lists of
 * texts run into the same bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum {
    DIGEST_BYTES = 32,
};

void digest(const struct slice *texts, size_t n, unsigned char out[DIGEST_BYTES]);

/* Whether both are the same, in a time that depends on their lengths alone. */
bool digest_same(struct slice secret, struct slice given);
