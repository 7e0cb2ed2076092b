/* SPDX-License-Identifier: MIT */
/* Colours: how they are written, and what is readable on what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text/colour.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const char *dark;
    const char *light;
    bool readable;
} pairs[] = {
    { "000000", "ffffff", true },  { "ffffff", "000000", false }, { "000000", "000000", false },
    { "767676", "ffffff", true },  { "777777", "ffffff", false }, /* 4.54 and 4.48 */
    { "0000ff", "ffffff", true },  { "ff0000", "ffffff", false }, /* 8.59 and 4.00 */
    { "00ff00", "ffffff", false }, { "1a2b3c", "ffeedd", true },  { "800000", "ffff00", true },
};

static void a_text_is_readable_on_its_ground(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(pairs); i++) {
        struct colour dark, light;
        assert_true(colour_read(slice_of(pairs[i].dark), &dark));
        assert_true(colour_read(slice_of(pairs[i].light), &light));
        if (colours_are_readable(dark, light) != pairs[i].readable)
            fail_msg("%s on %s", pairs[i].dark, pairs[i].light);
    }
}

static void colours_are_six_digits(void **state)
{
    (void)state;
    static const char *const wrong[] = { "",        "#",      "fff",     "12345",
                                         "1234567", "12345g", "##12345", "rgb(1,2,3)",
                                         "black",   "-12345", " 12345" };
    struct colour colour;
    for (size_t i = 0; i < ROWS(wrong); i++)
        assert_false(colour_read(slice_of(wrong[i]), &colour));
    assert_true(colour_read(SLICE("#1A2b3c"), &colour));
    assert_memory_equal(&colour, (&(struct colour){ 0x1a, 0x2b, 0x3c }), sizeof(colour));
}

static struct colour read(const char *text)
{
    struct colour colour;
    assert_true(colour_read(slice_of(text), &colour));
    return colour;
}

static void assert_written(struct colour colour, const char *text)
{
    char written[COLOUR_TEXT_SIZE];
    colour_write(colour, written);
    assert_string_equal(written, text);
}

static void contrasts_are_those_of_wcag(void **state)
{
    (void)state;
    assert_float_equal(colour_contrast(read("000000"), read("ffffff")), 21.0, 0.001);
    assert_float_equal(colour_contrast(read("ffffff"), read("000000")), 21.0, 0.001);
    assert_float_equal(colour_contrast(read("777777"), read("ffffff")), 4.48, 0.005);
    assert_float_equal(colour_contrast(read("123456"), read("123456")), 1.0, 0.001);
}

/* A colour, and what is written on it; how it is written itself on white, and on black. */
static const struct {
    const char *colour, *on_it, *on_white, *on_black;
} brands[] = {
    { "0b57d0", "#ffffff", "#0b57d0", "#3473d8" }, { "ffd400", "#000000", "#8b7300", "#ffd400" },
    { "ffffff", "#000000", "#737373", "#ffffff" }, { "000000", "#ffffff", "#000000", "#777777" },
    { "767676", "#000000", "#767676", "#767676" }, { "ff0000", "#000000", "#eb0000", "#ff0000" },
};

static void a_colour_is_made_readable(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(brands); i++) {
        struct colour colour = read(brands[i].colour);
        assert_written(colour_text_on(colour), brands[i].on_it);
        assert_written(colour_readable_on(colour, read("ffffff")), brands[i].on_white);
        assert_written(colour_readable_on(colour, read("000000")), brands[i].on_black);
    }
}

/* No colour and no ground for which there is no end, or too little contrast. */
static void every_colour_can_be_made_readable(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4096; i += 7) {
        struct colour colour = { (unsigned char)((i >> 8) * 17),
                                 (unsigned char)((i >> 4 & 15) * 17),
                                 (unsigned char)((i & 15) * 17) };
        assert_true(colour_contrast(colour, colour_text_on(colour)) >= COLOUR_CONTRAST_MIN);
        for (unsigned j = 0; j < 4096; j += 113) {
            struct colour ground = { (unsigned char)((j >> 8) * 17),
                                     (unsigned char)((j >> 4 & 15) * 17),
                                     (unsigned char)((j & 15) * 17) };
            struct colour text = colour_readable_on(colour, ground);
            assert_true(colour_contrast(text, ground) >= COLOUR_CONTRAST_MIN);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_readable_on_its_ground),
        cmocka_unit_test(colours_are_six_digits),
        cmocka_unit_test(contrasts_are_those_of_wcag),
        cmocka_unit_test(a_colour_is_made_readable),
        cmocka_unit_test(every_colour_can_be_made_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
