/* SPDX-License-Identifier: MIT */
/* How a QR code is wanted: the parameters of the API, which are the options of curtctl, too. */
#pragma once

#include "qr/qr.h"

enum qr_option {
    QR_FORMAT, /* svg or png */
    QR_SIZE,
    QR_LEVEL,
    QR_MARGIN,
    QR_DARK,
    QR_LIGHT,
    QR_LOGO, /* yes or no */
    QR_OPTIONS,
};

extern const char *const qr_option_names[QR_OPTIONS];

struct qr_options {
    bool png;
    bool logo;
    enum qr_level level; /* QR_LEVEL_H with a logo, whatever was wanted */
    struct qr_style style;
};

/* Reads the texts of the options; an `at` of NULL where one is absent. False: *wrong is refused,
 * with a sentence in *err. */
bool qr_options_read(const struct slice values[QR_OPTIONS], struct qr_options *out,
                     enum qr_option *wrong, struct error *err);

/* Whether the code fits into the wanted size; otherwise *err has the sentence for QR_SIZE. */
bool qr_options_fit(const struct qr_options *options, const struct qr_code *code,
                    struct error *err);

/* Draws the code. `logo` is the file for an option QR_LOGO. Empty, with the reason, on failure. */
struct slice qr_options_draw(const struct qr_options *options, const struct qr_code *code,
                             struct slice logo, struct arena *arena, struct error *err);
