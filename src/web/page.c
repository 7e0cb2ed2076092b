/* SPDX-License-Identifier: MIT */
/* The HTML of the page, for light and dark mode. */
#include "web/page.h"

#include "base/buf.h"
#include "text/escape.h"

/* The heading of a link with max_clicks that has no title. */
#define PAGE_LIMITED "A link with a limited number of clicks"

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

struct slice page_render_hint(struct arena *arena, struct slice operator, struct slice sign_in)
{
    struct buf page = buf_in(arena, PAGE_MAX);
    struct buf text = buf_in(arena, PAGE_MAX);
    buf_add_text(&text, "This site makes short links.");
    if (operator.len) {
        buf_add_text(&text, " It is run by ");
        buf_add(&text, operator);
        buf_add_text(&text, ".");
    }
    page_begin(&page, operator.len ? operator : SLICE("Short links"), buf_slice(&text));
    buf_add_text(&page, "<p class=\"url\"><a href=\"");
    escape_html(&page, sign_in);
    buf_add_text(&page, "\">Sign in</a></p>\n");
    return page_end(&page);
}

struct slice page_render_preview(struct arena *arena, struct slice title)
{
    struct buf page = buf_in(arena, PAGE_MAX);
    page_begin(&page, title.len ? title : SLICE(PAGE_LIMITED),
               SLICE("Programs that look at this link, such as previews in a chat, use none of its "
                     "clicks."));
    buf_add_text(&page, "<form method=\"post\"><input type=\"hidden\" name=\"curt\" "
                        "value=\"continue\"><button>Open the link</button></form>\n");
    return page_end(&page);
}

/* Says where the link leads, or why that is not said. */
static void page_add_destination(struct buf *page, struct slice long_url)
{
    if (long_url.len) {
        buf_add_text(page, "<p>leads to</p>\n<p class=\"url\">");
        escape_html(page, long_url);
        buf_add_text(page, "</p>\n");
    } else {
        buf_add_text(page,
                     "<p>Only whoever opens it sees where it leads, since that uses one of its "
                     "clicks.</p>\n");
    }
}

struct slice page_render_link(struct arena *arena, const struct page_link *link)
{
    struct slice heading = link->title;
    if (heading.len == 0)
        heading = link->long_url.len ? SLICE("Where this link leads") : SLICE(PAGE_LIMITED);
    struct buf page = buf_in(arena, PAGE_LINK_MAX);
    page_begin(&page, heading, link->short_url);
    page_add_destination(&page, link->long_url);
    if (link->age.len) {
        buf_add_text(&page, "<p>Made on ");
        escape_html(&page, link->age);
        buf_add_text(&page, ".</p>\n");
    }
    buf_add_text(&page, "<p><a rel=\"noreferrer\" href=\"");
    escape_html(&page, link->short_url);
    buf_add_text(&page, "\">Open the link</a></p>\n");
    buf_add(&page, link->picture);
    return page_end(&page);
}
