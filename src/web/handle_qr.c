/* SPDX-License-Identifier: MIT */
/* Handles QR codes of short URLs. */
#include "base/buf.h"
#include "base/number.h"
#include "files/logo_file.h"
#include "qr/qr.h"
#include "web/handlers.h"
#include "web/limit.h"
#include "web/query.h"
#include "web/refusal.h"
#include "web/validator.h"

enum {
    NAME_BYTES = 160, /* of a Content-Disposition header */
};

/* How long a browser or a cache may keep a picture. It depends on the code, the parameters,
 * base_url and the logo alone. */
#define QR_CACHE_CONTROL "public, max-age=3600"

/* An SVG opened by itself may show its logo, and nothing else. */
#define QR_POLICY "default-src 'none'; img-src data:"

enum parameter { FORMAT, SIZE, LEVEL, MARGIN, DARK, LIGHT, LOGO, N_PARAMETERS };

static const char *const NAMES[N_PARAMETERS] = {
    [FORMAT] = "format", [SIZE] = "size",   [LEVEL] = "level", [MARGIN] = "margin",
    [DARK] = "dark",     [LIGHT] = "light", [LOGO] = "logo",
};

/* The parameters. */
struct qr_wanted {
    bool png;
    bool logo;
    enum qr_level level;
    struct qr_style style;
};

static int qr_refuse(struct exchange *x, enum parameter name, const char *detail)
{
    return refuse_field(x, PROBLEM_INVALID_FIELD, NAMES[name], detail);
}

/* Reads one of two words; *is_second is unchanged when the parameter is absent. */
static int read_word(struct exchange *x, enum parameter name, struct slice value,
                     const char *const words[2], bool *is_second)
{
    struct error detail;
    if (!value.at)
        return 0;
    *is_second = slice_eq(value, slice_of(words[1]));
    if (*is_second || slice_eq(value, slice_of(words[0])))
        return 0;
    error_set(&detail, "This must be %s or %s.", words[0], words[1]);
    return qr_refuse(x, name, detail.text);
}

static int read_pixels(struct exchange *x, enum parameter name, struct slice value, unsigned max,
                       unsigned *out)
{
    uint64_t number;
    struct error detail;
    if (!value.at)
        return 0;
    if (number_parse(value, max, &number)) {
        *out = (unsigned)number;
        return 0;
    }
    error_set(&detail, "This must be a whole number of at most %u.", max);
    return qr_refuse(x, name, detail.text);
}

static int read_colours(struct exchange *x, const struct slice *values, struct qr_style *style)
{
    static const char wrong[] = "This must be six hexadecimal digits, as in 1a2b3c.";
    if (values[DARK].at && !qr_colour_read(values[DARK], &style->dark))
        return qr_refuse(x, DARK, wrong);
    if (values[LIGHT].at && !qr_colour_read(values[LIGHT], &style->light))
        return qr_refuse(x, LIGHT, wrong);
    if (qr_colours_are_readable(style->dark, style->light))
        return 0;
    return qr_refuse(x, values[DARK].at ? DARK : LIGHT,
                     "Scanners could not read this: dark must be the darker colour, and the "
                     "contrast at least 4.5 (WCAG).");
}

/* A logo needs level H, whatever is asked for. */
static int read_logo(struct exchange *x, struct slice value, struct qr_wanted *out)
{
    static const char *const words[] = { "no", "yes" };
    int status = read_word(x, LOGO, value, words, &out->logo);
    if (status || !out->logo)
        return status;
    out->level = QR_LEVEL_H;
    return x->site->logo.len ? 0 : qr_refuse(x, LOGO, "This site has no logo (pages.logo).");
}

