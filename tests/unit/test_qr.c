/* SPDX-License-Identifier: MIT */
/* QR codes: colours, levels, and what is drawn where. Whether scanners read them is for
 * tests/e2e/test_qr.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <png.h>

#include "qr/qr_options.h"
#include "qr/qr_private.h"
#include "support/arena_state.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))
#define URL         SLICE("https://s.example/abc1234")

enum {
    ARENA_MAX = 64 << 20,
    RGB = 3,
    RGBA = 4,
    SIDE = 32, /* pixels of the test's logo */
};

static const struct colour WHITE = { 255, 255, 255 };

static int setup(void **state)
{
    return arena_state_make(state, ARENA_MAX);
}

/* --- parameters --- */

static void levels_are_letters(void **state)
{
    (void)state;
    static const char *const wrong[] = { "", "x", "LM", "low", "0", " L" };
    enum qr_level level;
    for (size_t i = 0; i < ROWS(wrong); i++)
        assert_false(qr_level_read(slice_of(wrong[i]), &level));
    for (int i = 0; i < 4; i++) {
        assert_true(qr_level_read((struct slice){ &"LMQH"[i], 1 }, &level));
        assert_int_equal(level, i);
        assert_true(qr_level_read((struct slice){ &"lmqh"[i], 1 }, &level));
        assert_int_equal(level, i);
    }
}

/* The options in the order of enum qr_option; NULL: absent. */
static const struct {
    const char *values[QR_OPTIONS];
    const char *wrong; /* NULL: they are taken */
} options[] = {
    { { NULL }, NULL },
    { { "png", "1000", "h", "0", "1a2b3c", "#ffffff", "yes" }, NULL },
    { { "jpg" }, "format This must be svg or png." },
    { { "" }, "format This must be svg or png." },
    { { NULL, "1001" }, "size This must be a whole number of at most 1000." },
    { { NULL, "1e2" }, "size This must be a whole number of at most 1000." },
    { { NULL, NULL, "X" }, "level This must be L, M, Q or H." },
    { { NULL, NULL, NULL, "17" }, "margin This must be a whole number of at most 16." },
    { { NULL, NULL, NULL, NULL, "red" },
      "dark This must be six hexadecimal digits, as in 1a2b3c." },
    { { [QR_LIGHT] = "fff" }, "light This must be six hexadecimal digits, as in 1a2b3c." },
    { { [QR_LIGHT] = "000000" },
      "light Scanners could not read this: dark must be the darker colour, and the contrast at "
      "least "
      "4.5 (WCAG)." },
    { { [QR_LOGO] = "maybe" }, "logo This must be no or yes." },
};

static void options_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(options); i++) {
        struct slice values[QR_OPTIONS];
        struct qr_options out;
        struct error err = { "" };
        enum qr_option wrong;
        char told[512];
        for (unsigned o = 0; o < QR_OPTIONS; o++)
            values[o] =
                options[i].values[o] ? slice_of(options[i].values[o]) : (struct slice){ NULL, 0 };
        assert_int_equal(qr_options_read(values, &out, &wrong, &err), options[i].wrong == NULL);
        if (!options[i].wrong)
            continue;
        snprintf(told, sizeof(told), "%s %s", qr_option_names[wrong], err.text);
        assert_string_equal(told, options[i].wrong);
    }
}

static void options_have_defaults(void **state)
{
    (void)state;
    const struct slice none[QR_OPTIONS] = { { NULL, 0 } };
    const struct slice logo[QR_OPTIONS] = { [QR_LOGO] = SLICE("yes"), [QR_LEVEL] = SLICE("L") };
    struct qr_options out;
    struct error err;
    enum qr_option wrong;
    assert_true(qr_options_read(none, &out, &wrong, &err));
    assert_false(out.png || out.logo);
    assert_int_equal(out.level, QR_LEVEL_M);
    assert_int_equal(out.style.size, QR_SIZE_DEFAULT);
    assert_int_equal(out.style.margin, QR_MARGIN_DEFAULT);
    assert_true(qr_options_read(logo, &out, &wrong, &err));
    assert_int_equal(out.level, QR_LEVEL_H);
}

/* --- codes --- */

