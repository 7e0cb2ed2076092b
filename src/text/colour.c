/* SPDX-License-Identifier: MIT */
/* Reads, compares and mixes colours. */
#include "text/colour.h"

#include <math.h>

#include "base/hex.h"

enum {
    MIX_STEPS = 64,
};

static bool colour_read_byte(const char *digits, unsigned char *out)
{
    unsigned high = hex_value(digits[0]), low = hex_value(digits[1]);
    *out = (unsigned char)(high << 4 | low);
    return high != HEX_NONE && low != HEX_NONE;
}

bool colour_read(struct slice text, struct colour *out)
{
    if (text.len > 0 && text.at[0] == '#')
        text = slice_from(text, 1);
    return text.len == 6 && colour_read_byte(text.at, &out->red) &&
           colour_read_byte(text.at + 2, &out->green) && colour_read_byte(text.at + 4, &out->blue);
}

void colour_write(struct colour colour, char out[COLOUR_TEXT_SIZE])
{
    const unsigned char bytes[] = { colour.red, colour.green, colour.blue };
    out[0] = '#';
    *hex_put(&out[1], bytes, sizeof(bytes)) = '\0';
}

/* The linear value of a component of sRGB. */
static double linear(unsigned char component)
{
    double value = component / 255.0;
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static double luminance(struct colour colour)
{
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) +
           0.0722 * linear(colour.blue);
}

double colour_contrast(struct colour a, struct colour b)
{
    double x = luminance(a), y = luminance(b);
    return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

bool colours_are_readable(struct colour dark, struct colour light)
{
    return luminance(light) >= luminance(dark) &&
           colour_contrast(dark, light) >= COLOUR_CONTRAST_MIN;
}

struct colour colour_text_on(struct colour ground)
{
    const struct colour white = { 255, 255, 255 }, black = { 0, 0, 0 };
    return colour_contrast(white, ground) >= colour_contrast(black, ground) ? white : black;
}

/* `steps` of MIX_STEPS parts of `b` in `a`. */
static unsigned char mix(unsigned char a, unsigned char b, int steps)
{
    return (unsigned char)((a * (MIX_STEPS - steps) + b * steps) / MIX_STEPS);
}

struct colour colour_readable_on(struct colour colour, struct colour ground)
{
    const struct colour end = colour_text_on(ground);
    struct colour mixed = colour;
    for (int steps = 1; colour_contrast(mixed, ground) < COLOUR_CONTRAST_MIN; steps++)
        mixed =
            (struct colour){ mix(colour.red, end.red, steps), mix(colour.green, end.green, steps),
                             mix(colour.blue, end.blue, steps) };
    return mixed;
}
