/* SPDX-License-Identifier: MIT */
/* Checks and writes each field of a link: one function per kind of field, and the table of them. */
#include "service/draft.h"

#include <inttypes.h>

#include "link/code.h"
#include "service/tags.h"
#include "text/utf8.h"

enum { DAY_S = 86400 };

/* The arguments of these functions. */
struct drafting {
    const struct shortener *shortener;
    const struct create_request *request;
    const struct link *values; /* the fields of the request */
    struct link *link;
    struct error *err;
};

/* Checks the field's value and writes it into the link. */
typedef enum outcome draft_rule(const struct drafting *d, enum link_field field);

static enum outcome apply_url(const struct drafting *d, enum link_field field)
{
    struct url url;
    struct field_value value = link_field_get(d->values, field);
    if (value.text.len == 0 && field != FIELD_LONG_URL) {
        link_field_put(d->link, field, &value);
        return OUTCOME_OK;
    }
    switch (url_normalize(value.text, &d->shortener->urls, d->request->arena, &url, d->err)) {
    case URL_OK:
        break;
    case URL_INVALID:
        return OUTCOME_INVALID_URL;
    case URL_UNSUPPORTED_SCHEME:
        return OUTCOME_UNSUPPORTED_SCHEME;
    case URL_TOO_LONG:
        return OUTCOME_URL_TOO_LONG;
    case URL_NO_MEMORY:
        return OUTCOME_UNAVAILABLE;
    }
    if (destination_is_own(&url, &d->shortener->own)) {
        error_set(d->err, "the URL is one of this shortener's own");
        return OUTCOME_URL_IS_SHORT_URL;
    }
    struct blocked_file *blocked = d->shortener->blocked;
    if (blocked && !blocked_file_refresh(blocked, d->request->now, d->err))
        return OUTCOME_UNAVAILABLE;
    if (blocked && !d->request->force && blocked_set_has(&blocked->set, url.host)) {
        error_set(d->err, "links to %.*s are not allowed",
                  (int)(url.host.len < 200 ? url.host.len : 200), url.host.at);
        return OUTCOME_BLOCKED_DESTINATION;
    }
    value.text = url.text;
    link_field_put(d->link, field, &value);
    return OUTCOME_OK;
}

static enum outcome draft_check_alias(const struct drafting *d)
{
    const struct slice alias = d->request->fields.custom_alias;
    if (!alias.at || link_has_alias(d->link, alias)) /* an import may have brought it */
        return OUTCOME_OK;
    struct alias_policy policy = d->shortener->aliases;
    if (d->request->force)
        policy.min_length = 1, policy.max_length = CODE_MAX;
    struct error why = { "" };
    enum alias_verdict verdict = alias_check(alias, &policy, &why);
    if (verdict == ALIAS_OK || (d->request->force && alias_is_policy(verdict)))
        return OUTCOME_OK;
    *d->err = why;
    return verdict == ALIAS_INVALID ? OUTCOME_INVALID_ALIAS : OUTCOME_RESERVED_ALIAS;
}

/* The smaller of two limits, where 0 is no limit. */
static int64_t stricter(int64_t a, int64_t b)
{
    if (a == 0 || b == 0)
        return a ? a : b;
    return a < b ? a : b;
}

static enum outcome apply_expiry(const struct drafting *d)
{
    const struct user_policy *own = &d->request->caller.policy;
    int64_t now = d->request->now;
    int64_t longest = stricter(d->shortener->max_ttl_s, own->max_ttl_s);
    int64_t at = d->values->target.expires_at;
    if (at == 0) {
        int64_t usual = own->default_ttl_s ? own->default_ttl_s : d->shortener->default_ttl_s;
        int64_t life = usual ? stricter(usual, longest) : longest;
        d->link->target.expires_at = life ? now + life : 0;
        return OUTCOME_OK;
    }
    longest = stricter(longest, d->shortener->max_lifetime_s);
    if (at <= now) {
        error_set(d->err, "expires_at is in the past");
        return OUTCOME_INVALID_TIME;
    }
    if (longest && at - now > longest) {
        bool whole = longest % DAY_S == 0;
        error_set(d->err, "expires_at is more than %" PRId64 " %s away",
                  whole ? longest / DAY_S : longest, whole ? "days" : "seconds");
        return OUTCOME_INVALID_TIME;
    }
    d->link->target.expires_at = at;
    return OUTCOME_OK;
}

