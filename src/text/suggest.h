/* SPDX-License-Identifier: MIT */
/* "Did you mean": finds the word with the smallest edit distance to the word that was typed. */
#pragma once

#include "base/slice.h"

/* The best match so far. Initialise it as { .typed = … }. */
struct suggestion {
    struct slice typed;
    struct slice best; /* the suggestion; empty: no word is near enough */
    unsigned distance;
};

/* Compares `typed` with `word`, and stores `meant` as the suggestion when `word` is the nearest so
 * far. A word is not near enough when half of it or more would have to change. */
void suggestion_consider(struct suggestion *suggestion, struct slice word, struct slice meant);
