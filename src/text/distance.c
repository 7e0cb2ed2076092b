/* SPDX-License-Identifier: MIT */
/* The Levenshtein distance, a row of the table at a time (Wagner and Fischer, JACM 21, 1974). */
#include "text/distance.h"

static unsigned min_of(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned distance_between(struct slice a, struct slice b)
{
    if (a.len > DISTANCE_WORD_MAX || b.len > DISTANCE_WORD_MAX)
        return DISTANCE_FAR;
    unsigned
        row[DISTANCE_WORD_MAX + 1]; /* row[j]: from the bytes of `a` so far to the first j of b */
    for (unsigned j = 0; j <= b.len; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            unsigned replaced = diagonal + (a.at[i - 1] != b.at[j - 1]);
            diagonal = row[j];
            row[j] = min_of(replaced, min_of(row[j], row[j - 1]) + 1);
        }
    }
    return row[b.len];
}