static int qr_read_wanted(struct exchange *x, struct qr_wanted *out)
{
    static const char *const formats[] = { "svg", "png" };
    struct slice values[N_PARAMETERS];
    *out = (struct qr_wanted){
        .level = QR_LEVEL_M,
        .style = { .size = QR_SIZE_DEFAULT,
                   .margin = QR_MARGIN_DEFAULT,
                   .light = { 255, 255, 255 } },
    };
    int status = query_read(x, NAMES, N_PARAMETERS, values);
    if (status == 0)
        status = read_word(x, FORMAT, values[FORMAT], formats, &out->png);
    if (status == 0)
        status = read_pixels(x, SIZE, values[SIZE], QR_SIZE_MAX, &out->style.size);
    if (status == 0)
        status = read_pixels(x, MARGIN, values[MARGIN], QR_MARGIN_MAX, &out->style.margin);
    if (status == 0 && values[LEVEL].at && !qr_level_read(values[LEVEL], &out->level))
        status = qr_refuse(x, LEVEL, "This must be L, M, Q or H.");
    if (status == 0)
        status = read_colours(x, values, &out->style);
    return status ? status : read_logo(x, values[LOGO], out);
}

/* Refuses a code that no link has. */
static int qr_find(struct exchange *x)
{
    const struct resolve_request request = {
        .code = x->match.captures[0],
        .now = x->now,
        .now_ms = x->now_us / 1000,
        .jitter = x->random,
        .arena = x->arena,
    };
    enum outcome outcome = resolve_find(&x->services->resolver, &request, &x->err);
    if (outcome == OUTCOME_MISSING)
        limit_missed(x);
    return outcome == OUTCOME_OK ? 0 : refuse_outcome(x, outcome, NULL);
}

static int refuse_size(struct exchange *x, unsigned least)
{
    struct error detail;
    error_set(&detail, "This code and its margin need at least %u pixels.", least);
    return qr_refuse(x, SIZE, detail.text);
}

/* Reads the site's logo; false with the reason in x->err. */
static bool qr_load_logo(struct exchange *x, struct qr_logo *out)
{
    const char *path = x->site->logo.at;
    struct slice file;
    if (!logo_file_read(path, QR_LOGO_BYTES_MAX, x->arena, &file, &x->err))
        return false;
    if (qr_logo_read(file, x->arena, out, &x->err))
        return true;
    error_prefix(&x->err, path);
    return false;
}

/* Draws the picture; empty, with the reason in x->err, on failure. */
static struct slice qr_draw(struct exchange *x, const struct qr_code *code,
                            const struct qr_wanted *wanted)
{
    struct qr_style style = wanted->style;
    struct qr_logo logo;
    if (wanted->logo && !qr_load_logo(x, &logo))
        return (struct slice){ NULL, 0 };
    style.logo = wanted->logo ? &logo : NULL;
    return wanted->png ? qr_png(code, &style, x->arena, &x->err) : qr_svg(code, &style, x->arena);
}

/* The name under which a browser saves the picture. */
static void name_file(struct exchange *x, bool png)
{
    struct buf name = buf_in(x->arena, NAME_BYTES);
    buf_printf(&name, "inline; filename=\"%.*s.%s\"", SLICE_ARG(x->match.captures[0]),
               png ? "png" : "svg");
    http_header_add(&x->response, "Content-Disposition", buf_slice(&name));
}

int handle_qr(struct exchange *x)
{
    struct qr_wanted wanted;
    struct qr_code code;
    int status = qr_read_wanted(x, &wanted);
    if (status == 0)
        status = qr_find(x);
    if (status)
        return status;
    if (!qr_encode(short_url(x, x->match.captures[0]), wanted.level, x->arena, &code, &x->err))
        return refuse(x, PROBLEM_UNAVAILABLE, NULL);
    unsigned least = qr_size_least(&code, wanted.style.margin);
    if (wanted.style.size < least)
        return refuse_size(x, least);
    struct slice picture = qr_draw(x, &code, &wanted);
    if (!picture.len)
        return refuse(x, PROBLEM_UNAVAILABLE, NULL);
    http_header_add(&x->response, "Cache-Control", SLICE(QR_CACHE_CONTROL));
    validator_add_bytes(x, picture);
    if (validator_is_known(x))
        return 304;
    name_file(x, wanted.png);
    if (!wanted.png)
        http_header_add(&x->response, "Content-Security-Policy", SLICE(QR_POLICY));
    respond_body(x, wanted.png ? "image/png" : "image/svg+xml", picture);
    return 200;
}
