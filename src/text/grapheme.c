/* SPDX-License-Identifier: MIT */
/* Cuts texts between grapheme clusters. */
#include "text/grapheme.h"

#include <stdint.h>
#include <unigbrk.h>

#include "text/utf8.h"

/* The beginning of `s` of at most `max` bytes that ends between two code points. */
static size_t cut_code_points(struct slice s, size_t max)
{
    size_t cut = 0;
    uint32_t code_point;
    for (size_t n; (n = utf8_first(slice_from(s, cut), &code_point)) > 0 && cut + n <= max;)
        cut += n;
    return cut;
}

struct slice grapheme_cut(struct slice s, size_t max)
{
    enum { NEXT = 4 }; /* bytes of the code point that decides whether a cluster ends */
    char breaks[GRAPHEME_CUT_MAX + NEXT];
    if (max > GRAPHEME_CUT_MAX)
        max = GRAPHEME_CUT_MAX;
    if (s.len <= max)
        return s;
    size_t read = cut_code_points(s, max + NEXT);
    u8_grapheme_breaks((const uint8_t *)s.at, read, breaks);
    size_t cut = max < read ? max : read;
    while (cut > 0 && (cut == read || !breaks[cut]))
        cut--;
    s.len = cut ? cut : cut_code_points(s, max);
    return s;
}
