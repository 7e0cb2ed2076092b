/* SPDX-License-Identifier: MIT */
/* Derives the colours of the pages from one, and the policies from the styles. */
#include "web/brand.h"

#include <string.h>

#include "base/buf.h"
#include "http/pages.h"
#include "service/digest.h"
#include "text/colour.h"
#include "web/page.h"
#include "web/shell.h"

enum {
    STYLE_MAX = 512,
    POLICY_MAX = 512,
    SVG_LOOKED_AT = 1024, /* bytes among which "<svg" has to be */
};

bool brand_colours_of(struct slice accent, struct brand_colours *out)
{
    struct colour colour, light, dark;
    if (!colour_read(accent, &colour) || !colour_read(SLICE(PAGES_GROUND_LIGHT), &light) ||
        !colour_read(SLICE(PAGES_GROUND_DARK), &dark))
        return false;
    light = colour_readable_on(colour, light);
    dark = colour_readable_on(colour, dark);
    colour_write(light, out->light.accent);
    colour_write(colour_text_on(light), out->light.on_accent);
    colour_write(dark, out->dark.accent);
    colour_write(colour_text_on(dark), out->dark.on_accent);
    return true;
}

static void brand_make_style(struct brand *brand, const struct brand_colours *colours,
                             struct arena *arena)
{
    struct buf style = buf_in(arena, STYLE_MAX);
    buf_printf(&style,
               ":root{--accent:%s;--on-accent:%s;"
               "--tint:color-mix(in srgb,var(--accent) 12%%,var(--surface))}"
               "@media(prefers-color-scheme:dark){:root{--accent:%s;--on-accent:%s}}",
               colours->light.accent, colours->light.on_accent, colours->dark.accent,
               colours->dark.on_accent);
    brand->style = buf_slice(&style);
    brand->theme_light = slice_of(arena_copy(arena, slice_of(colours->light.accent)));
    brand->theme_dark = slice_of(arena_copy(arena, slice_of(colours->dark.accent)));
}

/* A policy with the hash of the operator's style behind `before`. */
static struct slice brand_policy(const char *before, const char *hash, const char *after,
                                 struct arena *arena)
{
    struct buf policy = buf_in(arena, POLICY_MAX);
    buf_printf(&policy, "%s%s%s%s", before, *hash ? " " : "", hash, after);
    return buf_slice(&policy);
}

bool brand_prepare(struct brand *brand, struct arena *arena)
{
    struct brand_colours colours = { { "", "" }, { "", "" } };
    char hash[DIGEST_SOURCE_SIZE] = "";
    brand->style = (struct slice){ NULL, 0 };
    brand->theme_light = SLICE("#f7f8fa");
    brand->theme_dark = SLICE("#131417");
    if (brand->accent.len) {
        if (!brand_colours_of(brand->accent, &colours))
            return false;
        brand_make_style(brand, &colours, arena);
        digest_source(brand->style, hash);
    }
    brand->page_policy =
        brand_policy(PAGE_POLICY_STYLES, hash, PAGE_POLICY_REST "; form-action 'none'", arena);
    brand->button_policy = brand_policy(PAGE_POLICY_STYLES, hash, PAGE_POLICY_REST, arena);
    brand->shell_policy = brand_policy(SHELL_POLICY_STYLES, hash, SHELL_POLICY_REST, arena);
    return brand->theme_light.len && brand->theme_dark.len && brand->page_policy.len &&
           brand->button_policy.len && brand->shell_policy.len &&
           (brand->style.len || !brand->accent.len);
}

const char *brand_picture_type(struct slice picture)
{
    struct slice begin = { picture.at,
                           picture.len < SVG_LOOKED_AT ? picture.len : (size_t)SVG_LOOKED_AT };
    if (slice_starts_with(picture, SLICE("\x89PNG\r\n\x1a\n")))
        return "image/png";
    if (slice_starts_with(picture, SLICE("\0\0\1\0")))
        return "image/x-icon";
    if (slice_starts_with(begin, SLICE("\xef\xbb\xbf")))
        begin = slice_from(begin, 3);
    if (!slice_starts_with(slice_strip(begin), SLICE("<")))
        return NULL;
    return memmem(begin.at, begin.len, "<svg", 4) ? "image/svg+xml" : NULL;
}
