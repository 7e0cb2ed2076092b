/* SPDX-License-Identifier: MIT */
/* Checks and writes each field of a link: one function per field, and the table of them. */
#include "service/draft.h"

#include <inttypes.h>

#include "text/utf8.h"

enum { DAY_S = 86400 };

/* The arguments of these functions. */
struct drafting {
    const struct shortener *shortener;
    const struct create_request *request;
    const struct wishes *wishes;
    struct link *link;
    struct error *err;
};

static enum create_outcome apply_url(const struct drafting *d)
{
    struct url url;
    switch (
        url_normalize(d->wishes->long_url, &d->shortener->urls, d->request->arena, &url, d->err)) {
    case URL_OK:
        break;
    case URL_INVALID:
        return CREATE_INVALID_URL;
    case URL_UNSUPPORTED_SCHEME:
        return CREATE_UNSUPPORTED_SCHEME;
    case URL_TOO_LONG:
        return CREATE_URL_TOO_LONG;
    case URL_NO_MEMORY:
        return CREATE_UNAVAILABLE;
    }
    if (destination_is_own(&url, &d->shortener->own)) {
        error_set(d->err, "the URL is one of this shortener's own");
        return CREATE_URL_IS_SHORT_URL;
    }
    struct blocked_file *blocked = d->shortener->blocked;
    if (blocked && !blocked_file_refresh(blocked, d->request->now, d->err))
        return CREATE_UNAVAILABLE;
    if (blocked && blocked_set_has(&blocked->set, url.host)) {
        error_set(d->err, "links to %.*s are not allowed",
                  (int)(url.host.len < 200 ? url.host.len : 200), url.host.at);
        return CREATE_BLOCKED_DESTINATION;
    }
    d->link->target.long_url = url.text;
    return CREATE_OK;
}

static enum create_outcome apply_alias(const struct drafting *d)
{
    if (!d->wishes->custom_alias.at)
        return CREATE_OK;
    switch (alias_check(d->wishes->custom_alias, &d->shortener->aliases, d->err)) {
    case ALIAS_OK:
        break;
    case ALIAS_INVALID:
        return CREATE_INVALID_ALIAS;
    case ALIAS_RESERVED:
        return CREATE_RESERVED_ALIAS;
    }
    return CREATE_OK;
}

/* The smaller of two limits, where 0 is no limit. */
static int64_t stricter(int64_t a, int64_t b)
{
    if (a == 0 || b == 0)
        return a ? a : b;
    return a < b ? a : b;
}

static enum create_outcome apply_expiry(const struct drafting *d)
{
    const struct user_policy *own = &d->request->caller.policy;
    int64_t now = d->request->now;
    int64_t longest = stricter(d->shortener->max_ttl_s, own->max_ttl_s);
    int64_t at = d->wishes->expires_at;
    if (at == 0) {
        int64_t usual = own->default_ttl_s ? own->default_ttl_s : d->shortener->default_ttl_s;
        int64_t life = usual ? stricter(usual, longest) : longest;
        d->link->target.expires_at = life ? now + life : 0;
        return CREATE_OK;
    }
    longest = stricter(longest, d->shortener->max_lifetime_s);
    if (at <= now) {
        error_set(d->err, "expires_at is in the past");
        return CREATE_INVALID_TIME;
    }
    if (longest && at - now > longest) {
        bool whole = longest % DAY_S == 0;
        error_set(d->err, "expires_at is more than %" PRId64 " %s away",
                  whole ? longest / DAY_S : longest, whole ? "days" : "seconds");
        return CREATE_INVALID_TIME;
    }
    d->link->target.expires_at = at;
    return CREATE_OK;
}

static enum create_outcome apply_start(const struct drafting *d)
{
    int64_t at = d->wishes->starts_at;
    if (at < 0 || at > d->request->now + d->shortener->max_lifetime_s) {
        error_set(d->err, "starts_at is out of range");
        return CREATE_INVALID_START;
    }
    d->link->target.starts_at = at;
    return CREATE_OK;
}

static enum create_outcome apply_max_clicks(const struct drafting *d)
{
    int64_t max = d->wishes->max_clicks;
    if (max < 0 || max >> MAX_CLICKS_MAX_BITS) {
        error_set(d->err, "max_clicks is a number from 1 to 2^%d - 1", MAX_CLICKS_MAX_BITS);
        return CREATE_INVALID_MAX_CLICKS;
    }
    d->link->target.max_clicks = (uint64_t)max;
    return CREATE_OK;
}

static enum create_outcome apply_status(const struct drafting *d)
{
    int64_t status = d->wishes->redirect_status ? d->wishes->redirect_status
                                                : (int64_t)d->shortener->default_status;
    if (!redirect_status_is_valid(status)) {
        error_set(d->err, "redirect_status is one of 301, 302, 303, 307 and 308");
        return CREATE_INVALID_STATUS;
    }
    d->link->target.redirect_status = (uint16_t)status;
    return CREATE_OK;
}

