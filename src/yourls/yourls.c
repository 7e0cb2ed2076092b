/* SPDX-License-Identifier: MIT */
/* The actions that read, and the answers to those who may not. */
#include "yourls/yourls.h"

#include "base/number.h"
#include "service/listing.h"
#include "yourls/yourls_shorten.h"

#define NOT_FOUND "Error: short URL not found"

enum yourls_action yourls_action_of(const struct yourls_parameters *parameters)
{
    static const struct slice names[] = {
        [YOURLS_NO_ACTION] = { "", 0 },         [YOURLS_DO_SHORTEN] = { "shorturl", 8 },
        [YOURLS_DO_EXPAND] = { "expand", 6 },   [YOURLS_DO_URL_STATS] = { "url-stats", 9 },
        [YOURLS_DO_STATS] = { "stats", 5 },     [YOURLS_DO_DB_STATS] = { "db-stats", 8 },
        [YOURLS_DO_VERSION] = { "version", 7 },
    };
    for (size_t i = 1; i < sizeof(names) / sizeof(*names); i++) {
        if (slice_eq(parameters->values[YOURLS_ACTION], names[i]))
            return (enum yourls_action)i;
    }
    return YOURLS_NO_ACTION;
}

/* --- failures --- */

static void add_success(struct yourls_out *out)
{
    yourls_out_text(out, "statusCode", SLICE("200"));
    yourls_out_text(out, "message", SLICE("success"));
}

struct yourls_answer yourls_refuse(const struct yourls_parameters *parameters, const char *message,
                                   struct arena *arena)
{
    const struct slice *values = parameters->values;
    struct yourls_out out = yourls_out_begin(parameters, arena);
    if (out.format == YOURLS_FORMAT_JSONP && (!values[YOURLS_CALLBACK].at || !out.callback.len))
        return (struct yourls_answer){
            400, "application/javascript; charset=utf-8",
            SLICE("{\"errorCode\":\"400\",\"error\":\"Invalid callback parameter\"}")
        };
    const bool has_password = values[YOURLS_USERNAME].at || values[YOURLS_PASSWORD].at;
    out.simple = slice_of(message        ? message
                          : has_password ? "Invalid username or password"
                                         : "Please log in");
    yourls_out_text(&out, "message", out.simple);
    yourls_out_text(&out, "errorCode", SLICE("403"));
    yourls_out_text(&out, "callback", values[YOURLS_CALLBACK].at ? out.callback : SLICE(""));
    out.callback = (struct slice){ NULL, 0 };
    return yourls_out_end(&out, 403);
}

static struct yourls_answer answer_error(const struct yourls_parameters *parameters, int status,
                                         const char *number, const char *message,
                                         struct arena *arena)
{
    struct yourls_out out = yourls_out_begin(parameters, arena);
    out.simple = slice_of(message);
    yourls_out_text(&out, "errorCode", slice_of(number));
    yourls_out_text(&out, "message", out.simple);
    return yourls_out_end(&out, status);
}

struct yourls_answer yourls_fail(const struct yourls_parameters *parameters, struct arena *arena)
{
    return answer_error(parameters, 503, "503", "The database is not available", arena);
}

/* --- one link --- */

static void add_link(const struct yourls_call *call, struct yourls_out *out, const char *name,
                     const struct link *link)
{
    char date[YOURLS_TIME_SIZE];
    yourls_format_time(link->created_at, date);
    yourls_out_open(out, name);
    yourls_out_text(out, "shorturl", yourls_short_url(call, link->code));
    yourls_out_text(out, "url", link->target.long_url);
    yourls_out_text(out, "title", yourls_title(link));
    yourls_out_text(out, "timestamp", slice_of(date));
    yourls_out_text(out, "ip", SLICE(""));
    yourls_out_number(out, "clicks", link->clicks);
    yourls_out_close(out, name);
}

