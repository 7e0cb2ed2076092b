/* SPDX-License-Identifier: MIT */
/* The edit distance of two words, for "did you mean". */
#pragma once

#include "base/slice.h"

/* Words longer than this are not compared. */
#define DISTANCE_WORD_MAX 64

/* The result of distance_between for a word longer than DISTANCE_WORD_MAX: larger than any
 * distance. */
#define DISTANCE_FAR 1000U

/* The smallest number of insertions, deletions and substitutions of one byte, and transpositions of
 * two adjacent bytes, that turn `a` into `b`; no byte is edited twice (V. I. Levenshtein, Soviet
 * Physics Doklady 10, 1966; F. J. Damerau, CACM 7, 1964). Case is significant. */
unsigned distance_between(struct slice a, struct slice b);
