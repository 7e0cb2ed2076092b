/* SPDX-License-Identifier: MIT */
/* How many different visitors there were, without keeping who: a HyperLogLog sketch (Flajolet,
 * Fusy, Gandouet, Meunier 2007; estimated as in Ertl 2017), sparse while there are few. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

enum {
    VISITORS_PRECISION = 14,        /* 2^14 registers: a standard error of 0.81 % */
    VISITORS_BYTES_MAX = 16 * 1024, /* of an encoded sketch */
};

struct visitors;

/* An empty sketch in `arena`; NULL when that is full. */
struct visitors *visitors_new(struct arena *arena);

/* Counts a visitor by a hash of 64 bits that are all as good as random. False when the arena is
 * full. */
bool visitors_add(struct visitors *visitors, uint64_t hash);

/* How many there are: exact while they are few, afterwards within about 1 %. */
uint64_t visitors_count(const struct visitors *visitors);

/* The bytes, in `arena`, at most VISITORS_BYTES_MAX; and back, false for anything else. */
struct slice visitors_encode(const struct visitors *visitors, struct arena *arena);
bool visitors_decode(struct slice bytes, struct arena *arena, struct visitors **out);
