/* SPDX-License-Identifier: MIT */
/* What the operator puts on every page: pictures, colours, addresses; and the policies that allow
 * exactly that. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"

enum {
    BRAND_PICTURE_MAX = 64 * 1024, /* bytes of the file of a picture */
};

/* Addresses are URLs; all may be empty. Initialise the rest by brand_prepare(). */
struct brand {
    struct slice imprint_url;
    struct slice privacy_url;
    struct slice abuse_url;   /* http, https or mailto */
    struct slice header_logo; /* path of a PNG or SVG file, with a NUL after it */
    struct slice icon;        /* path of a PNG, SVG or ICO file, likewise */
    struct slice accent;      /* six hexadecimal digits, with or without a '#' */

    struct slice style;       /* CSS that sets the colours; empty: those of the pages */
    struct slice theme_light; /* "#rrggbb", for the frame of a browser's window */
    struct slice theme_dark;
    struct slice page_policy;   /* Content-Security-Policy of a small page, */
    struct slice button_policy; /* of one with a form, */
    struct slice shell_policy;  /* and of the document of the pages */
};

/* Makes `style`, the theme colours and the policies, in the arena. The accent is darkened or
 * lightened as far as needed to be readable on light and on dark ground. False when the arena is
 * full, or `accent` is no colour. */
bool brand_prepare(struct brand *brand, struct arena *arena);

/* How the accent is written on light and on dark ground, and what is written on it. */
struct brand_colours {
    struct {
        char accent[8], on_accent[8]; /* "#rrggbb" */
    } light, dark;
};
bool brand_colours_of(struct slice accent, struct brand_colours *out);

/* The media type of a picture by how it begins: PNG, SVG or ICO; NULL for anything else. */
const char *brand_picture_type(struct slice picture);
