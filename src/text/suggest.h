/* SPDX-License-Identifier: MIT */
/* "Did you mean": the edit distance of two words, and the word with the smallest one to the word
 * that was typed. */
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

/* The best match so far. Initialise it as { .typed = … }. */
struct suggestion {
    struct slice typed;
    struct slice best; /* the suggestion; empty: no word is near enough */
    unsigned distance;
};

/* Compares `typed` with `word`, and stores `meant` as the suggestion when `word` is the nearest so
 * far. A word is not near enough when half of it or more would have to change. */
void suggestion_consider(struct suggestion *suggestion, struct slice word, struct slice meant);
