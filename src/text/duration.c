/* SPDX-License-Identifier: MIT */
/* Durations as they are written in the configuration. */
#include "text/duration.h"

#include "base/number.h"

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
    uint64_t value;
    size_t digits = number_digits(text);
    if (!number_parse((struct slice){ text.at, digits }, INT64_MAX, &value))
        return false;
    struct slice unit = slice_from(text, digits);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!slice_eq(unit, units[i].unit))
            continue;
        int64_t product;
        if (__builtin_mul_overflow(value, units[i].ms, &product))
            return false;
        *ms = product;
        return true;
    }
    return false;
}
