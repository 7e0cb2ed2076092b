/* SPDX-License-Identifier: MIT */
/* curtctl doctor: reads the pictures that the operator puts on the pages. */
#include "cli/doctor.h"
#include "files/logo_file.h"
#include "web/brand.h"

static const char WHAT[] = "pictures";

static void check_picture(struct doctor *doctor, const char *key, const char *path)
{
    struct arena *arena = arena_new(2 * BRAND_PICTURE_MAX);
    struct error err = { "" };
    struct slice picture = { NULL, 0 };
    error_set(&err, "out of memory");
    if (!arena || !logo_file_read(path, BRAND_PICTURE_MAX, arena, &picture, &err))
        doctor_wrong(doctor, WHAT,
                     "a file of at most 64 KiB that the workers may read; or "
                     "empty the key of [pages]",
                     "%s: %s", key, err.text);
    else if (!brand_picture_type(picture))
        doctor_wrong(doctor, WHAT, "a PNG or SVG file, for the icon also ICO",
                     "%s: %s is no picture that the pages show", key, path);
    else
        doctor_ok(doctor, WHAT, "%s: %s", key, path);
    arena_free(&arena);
}

void doctor_check_pages(struct doctor *doctor)
{
    const struct config_pages *pages = &doctor->config->pages;
    if (*pages->header_logo)
        check_picture(doctor, "header_logo", pages->header_logo);
    if (*pages->icon)
        check_picture(doctor, "icon", pages->icon);
}
