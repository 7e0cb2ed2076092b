/* SPDX-License-Identifier: MIT */
/* The document of the pages. All that depends on the site is in attributes of <html>, escaped. */
#include "web/shell.h"

#include <inttypes.h>

#include "base/buf.h"
#include "text/escape.h"
#include "web/pages_files.h"

enum {
    SHELL_MAX = 64 * 1024,
};

static const char HEAD[] =
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"robots\" content=\"noindex\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n";

/* Shown until the scripts run; for longer only where they cannot. */
static const char BODY[] = "</head>\n<body>\n<div id=\"app\"><main class=\"waiting\"><p>This page "
                           "needs JavaScript, and its "
                           "files from this web server.</p></main></div>\n</body>\n</html>\n";

/* The beginning and the end of the element that loads a file, by its role. */
static const struct {
    const char *begin, *end;
} ELEMENTS[] = {
    [PAGES_SCRIPT] = { "<script type=\"module\" src=\"", "\"></script>\n" },
    [PAGES_PRELOAD] = { "<link rel=\"modulepreload\" href=\"", "\">\n" },
    [PAGES_STYLE] = { "<link rel=\"stylesheet\" href=\"", "\">\n" },
    [PAGES_ICON] = { "<link rel=\"icon\" type=\"image/svg+xml\" href=\"", "\">\n" },
};

/* What the document says of the site, as attributes of <html> (www/pages/site.js). */
static void shell_add_attributes(struct buf *page, const struct exchange *x)
{
    const struct site *site = x->site;
    const struct {
        const char *name;
        struct slice value;
    } attributes[] = {
        { "data-base", site->base_path },
        { "data-path", site->pages_path },
        { "data-short", site->base_url },
        { "data-operator", site->operator_name },
        { "data-create", site->anonymous_create ? SLICE("anyone") : SLICE("users") },
        { "data-logo", site->brand.header_logo.len ? SLICE("yes") : SLICE("no") },
        { "data-imprint", site->brand.imprint_url },
        { "data-privacy", site->brand.privacy_url },
        { "data-abuse", site->brand.abuse_url },
    };
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        buf_printf(page, " %s=\"", attributes[i].name);
        escape_html(page, attributes[i].value);
        buf_add_text(page, "\"");
    }
    buf_printf(page, " data-restore=\"%" PRId64 "\"", x->services->shortener.restore_window_s);
}

static void shell_add_path(struct buf *page, const struct site *site, const char *before,
                           const char *name)
{
    buf_add_text(page, before);
    escape_html(page, site->base_path);
    escape_html(page, site->pages_path);
    buf_printf(page, "%s\">\n", name);
}

static void shell_add_files(struct buf *page, const struct site *site)
{
    for (const struct pages_file *file = PAGES_FILES; file->role != PAGES_END; file++) {
        if (file->role == PAGES_ICON && site->brand.icon.len)
            continue;
        buf_add_text(page, ELEMENTS[file->role].begin);
        escape_html(page, site->base_path);
        escape_html(page, site->pages_path);
        buf_printf(page, "/files/%s%s", file->name, ELEMENTS[file->role].end);
    }
}

/* The operator's icon and colours, and what installing the pages needs. */
static void shell_add_brand(struct buf *page, const struct site *site)
{
    const struct brand *brand = &site->brand;
    if (brand->icon.len)
        shell_add_path(page, site, "<link rel=\"icon\" href=\"", "/icon");
    shell_add_path(page, site, "<link rel=\"manifest\" href=\"", "/manifest.webmanifest");
    if (brand->style.len)
        buf_printf(page, "<style>%.*s</style>\n", SLICE_ARG(brand->style));
    if (brand->theme_light.len)
        buf_printf(page,
                   "<meta name=\"theme-color\" content=\"%.*s\">\n"
                   "<meta name=\"theme-color\" content=\"%.*s\" "
                   "media=\"(prefers-color-scheme: dark)\">\n",
                   SLICE_ARG(brand->theme_light), SLICE_ARG(brand->theme_dark));
}

struct slice shell_render(struct exchange *x)
{
    const struct site *site = x->site;
    struct buf page = buf_in(x->arena, SHELL_MAX);
    if (PAGES_FILES[0].role == PAGES_END)
        return buf_slice(&page);
    buf_add_text(&page, "<!doctype html>\n<html lang=\"en\"");
    shell_add_attributes(&page, x);
    buf_add_text(&page, ">\n<head>\n");
    buf_add_text(&page, HEAD);
    shell_add_files(&page, site);
    shell_add_brand(&page, site);
    buf_add_text(&page, "<title>");
    escape_html(&page, site->operator_name.len ? site->operator_name : SLICE("Short links"));
    buf_add_text(&page, "</title>\n");
    buf_add_text(&page, BODY);
    return buf_slice(&page);
}
