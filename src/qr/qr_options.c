/* SPDX-License-Identifier: MIT */
/* Reads the options one by one. */
#include "qr/qr_options.h"

#include "base/number.h"

const char *const qr_option_names[QR_OPTIONS] = {
    [QR_FORMAT] = "format", [QR_SIZE] = "size",   [QR_LEVEL] = "level", [QR_MARGIN] = "margin",
    [QR_DARK] = "dark",     [QR_LIGHT] = "light", [QR_LOGO] = "logo",
};

/* Reads one of two words; *is_second is unchanged when the option is absent. */
static bool read_word(struct slice value, const char *const words[2], bool *is_second,
                      struct error *err)
{
    if (!value.at)
        return true;
    *is_second = slice_eq(value, slice_of(words[1]));
    if (*is_second || slice_eq(value, slice_of(words[0])))
        return true;
    return error_set(err, "This must be %s or %s.", words[0], words[1]);
}

static bool read_count(struct slice value, unsigned max, unsigned *out, struct error *err)
{
    uint64_t number;
    if (!value.at)
        return true;
    if (!number_parse(value, max, &number))
        return error_set(err, "This must be a whole number of at most %u.", max);
    *out = (unsigned)number;
    return true;
}

static bool read_colour(struct slice value, struct colour *out, struct error *err)
{
    if (!value.at || colour_read(value, out))
        return true;
    return error_set(err, "This must be six hexadecimal digits, as in 1a2b3c.");
}

static bool read_one(enum qr_option option, struct slice value, struct qr_options *out,
                     struct error *err)
{
    static const char *const formats[] = { "svg", "png" };
    static const char *const answers[] = { "no", "yes" };
    switch (option) {
    case QR_FORMAT:
        return read_word(value, formats, &out->png, err);
    case QR_SIZE:
        return read_count(value, QR_SIZE_MAX, &out->style.size, err);
    case QR_LEVEL:
        error_set(err, "This must be L, M, Q or H.");
        return !value.at || qr_level_read(value, &out->level);
    case QR_MARGIN:
        return read_count(value, QR_MARGIN_MAX, &out->style.margin, err);
    case QR_DARK:
        return read_colour(value, &out->style.dark, err);
    case QR_LIGHT:
        return read_colour(value, &out->style.light, err);
    case QR_LOGO:
    case QR_OPTIONS:
        break;
    }
    return read_word(value, answers, &out->logo, err);
}

bool qr_options_read(const struct slice values[QR_OPTIONS], struct qr_options *out,
                     enum qr_option *wrong, struct error *err)
{
    *out = (struct qr_options){
        .level = QR_LEVEL_M,
        .style = { .size = QR_SIZE_DEFAULT,
                   .margin = QR_MARGIN_DEFAULT,
                   .light = { 255, 255, 255 } },
    };
    for (unsigned i = 0; i < QR_OPTIONS; i++) {
        *wrong = (enum qr_option)i;
        if (!read_one(*wrong, values[i], out, err))
            return false;
    }
    if (out->logo)
        out->level = QR_LEVEL_H;
    *wrong = values[QR_DARK].at ? QR_DARK : QR_LIGHT;
    error_set(err, "Scanners could not read this: dark must be the darker colour, and the contrast "
                   "at least 4.5 (WCAG).");
    return colours_are_readable(out->style.dark, out->style.light);
}

bool qr_options_fit(const struct qr_options *options, const struct qr_code *code, struct error *err)
{
    unsigned least = qr_size_least(code, options->style.margin);
    error_set(err, "This code and its margin need at least %u pixels.", least);
    return options->style.size >= least;
}

struct slice qr_options_draw(const struct qr_options *options, const struct qr_code *code,
                             struct slice logo, struct arena *arena, struct error *err)
{
    struct qr_style style = options->style;
    struct qr_logo picture;
    if (options->logo && !qr_logo_read(logo, arena, &picture, err))
        return (struct slice){ NULL, 0 };
    style.logo = options->logo ? &picture : NULL;
    if (options->png)
        return qr_png(code, &style, arena, err);
    struct slice svg = qr_svg(code, &style, arena);
    if (!svg.len)
        error_set(err, "out of memory");
    return svg;
}
