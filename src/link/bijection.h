/* SPDX-License-Identifier: MIT */
/* A keyed permutation of [0, 62^n) for each n of 1 to 10: it turns a sequence of ids into codes
 * that tell nothing about one another, yet are unique by construction and can be turned back. */
#pragma once

#include <stdint.h>

#include "text/base62.h"

#define BIJECTION_KEY_BYTES   32
#define BIJECTION_DIGITS_MAX  BASE62_SPAN_MAX
#define BIJECTION_ROUNDS      8
#define BIJECTION_ROUND_BYTES 16

/* One round key for each n, derived from the key: so the permutations of different n have nothing
 * to do with each other. Immutable after bijection_init; holds secrets, so it must not be logged.
 */
struct bijection {
    unsigned char round_key[BIJECTION_DIGITS_MAX + 1][BIJECTION_ROUND_BYTES];
};

/* Derives the round keys. The same key gives the same permutations on every machine and in every
 * version to come: codes that are out in the world depend on it (a test holds the values). */
void bijection_init(struct bijection *bijection, const unsigned char key[BIJECTION_KEY_BYTES]);

/* Where the permutation over [0, 62^n) takes `id`. `n` is 1 to BIJECTION_DIGITS_MAX and id < 62^n
 * (asserted). */
uint64_t bijection_forward(const struct bijection *bijection, unsigned n, uint64_t id);

/* The id that bijection_forward takes to `image`, under the same conditions. */
uint64_t bijection_inverse(const struct bijection *bijection, unsigned n, uint64_t image);
