/* SPDX-License-Identifier: MIT */
/* The document of the pages. All that depends on the site is in attributes of <html>, escaped. */
#include "web/shell.h"

#include "base/buf.h"
#include "text/escape.h"
#include "web/pages_files.h"

enum {
    SHELL_MAX = 16 * 1024,
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

static void shell_add_attribute(struct buf *page, const char *name, struct slice value)
{
    buf_printf(page, " %s=\"", name);
    escape_html(page, value);
    buf_add_text(page, "\"");
}

static void shell_add_files(struct buf *page, const struct site *site)
{
    for (const struct pages_file *file = PAGES_FILES; file->role != PAGES_END; file++) {
        buf_add_text(page, ELEMENTS[file->role].begin);
        escape_html(page, site->base_path);
        escape_html(page, site->pages_path);
        buf_printf(page, "/files/%s%s", file->name, ELEMENTS[file->role].end);
    }
}

struct slice shell_render(struct exchange *x)
{
    const struct site *site = x->site;
    struct buf page = buf_in(x->arena, SHELL_MAX);
    if (PAGES_FILES[0].role == PAGES_END)
        return buf_slice(&page);
    buf_add_text(&page, "<!doctype html>\n<html lang=\"en\"");
    shell_add_attribute(&page, "data-base", site->base_path);
    shell_add_attribute(&page, "data-path", site->pages_path);
    shell_add_attribute(&page, "data-short", site->base_url);
    shell_add_attribute(&page, "data-operator", site->operator_name);
    shell_add_attribute(&page, "data-create",
                        site->anonymous_create ? SLICE("anyone") : SLICE("users"));
    buf_add_text(&page, ">\n<head>\n");
    buf_add_text(&page, HEAD);
    shell_add_files(&page, site);
    buf_add_text(&page, "<title>");
    escape_html(&page, site->operator_name.len ? site->operator_name : SLICE("Short links"));
    buf_add_text(&page, "</title>\n");
    buf_add_text(&page, BODY);
    return buf_slice(&page);
}