static enum outcome apply_start(const struct drafting *d)
{
    int64_t at = d->values->target.starts_at;
    if (at < 0 || at > d->request->now + d->shortener->max_lifetime_s) {
        error_set(d->err, "starts_at is out of range");
        return OUTCOME_INVALID_TIME;
    }
    d->link->target.starts_at = at;
    return OUTCOME_OK;
}

static enum outcome apply_time(const struct drafting *d, enum link_field field)
{
    return field == FIELD_EXPIRES_AT ? apply_expiry(d) : apply_start(d);
}

static enum outcome apply_count(const struct drafting *d, enum link_field field)
{
    const struct field_value value = link_field_get(d->values, field);
    if (value.number >> MAX_CLICKS_MAX_BITS) {
        error_set(d->err, "%s is a number from 1 to 2^%d - 1", link_field_rows[field].name,
                  MAX_CLICKS_MAX_BITS);
        return OUTCOME_INVALID_FIELD;
    }
    link_field_put(d->link, field, &value);
    return OUTCOME_OK;
}

static enum outcome apply_status(const struct drafting *d, enum link_field field)
{
    struct field_value value = link_field_get(d->values, field);
    if (value.number == 0)
        value.number = d->shortener->default_status;
    if (!redirect_status_is_valid((int64_t)value.number)) {
        error_set(d->err, "%s is one of 301, 302, 303, 307 and 308", link_field_rows[field].name);
        return OUTCOME_INVALID_FIELD;
    }
    link_field_put(d->link, field, &value);
    return OUTCOME_OK;
}

/* A flag or a word, which the reader of the request has understood. */
static enum outcome apply_bits(const struct drafting *d, enum link_field field)
{
    const struct field_value value = link_field_get(d->values, field);
    link_field_put(d->link, field, &value);
    return OUTCOME_OK;
}

