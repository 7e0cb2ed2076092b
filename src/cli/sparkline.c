/* SPDX-License-Identifier: MIT */
/* Draws bars of eight heights. */
#include "cli/sparkline.h"

#include <langinfo.h>
#include <locale.h>
#include <string.h>

enum {
    HEIGHTS = 8,
};

/* The height, rounded up, so that a number above 0 is above the lowest bar. */
static unsigned height_of(uint64_t number, uint64_t highest)
{
    if (number == 0)
        return 0;
    double exact = (double)number * (HEIGHTS - 1) / (double)highest;
    unsigned height = (unsigned)exact;
    return height < exact ? height + 1 : height;
}

void sparkline_render(const uint64_t *numbers, size_t n, unsigned width, bool utf8, struct buf *out)
{
    static const char blocks[HEIGHTS][4] = { "\u2581", "\u2582", "\u2583", "\u2584",
                                             "\u2585", "\u2586", "\u2587", "\u2588" };
    static const char ascii[HEIGHTS][2] = { "_", ".", ":", "-", "=", "+", "*", "#" };
    uint64_t highest = 0;
    for (size_t i = 0; i < n; i++)
        highest = numbers[i] > highest ? numbers[i] : highest;
    for (size_t i = 0; i < n; i++) {
        unsigned height = height_of(numbers[i], highest);
        buf_add_text(out, utf8 ? blocks[height] : ascii[height]);
        if (i + 1 == n || (width && (i + 1) % width == 0))
            buf_add_byte(out, '\n');
    }
}

bool sparkline_utf8(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (!locale)
        return false;
    bool utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
    freelocale(locale);
    return utf8;
}
