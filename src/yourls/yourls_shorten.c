/* SPDX-License-Identifier: MIT */
/* Makes links as YOURLS does: the URL is checked first, then whether the caller has a link to it,
 * then the keyword. */
#include "yourls/yourls_shorten.h"

#include "link/code.h"
#include "service/listing.h"
#include "service/manage.h"
#include "text/rfc3339.h"

enum {
    MESSAGE_MAX = 4096, /* bytes without a keyword; a base URL is shorter */
};

void yourls_format_time(int64_t at, char out[YOURLS_TIME_SIZE])
{
    char text[RFC3339_SIZE];
    rfc3339_format(at, text);
    memcpy(out, text, YOURLS_TIME_SIZE);
    out[10] = ' ';
    out[YOURLS_TIME_SIZE - 1] = '\0';
}

struct slice yourls_short_url(const struct yourls_call *call, struct slice code)
{
    struct buf b = buf_in(call->arena, call->base_url.len + 1 + code.len);
    buf_add(&b, call->base_url);
    buf_add_byte(&b, '/');
    buf_add(&b, code);
    return buf_slice(&b);
}

struct slice yourls_title(const struct link *link)
{
    return link->title.len ? link->title : link->target.long_url;
}

enum outcome yourls_find(const struct yourls_call *call, struct slice code, struct link *out,
                         struct error *err)
{
    const struct manage_request request = {
        .code = code,
        .caller = call->caller,
        .now = call->now,
        .arena = call->arena,
        .ignores_case = call->shortener->aliases.ignores_case,
        .spool = call->shortener->spool,
    };
    return code_is_wellformed(code) ? manage_show(call->shortener->db, &request, out, err)
                                    : OUTCOME_MISSING;
}

/* --- answers --- */

/* What an answer says before the link: 200 and no code, or a failure with the error's name. */
struct verdict {
    int status;
    const char *code; /* "error:url"; empty: it has succeeded */
    struct slice message;
};

static void add_verdict(struct yourls_out *out, const struct verdict *v)
{
    static const char *const numbers[] = { "200", "400", "503" };
    const char *number = numbers[v->status == 200 ? 0 : v->status == 400 ? 1 : 2];
    const bool is_made = v->code[0] == '\0';
    yourls_out_text(out, "status", is_made ? SLICE("success") : SLICE("fail"));
    yourls_out_text(out, "code", slice_of(v->code));
    yourls_out_text(out, "message", v->message);
    yourls_out_text(out, "errorCode", slice_of(is_made ? "" : number));
    yourls_out_text(out, "statusCode", slice_of(number));
}

static struct yourls_answer answer_without(const struct yourls_call *call, const struct verdict *v)
{
    struct yourls_out out = yourls_out_begin(call->parameters, call->arena);
    add_verdict(&out, v);
    return yourls_out_end(&out, v->status);
}

/* An answer with the link; only one that was there before has clicks. */
static struct yourls_answer answer_with(const struct yourls_call *call, const struct verdict *v,
                                        const struct link *link)
{
    struct yourls_out out = yourls_out_begin(call->parameters, call->arena);
    char date[YOURLS_TIME_SIZE];
    yourls_format_time(link->created_at, date);
    out.simple = yourls_short_url(call, link->code);
    add_verdict(&out, v);
    yourls_out_open(&out, "url");
    yourls_out_text(&out, "keyword", link->code);
    yourls_out_text(&out, "url", link->target.long_url);
    yourls_out_text(&out, "title", yourls_title(link));
    yourls_out_text(&out, "date", slice_of(date));
    yourls_out_text(&out, "ip", SLICE(""));
    if (v->code[0])
        yourls_out_number(&out, "clicks", link->clicks);
    yourls_out_close(&out, "url");
    yourls_out_text(&out, "title", yourls_title(link));
    yourls_out_text(&out, "shorturl", out.simple);
    return yourls_out_end(&out, v->status);
}

static struct yourls_answer answer_made(const struct yourls_call *call, const struct link *link)
{
    struct buf message = buf_in(call->arena, MESSAGE_MAX);
    char shown[YOURLS_SHOWN_SIZE];
    yourls_shown_url(link->target.long_url, shown);
    buf_printf(&message, "%s added to database", shown);
    return answer_with(call, &(struct verdict){ 200, "", buf_slice(&message) }, link);
}

