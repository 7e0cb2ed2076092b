/* SPDX-License-Identifier: MIT */
/* Handles a redirect. */
#include "base/buf.h"
#include "link/code.h"
#include "link/forward.h"
#include "web/click_log.h"
#include "web/handlers.h"
#include "web/limit.h"
#include "web/managing.h"
#include "web/page.h"
#include "web/preview.h"
#include "web/refusal.h"

enum {
    EDGE_MARGIN_S = 2,
    CACHE_CONTROL_MAX = 64, /* bytes */
};

/* The Cache-Control header: browsers may not keep the redirect; HTTP caches may if the site allows
 * it, but not for links with max_clicks. Caches count whole seconds from when the response reaches
 * them, which may be in the second after `now`: so their lifetime ends two seconds before the
 * link's. */
static struct slice cache_control(struct exchange *x, const struct target *target)
{
    int64_t seconds = x->site->edge_ttl_s;
    if (target->expires_at && target->expires_at - x->now - EDGE_MARGIN_S < seconds)
        seconds = target->expires_at - x->now - EDGE_MARGIN_S;
    if (seconds <= 0 || target->max_clicks)
        return SLICE("private, no-cache");
    struct buf text = buf_in(x->arena, CACHE_CONTROL_MAX);
    buf_add(&text, SLICE("public, max-age=0, s-maxage="));
    buf_add_int(&text, seconds);
    return text.failed ? SLICE("private, no-cache") : buf_slice(&text);
}

/* What the link does with a path behind its code. */
static enum extra_path extra_path_of(const struct exchange *x, const struct target *target)
{
    enum extra_path own = target_extra_path(target);
    return own == EXTRA_PATH_UNSET ? x->site->extra_path : own;
}

/* The rest of the request's path as the client sent it, without the slash behind the code. A
 * slash is a slash in the normalised path, too. */
static struct slice extra_path_sent(const struct exchange *x)
{
    struct slice rest = x->request->path;
    size_t slashes = 2;
    for (size_t i = 0; i < x->site->base_path.len; i++)
        slashes += x->site->base_path.at[i] == '/';
    for (; slashes > 0; slashes--)
        rest = slice_from(rest, slice_find(rest, '/') + 1);
    return rest;
}

/* The destination of a request, without the visitor's query; empty where the link refuses the path
 * behind its code. */
static struct slice destination_of(const struct exchange *x, const struct target *target)
{
    const struct slice nowhere = { NULL, 0 };
    size_t max = x->services->shortener.urls.max_bytes;
    if (x->match.rest.len == 0)
        return target->long_url;
    struct slice extra = extra_path_sent(x);
    enum extra_path meaning = extra_path_of(x, target);
    if (forward_path_has_dots(extra))
        return nowhere;
    if (meaning == EXTRA_PATH_IGNORED)
        return target->long_url;
    if (meaning != EXTRA_PATH_APPENDED)
        return nowhere;
    return forward_path(target->long_url, extra, max ? max : URL_MAX_BYTES_DEFAULT, x->arena);
}

static bool takes_path(const void *visitor, const struct target *target)
{
    return destination_of(visitor, target).len > 0;
}

static int send_visitor(struct exchange *x, const struct target *target)
{
    struct slice location = destination_of(x, target);
    if (location.len == 0)
        return refuse(x, PROBLEM_INTERNAL, NULL);
    if (target->flags & LINK_FORWARD_QUERY)
        location = forward_query(location, x->request->query, x->arena);
    http_header_add(&x->response, "Location", location);
    http_header_add(&x->response, "Cache-Control", cache_control(x, target));
    record(x, target->link_id);
    return target->redirect_status;
}

/* Whether the link takes the request's method: only 307 and 308 make clients send another method,
 * and the body, to the destination (RFC 9110, 15.4.8). */
static bool takes_method(const struct exchange *x, const struct target *target)
{
    return x->request->method & (HTTP_GET | HTTP_HEAD) || target->redirect_status == 307 ||
           target->redirect_status == 308;
}

/* Whether the request is that of the button on the preview page. */
static bool is_continued(const struct exchange *x)
{
    return x->request->method == HTTP_POST && slice_eq(x->request->body, SLICE(PAGE_CONTINUE));
}

/* Whether the request uses up one of the link's max_clicks: that of a person who is redirected. */
static bool spends_click(const void *visitor, const struct target *target)
{
    const struct exchange *x = visitor;
    if (x->request->method & (HTTP_GET | HTTP_HEAD))
        return x->request->method == HTTP_GET && !visitor_is_robot(x);
    return is_continued(x) || takes_method(x, target);
}

/* Resolves the code, or, unless the request is for a preview, what precedes bytes that no code has.
 */
static enum outcome redirect_resolve(struct exchange *x, struct resolution *found)
{
    const struct resolver *resolver = &x->services->resolver;
    struct resolve_request request = resolving_request(x);
    request.takes = x->match.rest.len ? takes_path : NULL;
    request.is_visit = spends_click;
    request.visitor = x;
    enum outcome outcome = resolve(resolver, &request, found, &x->err);
    if (outcome != OUTCOME_MISSING || preview_is_wanted(x) || !code_trim(&x->match.captures[0]))
        return outcome;
    request.code = x->match.captures[0];
    return resolve(resolver, &request, found, &x->err);
}

/* Answers the request for a live link. A bot's GET or HEAD of a link with max_clicks gets a preview
 * page without the destination; the page's button (POST) gets a 303 to it. */
static int answer_live(struct exchange *x, const struct resolution *found)
{
    bool is_limited = found->target.max_clicks > 0;
    bool is_get = x->request->method == HTTP_GET; /* one that is no visit is a robot's */
    bool is_robot =
        !found->was_visit && (is_get || (x->request->method == HTTP_HEAD && visitor_is_robot(x)));
    if (is_limited && is_robot) {
        page_respond_limited(x, found->title);
        return 200;
    }
    if (is_limited && is_continued(x)) {
        int status = send_visitor(x, &found->target);
        return status == found->target.redirect_status ? 303 : status;
    }
    return takes_method(x, &found->target) ? send_visitor(x, &found->target)
                                           : refuse_method(x, HTTP_GET | HTTP_HEAD);
}

int handle_redirect(struct exchange *x)
{
    struct resolution found;
    enum outcome outcome = redirect_resolve(x, &found);
    x->level = found.level;
    x->cache_failed = found.cache_failed;
    if (outcome == OUTCOME_OK)
        return answer_live(x, &found);
    struct slice elsewhere = visit_fallback(x, &found, outcome);
    if (elsewhere.len)
        return send_elsewhere(x, elsewhere);
    if (outcome == OUTCOME_MISSING) {
        if (preview_is_wanted(x))
            return preview_answer(x);
        limit_missed(x);
        if (!(x->request->method & (HTTP_GET | HTTP_HEAD)))
            return refuse_method(x, HTTP_GET | HTTP_HEAD);
    }
    return refuse_visit(x, outcome);
}
