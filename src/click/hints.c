/* SPDX-License-Identifier: MIT */
/* Headers that decide how a visit counts. */
#include "click/hints.h"

bool hint_is_prefetch(struct slice value)
{
    const struct slice word = SLICE("prefetch");
    while (value.len) {
        size_t end = 0;
        while (end < value.len && value.at[end] != ',' && value.at[end] != ';')
            end++;
        if (slice_eq_nocase(slice_trim((struct slice){ value.at, end }), word))
            return true;
        value = slice_from(value, end + 1);
    }
    return false;
}

bool hint_is_private(struct slice value)
{
    return slice_eq(slice_trim(value), SLICE("1"));
}