static struct yourls_answer answer_expand(const struct yourls_call *call, struct slice code,
                                          const struct link *link)
{
    struct yourls_out out = yourls_out_begin(call->parameters, call->arena);
    out.simple = link ? link->target.long_url : SLICE("not found");
    yourls_out_text(&out, "keyword", code);
    if (!link) {
        yourls_out_text(&out, "message", SLICE(NOT_FOUND));
        yourls_out_text(&out, "errorCode", SLICE("404"));
        return yourls_out_end(&out, 404);
    }
    yourls_out_text(&out, "shorturl", yourls_short_url(call, code));
    yourls_out_text(&out, "longurl", link->target.long_url);
    yourls_out_text(&out, "title", yourls_title(link));
    yourls_out_text(&out, "message", SLICE("success"));
    yourls_out_text(&out, "statusCode", SLICE("200"));
    return yourls_out_end(&out, 200);
}

static struct yourls_out stats_begin(const struct yourls_call *call)
{
    struct yourls_out out = yourls_out_begin(call->parameters, call->arena);
    out.simple = SLICE("Need either XML or JSON format for stats");
    return out;
}

static struct yourls_answer answer_url_stats(const struct yourls_call *call,
                                             const struct link *link)
{
    struct yourls_out out = stats_begin(call);
    if (link) {
        add_success(&out);
        add_link(call, &out, "link", link);
        return yourls_out_end(&out, 200);
    }
    yourls_out_text(&out, "statusCode", SLICE("404"));
    yourls_out_text(&out, "message", SLICE(NOT_FOUND));
    return yourls_out_end(&out, 404);
}

static struct yourls_answer do_link(const struct yourls_call *call, enum yourls_action action,
                                    struct error *err)
{
    const struct slice code =
        yourls_code_of(call->parameters->values[YOURLS_SHORTURL], call->base_url);
    struct link link;
    const enum outcome outcome = yourls_find(call, code, &link, err);
    if (outcome != OUTCOME_OK && outcome != OUTCOME_MISSING)
        return yourls_fail(call->parameters, call->arena);
    const struct link *found = outcome == OUTCOME_OK ? &link : NULL;
    return action == YOURLS_DO_EXPAND ? answer_expand(call, code, found)
                                      : answer_url_stats(call, found);
}

/* --- many links --- */

/* The number that the text begins with, at most `max`; 0 when it begins with none. */
static unsigned leading_number(struct slice text, unsigned max)
{
    uint64_t number = 0;
    text = slice_strip(text);
    text.len = number_digits(text);
    return text.len == 0 || number_parse(text, max, &number) ? (unsigned)number : max;
}

static enum link_order order_of(struct slice filter)
{
    if (slice_eq(filter, SLICE("bottom")))
        return LINK_ORDER_LEAST_CLICKS;
    const bool is_random = slice_eq(filter, SLICE("rand")) || slice_eq(filter, SLICE("random"));
    return is_random || slice_eq(filter, SLICE("last")) ? LINK_ORDER_NEWEST
                                                        : LINK_ORDER_MOST_CLICKS;
}

/* Writes the links from `start` on, page by page; true unless the database failed. */
static bool add_links(const struct yourls_call *call, struct yourls_out *out, unsigned start,
                      unsigned limit, struct error *err)
{
    struct list_request request = {
        .order = order_of(call->parameters->values[YOURLS_FILTER]),
        .caller = call->caller,
        .now = call->now,
        .arena = call->arena,
    };
    struct link_page page = { .more = true };
    unsigned seen = 0, written = 0;
    while (page.more && written < limit) {
        const unsigned left = start + limit - seen;
        request.limit = left < DB_PAGE_MAX ? left : DB_PAGE_MAX;
        if (list_links(call->shortener->db, &request, &page, err) != OUTCOME_OK)
            return false;
        for (size_t i = 0; i < page.n && written < limit; i++) {
            char name[sizeof("link_") + NUMBER_TEXT_MAX] = "link_";
            char digits[NUMBER_TEXT_MAX];
            if (seen++ < start)
                continue;
            if (written++ == 0)
                yourls_out_open(out, "links");
            const struct slice number = number_format(written, digits);
            memcpy(name + sizeof("link_") - 1, number.at, number.len);
            add_link(call, out, name, &page.links[i]);
        }
        request.after = page.next;
    }
    if (written)
        yourls_out_close(out, "links");
    return true;
}

