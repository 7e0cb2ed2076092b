/* SPDX-License-Identifier: MIT */
/* curtctl doctor: draws a QR code, with the site's logo if there is one. */
#include "cli/doctor.h"
#include "files/logo_file.h"
#include "qr/qr.h"

enum {
    ARENA_MAX = 16 * 1024 * 1024,
};

static const char WHAT[] = "qr codes";

static bool doctor_qr_draw(const struct qr_logo *logo, struct arena *arena, struct error *err)
{
    const struct qr_style style = { .size = QR_SIZE_DEFAULT,
                                    .margin = QR_MARGIN_DEFAULT,
                                    .light = { 255, 255, 255 },
                                    .logo = logo };
    struct qr_code code;
    return qr_encode(SLICE("https://s.example/abc1234"), QR_LEVEL_H, arena, &code, err) &&
           qr_png(&code, &style, arena, err).len;
}

static void check_logo(struct doctor *doctor, const char *path, struct arena *arena)
{
    static const char cure[] = "a PNG file of at most 64 KiB and 512 pixels, which the workers may "
                               "read; or empty logo of [pages]";
    struct error err = { "" };
    struct slice file;
    struct qr_logo logo;
    if (!logo_file_read(path, QR_LOGO_BYTES_MAX, arena, &file, &err))
        doctor_wrong(doctor, WHAT, cure, "%s", err.text);
    else if (!qr_logo_read(file, arena, &logo, &err) || !doctor_qr_draw(&logo, arena, &err))
        doctor_wrong(doctor, WHAT, cure, "%s: %s", path, err.text);
    else
        doctor_ok(doctor, WHAT, "%s is drawn into them", path);
}

void doctor_check_qr(struct doctor *doctor)
{
    const char *path = doctor->config->pages.logo;
    struct arena *arena = arena_new(ARENA_MAX);
    struct error err = { "" };
    error_set(&err, "out of memory");
    if (!arena || !doctor_qr_draw(NULL, arena, &err))
        doctor_wrong(doctor, WHAT,
                     "install the libraries that draw them: Debian's "
                     "packages libqrencode4 and libpng16-16",
                     "%s", err.text);
    else if (*path)
        check_logo(doctor, path, arena);
    else
        doctor_ok(doctor, WHAT, "they are drawn, without a logo");
    arena_free(&arena);
}