static enum create_outcome apply_forward_query(const struct drafting *d)
{
    unsigned others = d->link->target.flags & ~(unsigned)LINK_FORWARD_QUERY;
    d->link->target.flags =
        (uint16_t)(others | (d->wishes->forward_query ? LINK_FORWARD_QUERY : 0));
    return CREATE_OK;
}

static enum create_outcome apply_title(const struct drafting *d)
{
    struct slice title = slice_trim(d->wishes->title);
    if (title.len > LINK_TITLE_MAX || !utf8_is_line(title)) {
        error_set(d->err, "title is at most %d bytes of UTF-8 without control characters",
                  LINK_TITLE_MAX);
        return CREATE_INVALID_TITLE;
    }
    d->link->title = title;
    return CREATE_OK;
}

/* Inserts `tag` in order among the sorted tags unless it is one of them; returns their number. */
static unsigned insert_tag(struct slice *tags, unsigned n, struct slice tag)
{
    unsigned at = n;
    for (; at > 0; at--) {
        size_t shared = tags[at - 1].len < tag.len ? tags[at - 1].len : tag.len;
        int order = memcmp(tags[at - 1].at, tag.at, shared);
        if (order == 0 && tags[at - 1].len == tag.len)
            return n;
        if (order < 0 || (order == 0 && tags[at - 1].len < tag.len))
            break;
    }
    memmove(tags + at + 1, tags + at, (n - at) * sizeof(*tags));
    tags[at] = tag;
    return n + 1;
}

static enum create_outcome apply_tags(const struct drafting *d)
{
    unsigned given = d->wishes->n_tags;
    if (given > LINK_TAGS_MAX) {
        error_set(d->err, "tags are at most %d", LINK_TAGS_MAX);
        return CREATE_INVALID_TAGS;
    }
    struct slice *tags = arena_alloc(d->request->arena, (given + 1) * sizeof(*tags));
    if (!tags) {
        error_set(d->err, "out of memory");
        return CREATE_UNAVAILABLE;
    }
    unsigned n = 0;
    for (unsigned i = 0; i < given; i++) {
        struct slice tag = slice_trim(d->wishes->tags[i]);
        if (tag.len == 0 || tag.len > LINK_TAG_MAX || !utf8_is_line(tag)) {
            error_set(d->err, "a tag is 1 to %d bytes of UTF-8 without control characters",
                      LINK_TAG_MAX);
            return CREATE_INVALID_TAGS;
        }
        n = insert_tag(tags, n, tag);
    }
    d->link->tags = tags;
    d->link->n_tags = n;
    return CREATE_OK;
}

static const struct {
    enum wish wish;
    enum create_outcome (*apply)(const struct drafting *d);
} STEPS[] = {
    { WISH_URL, apply_url },
    { WISH_ALIAS, apply_alias },
    { WISH_EXPIRY, apply_expiry },
    { WISH_START, apply_start },
    { WISH_MAX_CLICKS, apply_max_clicks },
    { WISH_STATUS, apply_status },
    { WISH_FORWARD_QUERY, apply_forward_query },
    { WISH_TITLE, apply_title },
    { WISH_TAGS, apply_tags },
};

static enum create_outcome apply(const struct drafting *d, unsigned given)
{
    for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++) {
        enum create_outcome outcome = given & STEPS[i].wish ? STEPS[i].apply(d) : CREATE_OK;
        if (outcome != CREATE_OK)
            return outcome;
    }
    const struct target *target = &d->link->target;
    if (given & (WISH_EXPIRY | WISH_START) && target->starts_at && target->expires_at &&
        target->starts_at >= target->expires_at) {
        error_set(d->err, "starts_at is not before expires_at");
        return CREATE_INVALID_START;
    }
    return CREATE_OK;
}

enum create_outcome draft_apply(const struct shortener *shortener,
                                const struct create_request *request, struct link *link,
                                struct error *err)
{
    const struct drafting d = { shortener, request, &request->wishes, link, err };
    return apply(&d, request->wishes.given);
}

/* Makes the custom alias the link's code and only alias. */
static enum create_outcome name_by_alias(const struct drafting *d)
{
    struct slice *aliases = arena_alloc(d->request->arena, sizeof(*aliases));
    if (!aliases) {
        error_set(d->err, "out of memory");
        return CREATE_UNAVAILABLE;
    }
    *aliases = d->wishes->custom_alias;
    d->link->code = *aliases;
    d->link->code_is_alias = true;
    d->link->aliases = aliases;
    d->link->n_aliases = 1;
    return CREATE_OK;
}

enum create_outcome draft_new(const struct shortener *shortener,
                              const struct create_request *request, struct link *out,
                              struct error *err)
{
    *out = (struct link){
        .target = { .version = 1 },
        .owner_id = request->caller.user_id,
        .owner = request->caller.user,
        .created_at = request->now,
        .updated_at = request->now,
    };
    const struct drafting d = { shortener, request, &request->wishes, out, err };
    enum create_outcome outcome = apply(&d, ~0U);
    if (outcome == CREATE_OK && request->wishes.custom_alias.at)
        outcome = name_by_alias(&d);
    return outcome;
}