static enum outcome apply_text(const struct drafting *d, enum link_field field)
{
    const struct field_value value = { .text = slice_trim(link_field_get(d->values, field).text) };
    if (value.text.len > link_field_rows[field].max || !utf8_is_line(value.text)) {
        error_set(d->err, "%s is at most %u bytes of UTF-8 without control characters",
                  link_field_rows[field].name, link_field_rows[field].max);
        return OUTCOME_INVALID_FIELD;
    }
    link_field_put(d->link, field, &value);
    return OUTCOME_OK;
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

static enum outcome apply_tags(const struct drafting *d, enum link_field field)
{
    (void)field;
    unsigned given = d->values->n_tags;
    if (given > LINK_TAGS_MAX) {
        error_set(d->err, "tags are at most %d", LINK_TAGS_MAX);
        return OUTCOME_INVALID_FIELD;
    }
    struct slice *tags = arena_alloc(d->request->arena, (given + 1) * sizeof(*tags));
    if (!tags) {
        error_set(d->err, "out of memory");
        return OUTCOME_UNAVAILABLE;
    }
    unsigned n = 0;
    for (unsigned i = 0; i < given; i++) {
        struct slice tag = slice_trim(d->values->tags[i]);
        if (!tag_is_valid(tag)) {
            error_set(d->err, "a tag is 1 to %d bytes of UTF-8 without control characters",
                      LINK_TAG_MAX);
            return OUTCOME_INVALID_FIELD;
        }
        n = insert_tag(tags, n, tag);
    }
    d->link->tags = tags;
    d->link->n_tags = n;
    return OUTCOME_OK;
}

/* In the order of the checks. */
static const struct {
    enum field_kind kind;
    draft_rule *apply;
} RULES[] = {
    { KIND_URL, apply_url },       { KIND_TIME, apply_time }, { KIND_COUNT, apply_count },
    { KIND_STATUS, apply_status }, { KIND_FLAG, apply_bits }, { KIND_WORD, apply_bits },
    { KIND_TEXT, apply_text },     { KIND_LIST, apply_tags },
};

static enum outcome draft_refuse(const struct drafting *d, enum link_field field,
                                 enum outcome outcome)
{
    if (d->request->refused)
        *d->request->refused = field;
    return outcome;
}

/* Applies a rule to the given fields of its kind, from the last on: expires_at before starts_at. */
static enum outcome draft_apply_rule(const struct drafting *d, unsigned given, size_t rule)
{
    for (unsigned i = LINK_FIELDS; i-- > 0;) {
        if (!(given & link_fields_settable & FIELD_BIT(i)) ||
            link_field_rows[i].kind != RULES[rule].kind)
            continue;
        enum outcome outcome = RULES[rule].apply(d, (enum link_field)i);
        if (outcome != OUTCOME_OK)
            return draft_refuse(d, (enum link_field)i, outcome);
    }
    return OUTCOME_OK;
}

static enum outcome draft_apply_all(const struct drafting *d, unsigned given)
{
    for (size_t i = 0; i < sizeof(RULES) / sizeof(RULES[0]); i++) {
        enum outcome outcome = draft_apply_rule(d, given, i);
        if (outcome != OUTCOME_OK)
            return outcome;
        if (RULES[i].kind == KIND_URL && given & FIELD_BIT(FIELD_ALIASES))
            outcome = draft_check_alias(d);
        if (outcome != OUTCOME_OK)
            return draft_refuse(d, FIELD_ALIASES, outcome);
    }
    link_mark_fallback(d->link);
    const struct target *target = &d->link->target;
    if (given & (FIELD_BIT(FIELD_EXPIRES_AT) | FIELD_BIT(FIELD_STARTS_AT)) && target->starts_at &&
        target->expires_at && target->starts_at >= target->expires_at) {
        error_set(d->err, "starts_at is not before expires_at");
        return draft_refuse(d, FIELD_STARTS_AT, OUTCOME_INVALID_TIME);
    }
    return OUTCOME_OK;
}

enum outcome draft_apply(const struct shortener *shortener, const struct create_request *request,
                         struct link *link, struct error *err)
{
    const struct drafting d = { shortener, request, &request->fields.link, link, err };
    return draft_apply_all(&d, request->fields.given);
}

/* Makes the custom alias the link's code and only alias. */
static enum outcome name_by_alias(const struct drafting *d)
{
    struct slice *aliases = arena_alloc(d->request->arena, sizeof(*aliases));
    if (!aliases) {
        error_set(d->err, "out of memory");
        return OUTCOME_UNAVAILABLE;
    }
    *aliases = d->request->fields.custom_alias;
    d->link->code = *aliases;
    d->link->code_is_alias = true;
    d->link->aliases = aliases;
    d->link->n_aliases = 1;
    if (d->shortener->aliases.ignores_case && !alias_lower_all(d->link, d->request->arena)) {
        error_set(d->err, "out of memory");
        return OUTCOME_UNAVAILABLE;
    }
    return OUTCOME_OK;
}

enum outcome draft_new(const struct shortener *shortener, const struct create_request *request,
                       struct link *out, struct error *err)
{
    *out = (struct link){
        .target = { .version = 1 },
        .owner_id = request->caller.user_id,
        .owner = request->caller.user,
        .created_at = request->now,
        .updated_at = request->now,
    };
    const struct drafting d = { shortener, request, &request->fields.link, out, err };
    enum outcome outcome = draft_apply_all(&d, ~0U);
    if (outcome == OUTCOME_OK && request->fields.custom_alias.at)
        outcome = name_by_alias(&d);
    return outcome;
}
