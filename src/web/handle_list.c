/* SPDX-License-Identifier: MIT */
/* Handles lists of links. */
#include "service/listing.h"
#include "web/cursor.h"
#include "web/handlers.h"
#include "web/json_out.h"
#include "web/query.h"
#include "web/refusal.h"

/* The parameters. A cursor is valid for the same values of all of them but limit. */
enum parameter {
    OWNER,
    TAG,
    SEARCH,
    LONG_URL,
    STATE,
    ORDER,
    LIST_PARAMETERS,
    LIMIT = LIST_PARAMETERS,
    CURSOR,
    N_PARAMETERS
};

static const char *const NAMES[N_PARAMETERS] = {
    [OWNER] = "owner", [TAG] = "tag",     [SEARCH] = "q",    [LONG_URL] = "long_url",
    [STATE] = "state", [ORDER] = "order", [LIMIT] = "limit", [CURSOR] = "cursor",
};

static int list_read_state(struct exchange *x, struct slice value, struct list_request *out)
{
    static const enum link_state all[] = { LINK_LIVE, LINK_SCHEDULED, LINK_EXPIRED,
                                           LINK_EXHAUSTED };
    for (size_t i = 0; value.at && i < sizeof(all) / sizeof(all[0]); i++) {
        if (slice_eq(value, slice_of(link_state_name(all[i]))))
            out->states = LINK_STATE_BIT(all[i]);
    }
    out->deleted = slice_eq(value, SLICE("deleted"));
    if (!value.at || out->states || out->deleted)
        return 0;
    return refuse_field(x, PROBLEM_INVALID_FIELD, NAMES[STATE],
                        "This must be live, scheduled, expired, exhausted or deleted.");
}

/* Deleted links are neither searched nor found by their tags. */
static int list_check_deleted(struct exchange *x, const struct slice *values)
{
    static const enum parameter others[] = { TAG, SEARCH, LONG_URL };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (values[others[i]].at)
            return refuse_field(x, PROBLEM_INVALID_FIELD, NAMES[others[i]],
                                "This does not go together with state=deleted.");
    }
    return 0;
}

static int read_order(struct exchange *x, struct slice value, enum link_order *order)
{
    *order = LINK_ORDER_NEWEST;
    if (!value.at || list_order_find(value, order))
        return 0;
    return refuse_field(x, PROBLEM_INVALID_FIELD, NAMES[ORDER], "This must be " LIST_ORDERS ".");
}

/* Normalises the URL as a create does, so that the same spelling finds the link. */
static int list_read_url(struct exchange *x, const struct slice *values, struct slice *out)
{
    struct url url;
    struct slice given = values[LONG_URL];
    if (!given.at)
        return 0;
    if (values[SEARCH].at || values[CURSOR].at)
        return refuse_field(x, PROBLEM_INVALID_FIELD, NAMES[LONG_URL],
                            "This does not go together with q or cursor.");
    if (url_normalize(given, &x->services->shortener.urls, x->arena, &url, &x->err) != URL_OK)
        return refuse_field(x, PROBLEM_INVALID_URL, NAMES[LONG_URL], x->err.text);
    *out = url.text;
    return 0;
}

static int list_read_request(struct exchange *x, const struct slice *values, uint32_t list,
                             struct list_request *out)
{
    *out = (struct list_request){
        .owner = values[OWNER],
        .tag = values[TAG],
        .search = values[SEARCH],
        .limit = LIST_LIMIT_DEFAULT,
        .restore_window_s = x->services->shortener.restore_window_s,
        .caller = x->caller,
        .now = x->now,
        .arena = x->arena,
    };
    if (out->search.len > LIST_SEARCH_MAX)
        return refuse_field(x, PROBLEM_INVALID_FIELD, NAMES[SEARCH], "This is too long.");
    int status = list_read_state(x, values[STATE], out);
    if (status == 0 && out->deleted)
        status = list_check_deleted(x, values);
    if (status == 0)
        status = list_read_url(x, values, &out->long_url);
    if (status == 0)
        status = read_order(x, values[ORDER], &out->order);
    if (status == 0 && out->deleted && link_order_has_values(out->order))
        status = refuse_field(x, PROBLEM_INVALID_FIELD, NAMES[ORDER],
                              "With state=deleted this must be created or -created.");
    if (status == 0)
        status = query_number(x, NAMES[LIMIT], values[LIMIT], LIST_LIMIT_MAX, &out->limit);
    if (status == 0 && values[CURSOR].at &&
        !cursor_read(values[CURSOR], list, x->arena, &out->after))
        status = refuse_field(x, PROBLEM_INVALID_FIELD, NAMES[CURSOR],
                              "This must be the next_cursor of the same list.");
    return status;
}

int handle_list(struct exchange *x)
{
    struct slice values[N_PARAMETERS];
    int status = query_read(x, NAMES, N_PARAMETERS, values);
    if (status)
        return status;
    uint32_t list = cursor_list(values, LIST_PARAMETERS);
    struct list_request request;
    status = list_read_request(x, values, list, &request);
    if (status)
        return status;
    struct link_page page;
    enum outcome outcome = list_links(x->services->db, &request, &page, &x->err);
    if (outcome != OUTCOME_OK)
        return refuse_outcome(x, outcome, NAMES[outcome == OUTCOME_FORBIDDEN ? OWNER : CURSOR]);
    struct slice next = { NULL, 0 };
    if (page.more)
        next = cursor_write(&page.next, list, x->arena);
    respond_body(x, JSON_TYPE, json_link_page(x, &page, next));
    return 200;
}
