/* SPDX-License-Identifier: MIT */
/* A keyed permutation of [0, 62^n) for each n of 1 to 10: it turns a sequence of ids into codes
 * that reveal nothing about each other, are unique by construction, and can be decoded. */
#pragma once

#include <stdint.h>

#include "text/base62.h"

#define BIJECTION_KEY_BYTES   32
#define BIJECTION_DIGITS_MAX  BASE62_SPAN_MAX
#define BIJECTION_ROUNDS      8
#define BIJECTION_ROUND_BYTES 16

/* One round key for each n, derived from the key, so that the permutations of different n are
 * unrelated. Immutable after bijection_init. Secret: it must not be logged. */
struct bijection {
    unsigned char round_key[BIJECTION_DIGITS_MAX + 1][BIJECTION_ROUND_BYTES];
};

/* Derives the round keys. The same key gives the same permutations on every machine and in every
 * version, because published codes depend on them (a test checks the values). */
void bijection_init(struct bijection *bijection, const unsigned char key[BIJECTION_KEY_BYTES]);

/* The image of `id` under the permutation of [0, 62^n). `n` is 1 to BIJECTION_DIGITS_MAX and id <
 * 62^n (asserted). */
uint64_t bijection_forward(const struct bijection *bijection, unsigned n, uint64_t id);

/* The id whose image is `image`, under the same conditions. */
uint64_t bijection_inverse(const struct bijection *bijection, unsigned n, uint64_t image);
