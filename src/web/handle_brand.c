/* SPDX-License-Identifier: MIT */
/* Handles the operator's pictures, and what browsers and crawlers ask of every site: favicon.ico,
 * robots.txt, the manifest of the pages. */
#include "base/buf.h"
#include "files/logo_file.h"
#include "http/pages.h"
#include "web/handlers.h"
#include "web/json_out.h"
#include "web/pages_files.h"
#include "web/refusal.h"
#include "web/validator.h"

enum {
    ROBOTS_MAX = 4096,
    PATH_MAX_BYTES = 4096,
};

#define BRAND_CACHE_CONTROL "public, max-age=3600"

/* A picture that is opened by itself runs no script and loads nothing; an SVG may have styles of
 * its own. */
#define PICTURE_POLICY "default-src 'none'; style-src 'unsafe-inline'; sandbox"

static int picture_respond(struct exchange *x, struct slice path)
{
    struct slice picture;
    if (!path.len)
        return refuse(x, PROBLEM_NOT_FOUND, NULL);
    if (!logo_file_read(path.at, BRAND_PICTURE_MAX, x->arena, &picture, &x->err))
        return refuse(x, PROBLEM_NOT_FOUND, NULL);
    const char *type = brand_picture_type(picture);
    if (!type) {
        error_set(&x->err, "%s is neither PNG nor SVG nor ICO", path.at);
        return refuse(x, PROBLEM_NOT_FOUND, NULL);
    }
    http_header_add(&x->response, "Cache-Control", SLICE(BRAND_CACHE_CONTROL));
    http_header_add(&x->response, "Content-Security-Policy", SLICE(PICTURE_POLICY));
    validator_add_bytes(x, picture);
    if (validator_is_known(x))
        return 304;
    respond_body(x, type, picture);
    return 200;
}

int handle_logo(struct exchange *x)
{
    return picture_respond(x, x->site->brand.header_logo);
}

int handle_icon(struct exchange *x)
{
    return picture_respond(x, x->site->brand.icon);
}

/* Without an icon of the operator's, that of the pages, which the web server sends. */
int handle_favicon(struct exchange *x)
{
    const struct pages_file *file = PAGES_FILES;
    if (x->site->brand.icon.len)
        return handle_icon(x);
    while (file->role != PAGES_ICON && file->role != PAGES_END)
        file++;
    if (file->role == PAGES_END)
        return refuse(x, PROBLEM_NOT_FOUND, NULL);
    struct buf url = buf_in(x->arena, PATH_MAX_BYTES);
    buf_add(&url, x->site->base_path);
    buf_add(&url, x->site->pages_path);
    buf_printf(&url, "/files/%s", file->name);
    http_header_add(&x->response, "Cache-Control", SLICE(BRAND_CACHE_CONTROL));
    return send_elsewhere(x, buf_slice(&url));
}

static void robots_add(struct buf *text, const struct site *site, struct slice path)
{
    buf_add_text(text, "Disallow: ");
    buf_add(text, site->base_path);
    buf_add(text, path);
    buf_add_text(text, "/\n");
}

int handle_robots(struct exchange *x)
{
    const struct site *site = x->site;
    struct buf text = buf_in(x->arena, ROBOTS_MAX);
    buf_add_text(&text, "User-agent: *\n");
    if (site->robots == ROBOTS_NONE) {
        robots_add(&text, site, SLICE(""));
    } else {
        robots_add(&text, site, SLICE("/api"));
        robots_add(&text, site, site->pages_path);
    }
    http_header_add(&x->response, "Cache-Control", SLICE(BRAND_CACHE_CONTROL));
    respond_body(x, "text/plain; charset=utf-8", buf_slice(&text));
    return 200;
}

int handle_manifest(struct exchange *x)
{
    if (PAGES_FILES[0].role == PAGES_END)
        return refuse(x, PROBLEM_NOT_FOUND, NULL);
    http_header_add(&x->response, "Cache-Control", SLICE(BRAND_CACHE_CONTROL));
    respond_body(x, "application/manifest+json", json_manifest(x));
    return 200;
}
