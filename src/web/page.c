/* SPDX-License-Identifier: MIT */
/* The HTML of the page, for light and dark mode. */
#include "web/page.h"

#include "base/buf.h"
#include "text/escape.h"

enum {
    PAGE_MAX = 8 * 1024,
    PAGE_LINK_MAX =
        256 * 1024, /* with a long URL, of which a byte takes six at most, and a picture */
};

#define HEAD                                                                     \
    "<!doctype html>\n"                                                          \
    "<html lang=\"en\">\n"                                                       \
    "<head>\n"                                                                   \
    "<meta charset=\"utf-8\">\n"                                                 \
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" \
    "<meta name=\"robots\" content=\"noindex\">\n"                               \
    "<style>" PAGE_STYLE "</style>\n"                                            \
    "<title>"

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

/* Adds a paragraph of a class with a text of the page's own, and one that is escaped. */
static void page_add_line(struct buf *page, const char *label, struct slice text)
{
    buf_add_text(page, "<p>");
    buf_add_text(page, label);
    buf_add_text(page, "</p>\n<p class=\"url\">");
    escape_html(page, text);
    buf_add_text(page, "</p>\n");
}

struct slice page_render_link(struct arena *arena, const struct page_link *link)
{
    struct buf page = buf_in(arena, PAGE_LINK_MAX);
    page_begin(&page, link->title.len ? link->title : SLICE("Where this link leads"),
               link->short_url);
    if (link->long_url.len)
        page_add_line(&page, "leads to", link->long_url);
    else
        buf_add_text(&page,
                     "<p>It can be opened a limited number of times, so only those who open it "
                     "see where it leads.</p>\n");
    if (link->age.len)
        page_add_line(&page, "It was made on", link->age);
    buf_add_text(&page, "<p><a rel=\"noreferrer\" href=\"");
    escape_html(&page, link->short_url);
    buf_add_text(&page, "\">Open the link</a></p>\n");
    buf_add(&page, link->picture);
    return page_end(&page);
}
