/* SPDX-License-Identifier: MIT */
/* Answers requests for the preview of a link. */
#include "link/code.h"
#include "qr/qr.h"
#include "web/json_out.h"
#include "web/limit.h"
#include "web/managing.h"
#include "web/page.h"
#include "web/preview.h"
#include "web/refusal.h"

enum {
    PICTURE_PIXELS = 200,
};

/* The code before a '+' at the end, percent-encoded or not; empty when there is none. */
static struct slice preview_code(const struct exchange *x)
{
    static const struct slice marks[] = { { "+", 1 }, { "%2B", 3 }, { "%2b", 3 } };
    struct slice text = x->match.captures[0];
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (text.len <= marks[i].len ||
            !slice_eq(slice_from(text, text.len - marks[i].len), marks[i]))
            continue;
        struct slice code = { text.at, text.len - marks[i].len };
        if (code_is_wellformed(code))
            return code;
    }
    return (struct slice){ NULL, 0 };
}

bool preview_is_wanted(const struct exchange *x)
{
    return x->site->preview && x->request->method & (HTTP_GET | HTTP_HEAD) &&
           x->match.rest.len == 0 && preview_code(x).len;
}

static bool is_no_visit(const void *visitor, const struct target *target)
{
    (void)visitor;
    (void)target;
    return false;
}

/* Reads what a target does not have: the title and the time of creation. They are left out when the
 * database does not answer. */
static void read_details(struct exchange *x, struct link_preview *preview)
{
    struct link link;
    struct manage_request request = managing_request(x);
    request.caller = (struct caller){ .role = ROLE_ADMIN };
    if (manage_show(x->services->db, &request, &link, &x->err) != OUTCOME_OK)
        return;
    preview->title = link.title;
    preview->created_at = link.created_at;
}

/* The short URL as a QR code; empty when it cannot be drawn: the page is of use without it. */
static struct slice preview_picture(struct exchange *x, struct slice url)
{
    static const struct qr_style style = { .size = PICTURE_PIXELS,
                                           .margin = QR_MARGIN_DEFAULT,
                                           .light = { 255, 255, 255 } };
    struct qr_code code;
    bool fits = qr_encode(url, QR_LEVEL_M, x->arena, &code, &x->err) &&
                qr_size_least(&code, style.margin) <= style.size;
    return fits ? qr_svg(&code, &style, x->arena) : (struct slice){ NULL, 0 };
}

static int preview_show(struct exchange *x, const struct link_preview *preview)
{
    http_header_add(&x->response, "X-Robots-Tag", SLICE("noindex"));
    http_header_add(&x->response, "Referrer-Policy", SLICE("no-referrer"));
    http_header_set(&x->response, "Vary", SLICE("Accept"));
    if (!http_wants_html(x->request)) {
        respond_body(x, JSON_TYPE, json_preview(x, preview));
        return 200;
    }
    const struct page_link page = {
        .title = preview->title,
        .short_url = preview->short_url,
        .long_url = preview->long_url,
        .created_at = preview->created_at,
        .picture = preview_picture(x, preview->short_url),
    };
    page_respond_link(x, &page);
    return 200;
}

static int preview_live(struct exchange *x, const struct resolution *found)
{
    struct link_preview preview = {
        .code = x->match.captures[0],
        .short_url = short_url(x, x->match.captures[0]),
        .title = found->title,
    };
    if (found->target.max_clicks == 0)
        preview.long_url = found->target.long_url;
    read_details(x, &preview);
    return preview_show(x, &preview);
}

int preview_answer(struct exchange *x)
{
    struct resolution found;
    x->match.captures[0] = preview_code(x);
    struct resolve_request request = resolving_request(x);
    request.is_visit = is_no_visit;
    enum outcome outcome = resolve(&x->services->resolver, &request, &found, &x->err);
    x->level = found.level;
    x->cache_failed = found.cache_failed;
    if (outcome == OUTCOME_OK)
        return preview_live(x, &found);
    struct slice elsewhere = visit_fallback(x, &found, outcome);
    if (elsewhere.len)
        return send_elsewhere(x, elsewhere);
    if (outcome == OUTCOME_MISSING)
        limit_missed(x);
    return refuse_visit(x, outcome);
}