/* Where a random list begins: so that it is as long as was asked for, if there are as many links.
 */
static unsigned random_start(const struct yourls_call *call, uint64_t links, unsigned limit)
{
    const uint64_t places = links > limit ? links - limit + 1 : 1;
    return call->random % (unsigned)(places < YOURLS_RANDOM_AMONG ? places : YOURLS_RANDOM_AMONG);
}

static struct yourls_answer do_stats(const struct yourls_call *call, enum yourls_action action,
                                     struct error *err)
{
    const struct slice *values = call->parameters->values;
    const uint32_t owner = call->caller.role == ROLE_ADMIN ? DB_OWNER_ANY : call->caller.user_id;
    const char *name = action == YOURLS_DO_STATS ? "stats" : "db-stats";
    struct click_totals totals = { 0 };
    struct yourls_out out = stats_begin(call);
    if (db_clicks_owner(call->shortener->db, owner, &totals, err) != DB_OK)
        return yourls_fail(call->parameters, call->arena);
    const unsigned limit = leading_number(values[YOURLS_LIMIT], YOURLS_LINKS_MAX);
    unsigned start = leading_number(values[YOURLS_START], YOURLS_START_MAX + 1);
    if (slice_starts_with(values[YOURLS_FILTER], SLICE("rand")))
        start = random_start(call, totals.links, limit);
    const bool lists = action == YOURLS_DO_STATS && out.format != YOURLS_FORMAT_SIMPLE &&
                       start <= YOURLS_START_MAX;
    if (lists && !add_links(call, &out, start, limit, err))
        return yourls_fail(call->parameters, call->arena);
    yourls_out_open(&out, name);
    yourls_out_number(&out, "total_links", totals.links);
    yourls_out_number(&out, "total_clicks", totals.clicks);
    yourls_out_close(&out, name);
    add_success(&out);
    return yourls_out_end(&out, 200);
}

/* --- the rest --- */

/* Whether the text is a number that equals 1. */
static bool is_one(struct slice text)
{
    text = slice_strip(text);
    const size_t digits = number_digits(text);
    uint64_t number;
    if (!number_parse((struct slice){ text.at, digits }, 1, &number) || number != 1)
        return false;
    size_t at = digits + (digits < text.len && text.at[digits] == '.');
    while (at < text.len && text.at[at] == '0')
        at++;
    return at == text.len && (digits == text.len || text.at[digits] == '.');
}

static struct yourls_answer answer_version(const struct yourls_call *call)
{
    struct yourls_out out = yourls_out_begin(call->parameters, call->arena);
    out.simple = SLICE(YOURLS_VERSION);
    yourls_out_text(&out, "version", out.simple);
    if (is_one(call->parameters->values[YOURLS_DB]))
        yourls_out_text(&out, "db_version", SLICE(YOURLS_DB_VERSION));
    return yourls_out_end(&out, 200);
}

/* A callback that may not be called is refused before anything is done. */
static bool has_bad_callback(const struct yourls_parameters *parameters)
{
    const struct slice *values = parameters->values;
    return yourls_format_of(parameters) == YOURLS_FORMAT_JSONP &&
           (values[YOURLS_CALLBACK].at || values[YOURLS_JSONP].at) &&
           yourls_callback(parameters).len == 0;
}

struct yourls_answer yourls_do(const struct yourls_call *call, struct error *err)
{
    const enum yourls_action action = yourls_action_of(call->parameters);
    if (has_bad_callback(call->parameters))
        return yourls_refuse(call->parameters, NULL, call->arena);
    switch (action) {
    case YOURLS_DO_SHORTEN:
        return yourls_shorten(call, err);
    case YOURLS_DO_EXPAND:
    case YOURLS_DO_URL_STATS:
        return do_link(call, action, err);
    case YOURLS_DO_STATS:
    case YOURLS_DO_DB_STATS:
        return do_stats(call, action, err);
    case YOURLS_DO_VERSION:
        return answer_version(call);
    case YOURLS_NO_ACTION:
        break;
    }
    return answer_error(call->parameters, 400, "400", "Unknown or missing \"action\" parameter",
                        call->arena);
}
