/* SPDX-License-Identifier: MIT */
/* Colours and their contrast (WCAG 2.2, "relative luminance" and "contrast ratio"). */
#include <math.h>

#include "base/hex.h"
#include "qr/qr.h"

static bool read_byte(const char *digits, unsigned char *out)
{
    unsigned high = hex_value(digits[0]), low = hex_value(digits[1]);
    *out = (unsigned char)(high << 4 | low);
    return high != HEX_NONE && low != HEX_NONE;
}

bool qr_colour_read(struct slice text, struct qr_colour *out)
{
    if (text.len > 0 && text.at[0] == '#')
        text = slice_from(text, 1);
    return text.len == 6 && read_byte(text.at, &out->red) && read_byte(text.at + 2, &out->green) &&
           read_byte(text.at + 4, &out->blue);
}

/* The linear value of a component of sRGB. */
static double linear(unsigned char component)
{
    double value = component / 255.0;
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static double luminance(struct qr_colour colour)
{
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) +
           0.0722 * linear(colour.blue);
}

bool qr_colours_are_readable(struct qr_colour dark, struct qr_colour light)
{
    return (luminance(light) + 0.05) / (luminance(dark) + 0.05) >= QR_CONTRAST_MIN;
}
