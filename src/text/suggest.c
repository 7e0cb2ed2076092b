/* SPDX-License-Identifier: MIT */
/* Choosing the nearest word. */
#include "text/suggest.h"

#include "text/distance.h"

void suggestion_consider(struct suggestion *suggestion, struct slice word, struct slice meant)
{
    unsigned distance = distance_between(suggestion->typed, word);
    size_t longest = word.len > suggestion->typed.len ? word.len : suggestion->typed.len;
    if (distance * 2 >= longest || (suggestion->best.len && distance >= suggestion->distance))
        return;
    suggestion->best = meant;
    suggestion->distance = distance;
}
