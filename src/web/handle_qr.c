/* SPDX-License-Identifier: MIT */
/* Handles QR codes of short URLs. */
#include "base/buf.h"
#include "files/logo_file.h"
#include "qr/qr_options.h"
#include "web/handlers.h"
#include "web/limit.h"
#include "web/managing.h"
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

static int qr_refuse(struct exchange *x, enum qr_option option, const struct error *why)
{
    return refuse_field(x, PROBLEM_INVALID_FIELD, qr_option_names[option], why->text);
}

static int qr_read_wanted(struct exchange *x, struct qr_options *out)
{
    struct slice values[QR_OPTIONS];
    struct error why;
    enum qr_option wrong;
    int status = query_read(x, qr_option_names, QR_OPTIONS, values);
    if (status)
        return status;
    if (!qr_options_read(values, out, &wrong, &why))
        return qr_refuse(x, wrong, &why);
    error_set(&why, "This site has no logo (pages.logo).");
    return out->logo && !x->site->logo.len ? qr_refuse(x, QR_LOGO, &why) : 0;
}

/* Refuses a code that no link has. */
static int qr_find(struct exchange *x)
{
    const struct resolve_request request = resolving_request(x);
    enum outcome outcome = resolve_find(&x->services->resolver, &request, &x->err);
    if (outcome == OUTCOME_MISSING)
        limit_missed(x);
    return outcome == OUTCOME_OK ? 0 : refuse_outcome(x, outcome, NULL);
}

/* Draws the picture; empty, with the reason in x->err, on failure. */
static struct slice qr_draw(struct exchange *x, const struct qr_code *code,
                            const struct qr_options *wanted)
{
    struct slice logo = { NULL, 0 };
    if (wanted->logo &&
        !logo_file_read(x->site->logo.at, QR_LOGO_BYTES_MAX, x->arena, &logo, &x->err))
        return logo;
    struct slice picture = qr_options_draw(wanted, code, logo, x->arena, &x->err);
    if (!picture.len && wanted->logo)
        error_prefix(&x->err, x->site->logo.at);
    return picture;
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
    struct qr_options wanted;
    struct qr_code code;
    struct error why;
    int status = qr_read_wanted(x, &wanted);
    if (status == 0)
        status = qr_find(x);
    if (status)
        return status;
    if (!qr_encode(short_url(x, x->match.captures[0]), wanted.level, x->arena, &code, &x->err))
        return refuse(x, PROBLEM_UNAVAILABLE, NULL);
    if (!qr_options_fit(&wanted, &code, &why))
        return qr_refuse(x, QR_SIZE, &why);
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
