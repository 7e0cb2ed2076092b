/* SPDX-License-Identifier: MIT */
/* The HTML of the small pages. */
#include "web/page.h"

#include "base/buf.h"
#include "base/number.h"
#include "text/escape.h"
#include "text/rfc3339.h"

enum {
    PAGE_MAX = 16 * 1024,
    FRAME_MAX = 32 * 1024, /* with addresses of the configuration, of which a byte takes six */
    TEXT_MAX = 1024,
    MINUTE = 60,
    PAGE_LINK_MAX =
        256 * 1024, /* with a long URL twice, of which a byte takes six at most, and a picture */
};

/* The address of a file of the operator's that Curt sends. */
static void page_add_file(struct buf *page, const struct site *site, const char *name)
{
    escape_html(page, site->base_path);
    escape_html(page, site->pages_path);
    buf_add_text(page, name);
}

static struct slice page_head(const struct site *site, enum page_language language,
                              struct arena *arena)
{
    struct buf page = buf_in(arena, FRAME_MAX);
    buf_printf(&page,
               "<!doctype html>\n<html lang=\"%s\" dir=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
               "<meta name=\"robots\" content=\"noindex\">\n",
               page_language_tag(language), page_language_direction(language));
    if (site->brand.icon.len) {
        buf_add_text(&page, "<link rel=\"icon\" href=\"");
        page_add_file(&page, site, "/icon\">\n");
    }
    buf_add_text(&page, "<style>" PAGE_STYLE "</style>\n");
    if (site->brand.style.len) {
        buf_add_text(&page, "<style>");
        buf_add(&page, site->brand.style);
        buf_add_text(&page, "</style>\n");
    }
    buf_add_text(&page, "<title>");
    return buf_slice(&page);
}

static struct slice page_top(const struct site *site, struct arena *arena)
{
    struct buf page = buf_in(arena, FRAME_MAX);
    buf_add_text(&page, "</head>\n<body>\n");
    if (site->operator_name.len || site->brand.header_logo.len)
        buf_add_text(&page, "<header>");
    if (site->brand.header_logo.len) {
        buf_add_text(&page, "<img alt=\"\" src=\"");
        page_add_file(&page, site, "/logo\">");
    }
    if (site->operator_name.len) {
        buf_add_text(&page, "<bdi>");
        escape_html(&page, site->operator_name);
        buf_add_text(&page, "</bdi>");
    }
    if (site->operator_name.len || site->brand.header_logo.len)
        buf_add_text(&page, "</header>\n");
    buf_add_text(&page, "<main>\n");
    return buf_slice(&page);
}

static struct slice page_foot(const struct site *site, enum page_language language,
                              struct arena *arena)
{
    const struct {
        struct slice url;
        enum page_text text;
    } links[] = {
        { site->brand.imprint_url, TEXT_IMPRINT },
        { site->brand.privacy_url, TEXT_PRIVACY },
        { site->brand.abuse_url, TEXT_ABUSE },
    };
    struct buf page = buf_in(arena, FRAME_MAX);
    bool has_links = links[0].url.len || links[1].url.len || links[2].url.len;
    buf_add_text(&page, "</main>\n");
    if (has_links)
        buf_add_text(&page, "<footer>\n");
    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        if (!links[i].url.len)
            continue;
        buf_add_text(&page, "<a href=\"");
        escape_html(&page, links[i].url);
        buf_printf(&page, "\">%s</a>\n", page_text(language, links[i].text));
    }
    if (has_links)
        buf_add_text(&page, "</footer>\n");
    buf_add_text(&page, "</body>\n</html>\n");
    return buf_slice(&page);
}

static bool page_frame_make(const struct site *site, enum page_language language,
                            struct arena *arena, struct page_frame *out)
{
    *out = (struct page_frame){
        .head = page_head(site, language, arena),
        .top = page_top(site, arena),
        .foot = page_foot(site, language, arena),
    };
    return out->head.len && out->top.len && out->foot.len;
}

bool page_frames_make(const struct site *site, struct arena *arena,
                      struct page_frame out[PAGE_LANGUAGES])
{
    bool good = true;
    for (int language = 0; language < PAGE_LANGUAGES && good; language++)
        good = page_frame_make(site, (enum page_language)language, arena, &out[language]);
    return good;
}