static struct qr_code code_of(struct slice text, enum qr_level level, struct arena *arena)
{
    struct error err = { "" };
    struct qr_code code;
    if (!qr_encode(text, level, arena, &code, &err))
        fail_msg("%s", err.text);
    return code;
}

/* The finder patterns of three corners, and the light modules around them. */
static void assert_finder(const struct qr_code *code, unsigned x, unsigned y)
{
    for (unsigned row = 0; row < 7; row++) {
        for (unsigned i = 0; i < 7; i++) {
            unsigned across = row > 3 ? row - 3 : 3 - row, along = i > 3 ? i - 3 : 3 - i;
            unsigned ring = across > along ? across : along;
            assert_int_equal(code->modules[(y + row) * code->width + x + i], ring != 2);
        }
    }
}

static void a_code_has_its_marks(void **state)
{
    for (int level = QR_LEVEL_L; level <= QR_LEVEL_H; level++) {
        struct qr_code code = code_of(URL, (enum qr_level)level, *state);
        assert_int_equal(code.width % 4, 1);
        assert_finder(&code, 0, 0);
        assert_finder(&code, code.width - 7, 0);
        assert_finder(&code, 0, code.width - 7);
    }
    assert_true(code_of(URL, QR_LEVEL_H, *state).width > code_of(URL, QR_LEVEL_L, *state).width);
}

static void a_text_may_be_too_long(void **state)
{
    char text[3000];
    struct qr_code code;
    struct error err = { "" };
    memset(text, 'x', sizeof(text));
    assert_int_equal(code_of((struct slice){ text, 1273 }, QR_LEVEL_H, *state).width, 177);
    assert_false(qr_encode((struct slice){ text, 1274 }, QR_LEVEL_H, *state, &code, &err));
    assert_string_equal(err.text, "the text is too long for a QR code");
}

/* A logo covers what level H can bear, whatever the version, and stays in the middle. */
static void a_logo_covers_little(void **state)
{
    (void)state;
    for (unsigned width = 21; width <= 177; width += 4) {
        unsigned side = qr_logo_modules(width);
        assert_int_equal(side % 2, 1);
        assert_true(side >= 5 && 100 * side <= QR_LOGO_PERCENT * width);
        assert_true((width - side) / 2 > 7);
    }
}

/* --- drawing --- */

static struct qr_style style_of(unsigned size, const struct qr_logo *logo)
{
    return (struct qr_style){
        .size = size, .margin = 4, .dark = { 0x10, 0x20, 0x30 }, .light = WHITE, .logo = logo
    };
}

/* A picture as its pixels. */
static unsigned char *pixels_of(struct slice png, unsigned format, unsigned *width)
{
    png_image image = { .version = PNG_IMAGE_VERSION };
    assert_true(png_image_begin_read_from_memory(&image, png.at, png.len));
    image.format = format;
    unsigned char *pixels = malloc(PNG_IMAGE_SIZE(image));
    assert_non_null(pixels);
    assert_true(png_image_finish_read(&image, NULL, pixels, 0, NULL));
    assert_int_equal(image.width, image.height);
    *width = image.width;
    return pixels;
}

static void assert_module(const unsigned char *pixels, const struct qr_code *code, unsigned size,
                          unsigned at)
{
    const unsigned scale = size / qr_size_least(code, 4);
    const unsigned before = (size - scale * code->width) / 2;
    const unsigned char dark[] = { 0x10, 0x20, 0x30 };
    const unsigned char light[] = { 255, 255, 255 };
    unsigned x = before + at % code->width * scale, y = before + at / code->width * scale;
    for (unsigned i = 0; i < scale * scale; i++) {
        const unsigned char *pixel = pixels + RGB * ((y + i / scale) * size + x + i % scale);
        assert_memory_equal(pixel, code->modules[at] ? dark : light, RGB);
    }
}

