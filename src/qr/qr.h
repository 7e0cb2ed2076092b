/* SPDX-License-Identifier: MIT */
/* QR codes (ISO/IEC 18004): encodes a text, and draws it as SVG or PNG, with a logo in the middle
 * if wanted. libqrencode and libpng are loaded for each call that needs them and unloaded
 * afterwards, since most workers rarely draw and the libraries take half a mebibyte of each
 * process. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "text/colour.h"

enum {
    QR_SIZE_DEFAULT = 300, /* pixels of a side */
    QR_SIZE_MAX = 1000,
    QR_MARGIN_DEFAULT = 4, /* modules at each side: the quiet zone that the standard demands */
    QR_MARGIN_MAX = 16,
    QR_LOGO_SIDE_MAX = 512,        /* pixels of a logo's longer side */
    QR_LOGO_BYTES_MAX = 64 * 1024, /* bytes of a logo's file */
    QR_LOGO_PERCENT = 30, /* of the code's side that a logo may cover: 9 % of its area, where
                           * level H corrects 30 % of the codewords */
};

/* How much of a code may be damaged: about 7, 15, 25 and 30 % of its codewords. */
enum qr_level {
    QR_LEVEL_L,
    QR_LEVEL_M,
    QR_LEVEL_Q,
    QR_LEVEL_H,
};

/* A code: `width` rows of `width` modules, one byte each, 1 for a dark one. */
struct qr_code {
    unsigned width;
    const unsigned char *modules;
};

/* A picture, as a PNG file and as its pixels: four bytes each, the last one opacity. */
struct qr_logo {
    unsigned width;
    unsigned height;
    const unsigned char *pixels;
    struct slice png;
};

/* How a code is drawn. The margin is one of light modules at each side. */
struct qr_style {
    unsigned size; /* pixels of a side, at least qr_size_least() */
    unsigned margin;
    struct colour dark; /* scanners need colours_are_readable(dark, light) */
    struct colour light;
    const struct qr_logo *logo; /* NULL: none. The code needs QR_LEVEL_H */
};

/* The level of a letter, L, M, Q or H in either case. */
bool qr_level_read(struct slice text, enum qr_level *out);

/* Encodes the bytes of `text` (no NUL), in the smallest version that holds them; `out` is in the
 * arena. False when no version does, libqrencode cannot be loaded, or memory is out. */
bool qr_encode(struct slice text, enum qr_level level, struct arena *arena, struct qr_code *out,
               struct error *err);

/* The smallest size in pixels in which a code with that margin can be drawn. */
unsigned qr_size_least(const struct qr_code *code, unsigned margin);

/* Draws an SVG 1.1 document; an embedded logo is a data: URL. Empty when the arena is full. */
struct slice qr_svg(const struct qr_code *code, const struct qr_style *style, struct arena *arena);

/* Draws a PNG file. Modules have a whole number of pixels, so the margin takes what is left of
 * `size`. Empty when libpng cannot be loaded or memory is out. */
struct slice qr_png(const struct qr_code *code, const struct qr_style *style, struct arena *arena,
                    struct error *err);

/* Decodes a logo, a PNG file of at most QR_LOGO_BYTES_MAX bytes and QR_LOGO_SIDE_MAX pixels, into
 * the arena; out->png is `png`. */
bool qr_logo_read(struct slice png, struct arena *arena, struct qr_logo *out, struct error *err);