/* A page that is being written. */
struct page {
    struct buf html;
    enum page_language language;
    struct page_frame frame;
};

static struct page page_new(const struct exchange *x, size_t max)
{
    struct page page = { .html = buf_in(x->arena, max), .language = page_language_of(x->request) };
    if (x->site->frames)
        page.frame = x->site->frames[page.language];
    else if (!page_frame_make(x->site, page.language, x->arena, &page.frame))
        page.html.failed = true;
    return page;
}

static void page_begin_head(struct page *page, struct slice heading)
{
    buf_add(&page->html, page->frame.head);
    escape_html(&page->html, heading);
    buf_add_text(&page->html, "</title>\n");
}

static void page_begin_body(struct page *page, struct slice heading)
{
    buf_add(&page->html, page->frame.top);
    buf_add_text(&page->html, "<h1 dir=\"auto\">");
    escape_html(&page->html, heading);
    buf_add_text(&page->html, "</h1>\n");
}

static void page_begin(struct page *page, struct slice heading)
{
    page_begin_head(page, heading);
    page_begin_body(page, heading);
}

static void page_add_paragraph(struct page *page, struct slice text)
{
    buf_add_text(&page->html, "<p>");
    escape_html(&page->html, text);
    buf_add_text(&page->html, "</p>\n");
}

static void page_add_own(struct page *page, enum page_text text)
{
    page_add_paragraph(page, slice_of(page_text(page->language, text)));
}

/* An address, which is written from left to right within any text. */
static void page_add_address(struct page *page, struct slice address)
{
    buf_add_text(&page->html, "<p class=\"url\"><bdi dir=\"ltr\">");
    escape_html(&page->html, address);
    buf_add_text(&page->html, "</bdi></p>\n");
}

/* Ends the page and responds with it. Caches have to tell languages apart. */
static void page_end(struct exchange *x, struct page *page)
{
    struct slice vary = http_header_get(&x->response, "Vary");
    struct buf also = buf_in(x->arena, TEXT_MAX);
    buf_add(&page->html, page->frame.foot);
    buf_add(&also, vary);
    buf_add_text(&also, vary.len ? ",Accept-Language" : "Accept-Language");
    http_header_set(&x->response, "Vary", buf_slice(&also));
    http_header_add(&x->response, "Content-Language", slice_of(page_language_tag(page->language)));
    respond_body(x, PAGE_TYPE, buf_slice(&page->html));
}

/* Says how long to wait, where Retry-After does. */
static void page_add_retry(struct exchange *x, struct page *page)
{
    uint64_t seconds;
    if (!number_parse(http_header_get(&x->response, "Retry-After"), INT32_MAX, &seconds))
        return;
    struct buf wait = buf_in(x->arena, TEXT_MAX), text = buf_in(x->arena, TEXT_MAX);
    page_add_wait(&wait, page->language, (int64_t)seconds);
    page_add_text(&text, page_text(page->language, TEXT_TRY_AGAIN), buf_slice(&wait));
    page_add_paragraph(page, buf_slice(&text));
}

void page_respond_problem(struct exchange *x)
{
    struct page page = page_new(x, PAGE_MAX);
    const struct page_problem problem = page_problem(page.language, x->problem);
    page_begin(&page, slice_of(problem.title));
    page_add_paragraph(&page, slice_of(problem.meaning));
    page_add_retry(x, &page);
    if (x->problem == PROBLEM_INTERNAL) {
        page_add_own(&page, TEXT_REQUEST);
        page_add_address(&page, x->request_id);
    }
    page_end(x, &page);
}

void page_respond_hint(struct exchange *x, struct slice sign_in)
{
    struct page page = page_new(x, PAGE_MAX);
    struct slice operator= x->site->operator_name;
    struct buf text = buf_in(x->arena, PAGE_MAX);
    buf_add_text(&text, page_text(page.language, TEXT_MAKES_SHORT_LINKS));
    if (operator.len) {
        buf_add_byte(&text, ' ');
        page_add_text(&text, page_text(page.language, TEXT_RUN_BY), operator);
    }
    page_begin(&page, operator.len ? operator
                                   : slice_of(page_text(page.language, TEXT_SHORT_LINKS)));
    page_add_paragraph(&page, buf_slice(&text));
    buf_add_text(&page.html, "<p class=\"url\"><a href=\"");
    escape_html(&page.html, sign_in);
    buf_printf(&page.html, "\">%s</a></p>\n", page_text(page.language, TEXT_SIGN_IN));
    page_end(x, &page);
}