static struct yourls_answer answer_known(const struct yourls_call *call, const struct link *link)
{
    struct buf message = buf_in(call->arena, MESSAGE_MAX);
    char shown[YOURLS_SHOWN_SIZE];
    struct slice site = yourls_short_url(call, link->code);
    const size_t colon = slice_find(site, ':');
    site = slice_from(site, colon < site.len ? colon + sizeof("://") - 1 : 0);
    yourls_shown_url(link->target.long_url, shown);
    buf_printf(&message, "%s already exists in database (short URL: %.*s)", shown, SLICE_ARG(site));
    return answer_with(call, &(struct verdict){ 400, "error:url", buf_slice(&message) }, link);
}

static struct yourls_answer answer_keyword(const struct yourls_call *call, struct slice keyword)
{
    struct buf message = buf_in(call->arena, MESSAGE_MAX + keyword.len);
    buf_add_text(&message, "Short URL ");
    buf_add(&message, keyword);
    buf_add_text(&message, " already exists in database or is reserved");
    return answer_without(call, &(struct verdict){ 400, "error:keyword", buf_slice(&message) });
}

static struct yourls_answer answer_outcome(const struct yourls_call *call, enum outcome outcome,
                                           struct slice keyword)
{
    static const struct verdict no_url = { 400, "error:nourl", { "Missing or malformed URL", 24 } };
    static const struct verdict loop = { 400, "error:noloop", { "URL is a short URL", 18 } };
    static const struct verdict failed = { 503,
                                           "error:db",
                                           { "Error saving url to database", 28 } };
    switch (outcome) {
    case OUTCOME_URL_IS_SHORT_URL:
        return answer_without(call, &loop);
    case OUTCOME_INVALID_ALIAS:
    case OUTCOME_RESERVED_ALIAS:
    case OUTCOME_ALIAS_TAKEN:
        return answer_keyword(call, keyword);
    case OUTCOME_UNAVAILABLE:
    case OUTCOME_EXHAUSTED:
        return answer_without(call, &failed);
    default:
        return answer_without(call, &no_url);
    }
}

/* --- the action --- */

/* The caller's oldest link to this URL that redirects; false: there is none, or nobody knows. */
static bool find_same(const struct yourls_call *call, struct slice long_url, struct link *out)
{
    struct link_page page;
    struct error unused;
    struct url url;
    if (!call->settings.unique_urls ||
        url_normalize(long_url, &call->shortener->urls, call->arena, &url, NULL) != URL_OK)
        return false;
    const struct list_request request = {
        .long_url = url.text,
        .states = LINK_STATE_BIT(LINK_LIVE),
        .order = LINK_ORDER_OLDEST,
        .limit = 1,
        .caller = call->caller,
        .now = call->now,
        .arena = call->arena,
    };
    if (list_links(call->shortener->db, &request, &page, &unused) != OUTCOME_OK || page.n == 0)
        return false;
    *out = page.links[0];
    return true;
}

/* Whether a parameter is given; "0" is not, either. */
static bool is_given(struct slice value)
{
    return value.len && !slice_eq(value, SLICE("0"));
}

struct yourls_answer yourls_shorten(const struct yourls_call *call, struct error *err)
{
    const struct slice *values = call->parameters->values;
    struct slice keyword = { NULL, 0 };
    struct link link;
    if (yourls_find(call, slice_strip(values[YOURLS_URL]), &link, err) == OUTCOME_OK)
        return answer_outcome(call, OUTCOME_URL_IS_SHORT_URL, keyword);
    const struct slice long_url = yourls_clean_url(values[YOURLS_URL], call->arena);
    if (find_same(call, long_url, &link))
        return answer_known(call, &link);
    if (is_given(values[YOURLS_KEYWORD]))
        keyword = yourls_clean_keyword(values[YOURLS_KEYWORD], call->settings.charset, call->arena);
    struct create_request request = {
        .fields = { .given = link_fields_settable, .custom_alias = keyword },
        .caller = call->caller,
        .now = call->now,
        .arena = call->arena,
    };
    request.fields.link.target.long_url = long_url;
    if (is_given(values[YOURLS_TITLE]))
        request.fields.link.title = yourls_clean_title(values[YOURLS_TITLE], call->arena);
    const enum outcome outcome = create_link(call->shortener, &request, &link, err);
    if (outcome == OUTCOME_OK || outcome == OUTCOME_SPOOLED)
        return answer_made(call, &link);
    return answer_outcome(call, outcome, keyword);
}
