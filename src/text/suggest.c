/* SPDX-License-Identifier: MIT */
/* The distance, computed row by row (Wagner and Fischer, JACM 21, 1974), and choosing the nearest
 * word. */
#include "text/suggest.h"

static unsigned min_of(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned distance_between(struct slice a, struct slice b)
{
    if (a.len > DISTANCE_WORD_MAX || b.len > DISTANCE_WORD_MAX)
        return DISTANCE_FAR;
    /* rows[i % 3][j]: the distance of the first i bytes of `a` and the first j of `b` */
    unsigned rows[3][DISTANCE_WORD_MAX + 1];
    for (unsigned j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i - 1) % 3];
        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            unsigned replaced = above[j - 1] + (a.at[i - 1] != b.at[j - 1]);
            row[j] = min_of(replaced, min_of(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1])
                row[j] = min_of(row[j], rows[(i - 2) % 3][j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

void suggestion_consider(struct suggestion *suggestion, struct slice word, struct slice meant)
{
    unsigned distance = distance_between(suggestion->typed, word);
    size_t longest = word.len > suggestion->typed.len ? word.len : suggestion->typed.len;
    if (distance * 2 >= longest || (suggestion->best.len && distance >= suggestion->distance))
        return;
    suggestion->best = meant;
    suggestion->distance = distance;
}
