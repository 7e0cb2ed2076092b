/* SPDX-License-Identifier: MIT */
/* The HTML of the page, for light and dark mode. */
#include "web/page.h"

#include "base/buf.h"
#include "text/escape.h"

enum {
    PAGE_MAX = 8 * 1024,
};

static const char HEAD[] =
    "<!doctype html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"robots\" content=\"noindex\">\n"
    "<style>\n"
    ":root { color-scheme: light dark; font: 18px/1.5 system-ui, sans-serif; }\n"
    "body { margin: 0; min-height: 100vh; display: grid; place-items: center; }\n"
    "main { max-width: 34rem; padding: 2rem; }\n"
    "h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .5rem; }\n"
    "p { margin: 0; opacity: .8; }\n"
    "button { font: inherit; margin-top: 1.5rem; padding: .4rem 1.2rem; }\n"
    "</style>\n"
    "<title>";

static void page_begin(struct buf *page, struct slice heading, struct slice text)
{
    buf_add_text(page, HEAD);
    escape_html(page, heading);
    buf_add_text(page, "</title>\n</head>\n<body>\n<main>\n<h1>");
    escape_html(page, heading);
    buf_add_text(page, "</h1>\n<p>");
    escape_html(page, text);
    buf_add_text(page, "</p>\n");
}

static struct slice page_end(struct buf *page)
{
    buf_add_text(page, "</main>\n</body>\n</html>\n");
    return buf_slice(page);
}

struct slice page_render(struct arena *arena, const char *heading, const char *text)
{
    struct buf page = buf_in(arena, PAGE_MAX);
    page_begin(&page, slice_of(heading), slice_of(text));
    return page_end(&page);
}

struct slice page_render_preview(struct arena *arena, struct slice title)
{
    struct buf page = buf_in(arena, PAGE_MAX);
    page_begin(&page, title.len ? title : SLICE("A link with a limited number of clicks"),
               SLICE("Programs that look at this link, such as previews in a chat, use none of its "
                     "clicks."));
    buf_add_text(&page, "<form method=\"post\"><input type=\"hidden\" name=\"curt\" "
                        "value=\"continue\"><button>Open the link</button></form>\n");
    return page_end(&page);
}
