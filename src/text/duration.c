/* SPDX-License-Identifier: MIT */
/* Durations as they are written in the configuration. */
#include "text/duration.h"

static const struct {
    struct slice unit;
    int64_t ms;
} units[] = {
    { { "", 0 }, 1000 },
    { { "ms", 2 }, 1 },
    { { "s", 1 }, 1000 },
    { { "m", 1 }, 60 * 1000 },
    { { "h", 1 }, 3600 * 1000 },
    { { "d", 1 }, 86400 * 1000 },
    { { "w", 1 }, 7 * 86400 * 1000 },
};

bool duration_parse(struct slice text, int64_t *ms)
{
    int64_t value = 0;
    size_t digits = 0;
    for (; digits < text.len && text.at[digits] >= '0' && text.at[digits] <= '9'; digits++) {
        int64_t digit = text.at[digits] - '0';
        if (value > (INT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (digits == 0)
        return false;
    struct slice unit = slice_from(text, digits);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!slice_eq(unit, units[i].unit))
            continue;
        if (value > INT64_MAX / units[i].ms)
            return false;
        *ms = value * units[i].ms;
        return true;
    }
    return false;
}
