/* SPDX-License-Identifier: MIT */
/* Colours of sRGB and their contrast (WCAG 2.2, "relative luminance" and "contrast ratio"). */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* The least contrast of a text to its ground that WCAG 2.2 accepts (1.4.3). */
#define COLOUR_CONTRAST_MIN 4.5

struct colour {
    unsigned char red;
    unsigned char green;
    unsigned char blue;
};

enum {
    COLOUR_TEXT_SIZE = 8, /* "#rrggbb" and a NUL */
};

/* The colour of six hexadecimal digits, with or without a '#' before them. */
bool colour_read(struct slice text, struct colour *out);

/* Writes "#rrggbb", in lower case. */
void colour_write(struct colour colour, char out[COLOUR_TEXT_SIZE]);

/* The contrast ratio of the two, 1 to 21, whichever is lighter. */
double colour_contrast(struct colour a, struct colour b);

/* Whether `dark` is the darker one and stands out from `light` by COLOUR_CONTRAST_MIN. */
bool colours_are_readable(struct colour dark, struct colour light);

/* Black or white, whichever stands out more from `ground`: always by COLOUR_CONTRAST_MIN. */
struct colour colour_text_on(struct colour ground);

/* `colour` itself if it stands out from `ground` by COLOUR_CONTRAST_MIN; else mixed with as little
 * of colour_text_on(ground), in steps of 1/64, as makes it so. */
struct colour colour_readable_on(struct colour colour, struct colour ground);