static void a_png_has_all_modules(void **state)
{
    static const unsigned sizes[] = { 33, 34, 65, 66, 300, 511, QR_SIZE_MAX };
    struct qr_code code = code_of(URL, QR_LEVEL_L, *state);
    assert_int_equal(qr_size_least(&code, 4), 33);
    for (size_t i = 0; i < ROWS(sizes); i++) {
        struct error err = { "" };
        unsigned width;
        struct qr_style style = style_of(sizes[i], NULL);
        struct slice png = qr_png(&code, &style, *state, &err);
        assert_string_equal(err.text, "");
        assert_int_equal(png.at[24], 1); /* bits of a pixel */
        unsigned char *pixels = pixels_of(png, PNG_FORMAT_RGB, &width);
        assert_int_equal(width, sizes[i]);
        for (unsigned at = 0; at < code.width * code.width; at++)
            assert_module(pixels, &code, width, at);
        free(pixels);
    }
}

/* The SVG's path, drawn with a module a cell. */
static void draw_path(const char *path, unsigned char *cells, unsigned side)
{
    for (const char *at = strchr(path, 'M'); at; at = strchr(at + 1, 'M')) {
        char *end;
        unsigned x = (unsigned)strtoul(at + 1, &end, 10);
        unsigned y = (unsigned)strtoul(end, &end, 10);
        assert_int_equal(*end, 'h');
        unsigned n = (unsigned)strtoul(end + 1, &end, 10);
        assert_int_equal(strncmp(end, "v1h-", 4), 0);
        assert_int_equal(strtoul(end + 4, &end, 10), n);
        assert_int_equal(*end, 'z');
        assert_true(x + n <= side && y < side);
        memset(cells + y * side + x, 1, n);
    }
}

static void an_svg_has_all_modules(void **state)
{
    unsigned char cells[64 * 64] = { 0 };
    struct qr_code code = code_of(URL, QR_LEVEL_M, *state);
    struct qr_style style = style_of(300, NULL);
    unsigned side = qr_size_least(&code, style.margin);
    struct slice svg = qr_svg(&code, &style, *state);
    assert_non_null(strstr(svg.at, "width=\"300\" height=\"300\" viewBox=\"0 0 33 33\""));
    const char *path = strstr(svg.at, "<path fill=\"#102030\" d=\"");
    assert_non_null(path);
    draw_path(path + 24, cells, side);
    for (unsigned y = 0; y < code.width; y++)
        assert_memory_equal(cells + (y + 4) * side + 4, code.modules + y * code.width, code.width);
    assert_null(strstr(svg.at, "<image"));
}

static void a_full_arena_draws_nothing(void **state)
{
    struct error err = { "" };
    struct qr_code code = code_of(URL, QR_LEVEL_M, *state);
    struct qr_style style = style_of(300, NULL);
    struct arena *small = arena_new(512);
    assert_int_equal(qr_svg(&code, &style, small).len, 0);
    assert_int_equal(qr_png(&code, &style, small, &err).len, 0);
    assert_string_equal(err.text, "out of memory");
    arena_free(&small);
}

/* --- logos --- */

/* A PNG file of `width` × `height` pixels, red at the left, transparent at the right. */
static struct slice logo_file(unsigned width, unsigned height, struct arena *arena)
{
    png_image image = {
        .version = PNG_IMAGE_VERSION, .width = width, .height = height, .format = PNG_FORMAT_RGBA
    };
    unsigned char *pixels = arena_alloc(arena, PNG_IMAGE_SIZE(image));
    for (unsigned i = 0; i < width * height; i++) {
        if (i % width < (width + 1) / 2)
            memcpy(pixels + (size_t)RGBA * i, "\xff\0\0\xff", RGBA);
    }
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    char *file = arena_alloc(arena, size);
    assert_true(png_image_write_to_memory(&image, file, &size, 0, pixels, 0, NULL));
    return (struct slice){ file, size };
}

static const struct {
    unsigned width, height;
    const char *why; /* NULL: it is taken */
} logos[] = {
    { 1, 1, NULL },
    { 1, 512, NULL },
    { 512, 512, NULL },
    { 513, 1, "it has 513 x 1 pixels: at most 512 x 512 are allowed" },
    { 1, 100000, "it has 1 x 100000 pixels: at most 512 x 512 are allowed" },
};

