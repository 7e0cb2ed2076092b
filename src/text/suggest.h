/* SPDX-License-Identifier: MIT */
/* "Did you mean": the nearest of several words to one that was typed. */
#pragma once

#include "base/slice.h"

/* The best so far. Start it as { .typed = … }. */
struct suggestion {
    struct slice typed;
    struct slice best; /* what to suggest; empty: nothing is near enough */
    unsigned distance;
};

/* Compares `typed` with `word`, and keeps `meant` when that is the nearest so far. A word of which
 * half or more would have to change is none that somebody meant. */
void suggestion_consider(struct suggestion *suggestion, struct slice word, struct slice meant);