void page_respond_limited(struct exchange *x, struct slice title)
{
    struct page page = page_new(x, PAGE_MAX);
    page_begin(&page, title.len ? title : slice_of(page_text(page.language, TEXT_LIMITED)));
    page_add_own(&page, TEXT_LIMITED_PROGRAMS);
    buf_printf(&page.html,
               "<form method=\"post\"><input type=\"hidden\" name=\"curt\" "
               "value=\"continue\"><button>%s</button></form>\n",
               page_text(page.language, TEXT_OPEN));
    http_header_add(&x->response, "Content-Security-Policy",
                    x->site->brand.button_policy.len ? x->site->brand.button_policy
                                                     : SLICE(PAGE_BUTTON_POLICY));
    page_end(x, &page);
}

/* "Made on 2026-11-30, 3 days ago." */
static void page_add_made_at(struct exchange *x, struct page *page, int64_t created_at)
{
    char time[RFC3339_SIZE];
    struct buf ago = buf_in(x->arena, TEXT_MAX), day = buf_in(x->arena, TEXT_MAX);
    struct buf text = buf_in(x->arena, TEXT_MAX);
    rfc3339_format(created_at, time);
    buf_printf(&day, "%.10s%s", time, page_text(page->language, TEXT_COMMA));
    if (x->now - created_at < MINUTE) {
        buf_add_text(&day, page_text(page->language, TEXT_JUST_NOW));
    } else {
        page_add_age(&ago, page->language, x->now - created_at);
        page_add_text(&day, page_text(page->language, TEXT_AGO), buf_slice(&ago));
    }
    page_add_text(&text, page_text(page->language, TEXT_MADE_AT), buf_slice(&day));
    page_add_paragraph(page, buf_slice(&text));
}

/* What a social network or a chat shows of the preview when somebody posts its address (The Open
 * Graph protocol, ogp.me). */
static void page_add_social(struct page *page, const struct site *site, struct slice heading,
                            const struct page_link *link)
{
    const struct {
        const char *name;
        struct slice value;
    } tags[] = {
        { "og:title", heading },
        { "og:description", link->long_url },
        { "og:site_name", site->operator_name },
    };
    struct buf *html = &page->html;
    buf_add_text(html, "<meta property=\"og:type\" content=\"website\">\n"
                       "<meta name=\"twitter:card\" content=\"summary\">\n"
                       "<meta property=\"og:url\" content=\"");
    escape_html(html, link->short_url);
    buf_add_text(html, "+\">\n");
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        struct slice value = tags[i].value;
        if (value.len == 0)
            continue;
        buf_printf(html, "<meta property=\"%s\" content=\"", tags[i].name);
        escape_html(html, value);
        buf_add_text(html, "\">\n");
    }
}

void page_respond_link(struct exchange *x, const struct page_link *link)
{
    struct page page = page_new(x, PAGE_LINK_MAX);
    struct slice heading = link->title;
    if (heading.len == 0)
        heading = slice_of(
            page_text(page.language, link->long_url.len ? TEXT_LEADS_WHERE : TEXT_LIMITED));
    page_begin_head(&page, heading);
    page_add_social(&page, x->site, heading, link);
    page_begin_body(&page, heading);
    page_add_address(&page, link->short_url);
    page_add_own(&page, link->long_url.len ? TEXT_LEADS_TO : TEXT_LIMITED_SECRET);
    if (link->long_url.len)
        page_add_address(&page, link->long_url);
    if (link->created_at)
        page_add_made_at(x, &page, link->created_at);
    buf_add_text(&page.html, "<p><a rel=\"noreferrer\" href=\"");
    escape_html(&page.html, link->short_url);
    buf_printf(&page.html, "\">%s</a></p>\n", page_text(page.language, TEXT_OPEN));
    buf_add(&page.html, link->picture);
    page_end(x, &page);
}