static void logos_have_limits(void **state)
{
    static char large[QR_LOGO_BYTES_MAX + 1];
    struct qr_logo logo;
    for (size_t i = 0; i < ROWS(logos); i++) {
        struct error err = { "" };
        struct slice file = logo_file(logos[i].width, logos[i].height, *state);
        assert_int_equal(qr_logo_read(file, *state, &logo, &err), logos[i].why == NULL);
        assert_string_equal(err.text, logos[i].why ? logos[i].why : "");
    }
    struct error err = { "" };
    assert_false(qr_logo_read((struct slice){ large, sizeof(large) }, *state, &logo, &err));
    assert_string_equal(err.text, "it has more than 65536 bytes");
}

/* Whatever is in the file, it is read or refused with a reason. */
static void a_damaged_logo_is_refused(void **state)
{
    struct slice file = logo_file(SIDE, SIDE, *state);
    struct qr_logo logo;
    struct error err = { "" };
    assert_false(qr_logo_read(SLICE(""), *state, &logo, &err));
    assert_false(qr_logo_read(SLICE("<svg/>"), *state, &logo, &err));
    for (size_t n = 0; n < file.len - 12; n++) {
        err.text[0] = '\0';
        assert_false(qr_logo_read((struct slice){ file.at, n }, *state, &logo, &err));
        assert_true(err.text[0]);
    }
    for (size_t n = 0; n < file.len; n++) {
        char *copy = arena_copy(*state, file);
        copy[n] ^= 0x55;
        err.text[0] = '\0';
        if (!qr_logo_read((struct slice){ copy, file.len }, *state, &logo, &err))
            assert_true(err.text[0]);
    }
}

static void a_logo_is_in_the_middle(void **state)
{
    enum { SIZE = 370 };
    struct error err = { "" };
    struct qr_logo logo;
    unsigned width;
    assert_true(qr_logo_read(logo_file(SIDE, SIDE, *state), *state, &logo, &err));
    struct qr_code code = code_of(URL, QR_LEVEL_H, *state);
    struct qr_style style = style_of(SIZE, &logo);
    unsigned char *pixels = pixels_of(qr_png(&code, &style, *state, &err), PNG_FORMAT_RGB, &width);
    assert_int_equal(width, SIZE);
    const unsigned char *middle = pixels + (size_t)RGB * (SIZE / 2 * SIZE + SIZE / 2);
    assert_memory_equal(middle - (ptrdiff_t)RGB * 10, "\xff\0\0", RGB);
    assert_memory_equal(middle + (ptrdiff_t)RGB * 10, "\xff\xff\xff", RGB);
    for (unsigned at = 0; at < 8 * code.width; at++)
        assert_module(pixels, &code, width, at);
    free(pixels);
    struct slice svg = qr_svg(&code, &style, *state);
    assert_non_null(strstr(svg.at, "href=\"data:image/png;base64,iVBORw0KGgo"));
}

/* Logos of every shape are drawn within their square. */
static void logos_of_any_shape_are_drawn(void **state)
{
    static const unsigned sides[][2] = { { 1, 1 }, { 512, 1 }, { 1, 512 }, { 3, 7 }, { 512, 300 } };
    struct qr_code code = code_of(URL, QR_LEVEL_H, *state);
    for (size_t i = 0; i < ROWS(sides); i++) {
        struct error err = { "" };
        struct qr_logo logo;
        unsigned width;
        assert_true(qr_logo_read(logo_file(sides[i][0], sides[i][1], *state), *state, &logo, &err));
        struct qr_style style = style_of(qr_size_least(&code, 4), &logo);
        unsigned char *pixels =
            pixels_of(qr_png(&code, &style, *state, &err), PNG_FORMAT_RGB, &width);
        for (unsigned at = 0; at < 8 * code.width; at++)
            assert_module(pixels, &code, width, at);
        free(pixels);
    }
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, setup, arena_state_free)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(levels_are_letters),           CASE(options_are_read),
        CASE(options_have_defaults),        CASE(a_code_has_its_marks),
        CASE(a_text_may_be_too_long),       CASE(a_logo_covers_little),
        CASE(a_png_has_all_modules),        CASE(an_svg_has_all_modules),
        CASE(a_full_arena_draws_nothing),   CASE(logos_have_limits),
        CASE(a_damaged_logo_is_refused),    CASE(a_logo_is_in_the_middle),
        CASE(logos_of_any_shape_are_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
