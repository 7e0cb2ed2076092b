/* SPDX-License-Identifier: MIT */
/* How far two words are apart, for "did you mean". */
#pragma once

#include "base/slice.h"

/* Words longer than this are not compared. */
#define DISTANCE_WORD_MAX 64

/* What distance_between answers for a word longer than DISTANCE_WORD_MAX: farther than any other.
 */
#define DISTANCE_FAR 1000U

/* The distance in bytes: the fewest insertions, deletions and replacements of one byte, and swaps
 * of two neighbours, that make `b` of `a`; nothing is edited twice (V. I. Levenshtein, Soviet
 * Physics Doklady 10, 1966; F. J. Damerau, CACM 7, 1964). Case counts. */
unsigned distance_between(struct slice a, struct slice b);
