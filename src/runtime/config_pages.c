/* SPDX-License-Identifier: MIT */
/* Checks what the operator puts on the pages. */
#include "runtime/config_pages.h"

#include <string.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "text/colour.h"

enum {
    MAIL_MAX = 254, /* RFC 5321, 4.5.3.1.3 */
};

static bool pages_normalize_url(const char **url, struct arena *arena, struct error *err)
{
    static const struct slice web[] = { { "http", 4 }, { "https", 5 } };
    const struct url_policy policy = { web, 2, false, URL_MAX_BYTES_DEFAULT };
    struct url normal;
    if (**url == '\0')
        return true;
    if (url_normalize(slice_of(*url), &policy, arena, &normal, err) != URL_OK)
        return false;
    *url = normal.text.at;
    return true;
}

static bool is_mail_part(struct slice part, const char *also)
{
    for (size_t i = 0; i < part.len; i++) {
        char c = part.at[i];
        if (!ascii_is_letter(c) && !ascii_is_digit(c) && !strchr(also, c))
            return false;
    }
    return part.len > 0;
}

/* Whether a text is an address that means the same in a mailto URL without any encoding. */
static bool is_mail_address(struct slice text)
{
    size_t at = slice_find(text, '@');
    return text.len <= MAIL_MAX && is_mail_part((struct slice){ text.at, at }, ".+-_") &&
           is_mail_part(slice_from(text, at + 1), ".-");
}

static bool pages_normalize_abuse(const char **abuse, struct arena *arena, struct error *err)
{
    struct slice text = slice_of(*abuse);
    struct slice mail = slice_starts_with(text, SLICE("mailto:")) ? slice_from(text, 7) : text;
    struct buf url = buf_in(arena, MAIL_MAX + 8);
    if (is_mail_address(mail)) {
        buf_printf(&url, "mailto:%.*s", SLICE_ARG(mail));
        *abuse = url.at;
        error_set(err, "out of memory");
        return !url.failed;
    }
    if (strstr(*abuse, "://"))
        return pages_normalize_url(abuse, arena, err);
    return error_set(err,
                     "must be a mail address like abuse@example.org, of letters, digits, \".\", "
                     "\"+\", \"-\" and \"_\", or an http or https URL");
}

static bool check_accent(const char *accent, struct error *err)
{
    struct colour colour;
    if (*accent == '\0' || colour_read(slice_of(accent), &colour))
        return true;
    return error_set(err, "must be a colour of six hexadecimal digits, like 0b57d0");
}

bool config_pages_finish(struct config_pages *pages, struct arena *arena, const char **key,
                         struct error *err)
{
    *key = "imprint_url";
    if (!pages_normalize_url(&pages->imprint_url, arena, err))
        return false;
    *key = "privacy_url";
    if (!pages_normalize_url(&pages->privacy_url, arena, err))
        return false;
    *key = "abuse";
    if (*pages->abuse && !pages_normalize_abuse(&pages->abuse, arena, err))
        return false;
    *key = "accent";
    return check_accent(pages->accent, err);
}

const char *config_pages_doubt(const struct config_pages *pages)
{
    struct colour accent, light;
    if (!colour_read(slice_of(pages->accent), &accent) ||
        !colour_read(SLICE(PAGES_GROUND_LIGHT), &light) ||
        colour_contrast(accent, light) >= COLOUR_CONTRAST_MIN)
        return NULL;
    return "has too little contrast with the light pages (4.5 is needed), which show it darker";
}
