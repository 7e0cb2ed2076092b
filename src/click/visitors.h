/* SPDX-License-Identifier: MIT */
/* An estimate of the number of distinct visitors: a HyperLogLog sketch (Flajolet, Fusy, Gandouet,
 * Meunier 2007), sparse for few visitors, with the historic inverse probability estimator (Cohen
 * 2014; Ting 2014), which updates the count at each insertion. Its error is smaller than that of an
 * estimate from the registers, and the count never decreases; but two sketches cannot be merged. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

enum {
    VISITORS_PRECISION = 14,        /* 2^14 registers: a standard error of 0.65 % */
    VISITORS_BYTES_MAX = 16 * 1024, /* of an encoded sketch */
};

#define VISITORS_COUNT_MAX (UINT64_C(1) << 53) /* the maximum count of a sketch */

struct visitors;

/* An empty sketch in `arena`; NULL when that is full. */
struct visitors *visitors_new(struct arena *arena);

/* Adds a visitor by a hash of 64 pseudorandom bits; a hash that was added before changes nothing.
 * False, and nothing is changed, when the arena is full: a sketch takes up to 80 KiB of it. */
bool visitors_add(struct visitors *visitors, uint64_t hash);

/* The number of distinct visitors: exact up to 3,000, then with a standard error of at most 0.65 %.
 * For 100,000 visitors, 999 of 1,000 sketches are within 2 %. */
uint64_t visitors_count(const struct visitors *visitors);

/* Encodes a sketch, in `arena`, in at most VISITORS_BYTES_MAX bytes; returns an empty slice when
 * the arena is full. Decoding returns false for anything that is not such an encoding, and when the
 * arena is full. */
struct slice visitors_encode(const struct visitors *visitors, struct arena *arena);
bool visitors_decode(struct slice bytes, struct arena *arena, struct visitors **out);
