/* SPDX-License-Identifier: MIT */
/* Draws a code as SVG: a rectangle of the light colour, and one path of the dark modules, of which
 * those that are adjacent in a row are one rectangle. */
#include <sodium.h>

#include "base/buf.h"
#include "qr/qr_private.h"

enum {
    SVG_MAX = 512 * 1024, /* bytes; the largest code takes 170,000, the largest logo 87,000 */
};

static void add_colour(struct buf *svg, struct colour colour)
{
    char text[COLOUR_TEXT_SIZE];
    colour_write(colour, text);
    buf_add_text(svg, text);
}

static void add_square(struct buf *svg, unsigned at, unsigned side, struct colour colour)
{
    buf_printf(svg, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" fill=\"", at, at, side,
               side);
    add_colour(svg, colour);
    buf_add_text(svg, "\"/>\n");
}

/* Adds the dark modules of a row from `from` on to the path; returns the index after them. */
static unsigned add_run(struct buf *svg, const struct qr_code *code, unsigned row, unsigned from)
{
    const unsigned char *modules = code->modules + (size_t)row * code->width;
    unsigned end = from;
    while (end < code->width && modules[end])
        end++;
    if (end > from)
        buf_printf(svg, "h%uv1h-%uz", end - from, end - from);
    return end;
}

static void add_path(struct buf *svg, const struct qr_code *code, const struct qr_style *style)
{
    buf_add_text(svg, "<path fill=\"");
    add_colour(svg, style->dark);
    buf_add_text(svg, "\" d=\"");
    for (unsigned row = 0; row < code->width; row++) {
        for (unsigned at = 0; at < code->width; at++) {
            if (!code->modules[(size_t)row * code->width + at])
                continue;
            buf_printf(svg, "M%u %u", at + style->margin, row + style->margin);
            at = add_run(svg, code, row, at);
        }
    }
    buf_add_text(svg, "\"/>\n");
}

static void add_base64(struct buf *svg, struct slice bytes, struct arena *arena)
{
    size_t size = sodium_base64_encoded_len(bytes.len, sodium_base64_VARIANT_ORIGINAL);
    char *text = arena_alloc(arena, size);
    if (text)
        buf_add_text(svg, sodium_bin2base64(text, size, (const unsigned char *)bytes.at, bytes.len,
                                            sodium_base64_VARIANT_ORIGINAL));
    svg->failed |= !text;
}

static void add_logo(struct buf *svg, const struct qr_code *code, const struct qr_style *style,
                     struct arena *arena)
{
    unsigned side = qr_logo_modules(code->width);
    unsigned at = style->margin + (code->width - side) / 2;
    add_square(svg, at, side, style->light);
    /* half a module of the light colour is left around it */
    buf_printf(svg, "<image x=\"%u.5\" y=\"%u.5\" width=\"%u\" height=\"%u\" ", at, at, side - 1,
               side - 1);
    buf_add_text(svg, "href=\"data:image/png;base64,");
    add_base64(svg, style->logo->png, arena);
    buf_add_text(svg, "\"/>\n");
}

struct slice qr_svg(const struct qr_code *code, const struct qr_style *style, struct arena *arena)
{
    struct buf svg = buf_in(arena, SVG_MAX);
    unsigned side = qr_size_least(code, style->margin);
    buf_printf(
        &svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%u\" height=\"%u\" "
        "viewBox=\"0 0 %u %u\" shape-rendering=\"crispEdges\" role=\"img\" "
        "aria-label=\"QR code\">\n",
        style->size, style->size, side, side);
    add_square(&svg, 0, side, style->light);
    add_path(&svg, code, style);
    if (style->logo)
        add_logo(&svg, code, style, arena);
    buf_add_text(&svg, "</svg>\n");
    return svg.failed ? (struct slice){ NULL, 0 } : buf_slice(&svg);
}
