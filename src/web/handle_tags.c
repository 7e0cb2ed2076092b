/* SPDX-License-Identifier: MIT */
/* Handles what the pages ask beside links and keys: tags, and whether an alias is free. */
#include <assert.h>

#include "service/availability.h"
#include "service/tags.h"
#include "text/utf8.h"
#include "web/cursor.h"
#include "web/handlers.h"
#include "web/json_in.h"
#include "web/json_out.h"
#include "web/limit.h"
#include "web/query.h"
#include "web/refusal.h"

enum {
    PAGE_DEFAULT = 100,
};

static_assert((int)PAGE_DEFAULT <= (int)DB_TAGS_MAX, "the database lists as many tags");

/* A page of the tags of an owner. */
struct page_request {
    struct slice owner;
    unsigned limit;
    uint32_t list; /* which cursors belong to */
    struct link_position after;
};

static int read_page(struct exchange *x, struct page_request *out)
{
    enum { LIMIT, CURSOR, OWNER, N };
    static const char *const names[N] = { "limit", "cursor", "owner" };
    struct slice values[N];
    *out = (struct page_request){ .limit = PAGE_DEFAULT };
    int status = query_read(x, names, N, values);
    if (status == 0)
        status = query_number(x, names[LIMIT], values[LIMIT], DB_TAGS_MAX, &out->limit);
    if (status)
        return status;
    const struct slice texts[] = { SLICE("tags"), values[OWNER] };
    out->owner = values[OWNER];
    out->list = cursor_list(texts, 2);
    if (values[CURSOR].at && (!cursor_read(values[CURSOR], out->list, x->arena, &out->after) ||
                              out->after.part != LINK_PART_ALIASES))
        return refuse_field(x, PROBLEM_INVALID_FIELD, names[CURSOR],
                            "This must be the next_cursor of the same list.");
    return 0;
}

static struct tags_request tags_of(const struct exchange *x, struct slice owner)
{
    return (struct tags_request){
        .owner = owner, .caller = x->caller, .now = x->now, .arena = x->arena
    };
}

int handle_tags_list(struct exchange *x)
{
    struct page_request wanted;
    int status = read_page(x, &wanted);
    if (status)
        return status;
    const struct tags_request request = tags_of(x, wanted.owner);
    const struct tag_query query = { .after = wanted.after.key, .limit = wanted.limit };
    struct tag_page page;
    enum outcome outcome = tags_list(x->services->db, &request, &query, &page, &x->err);
    if (outcome != OUTCOME_OK)
        return refuse_outcome(x, outcome, "owner");
    struct slice next = { NULL, 0 };
    if (page.more) {
        const struct link_position last = { .part = LINK_PART_ALIASES,
                                            .key = page.tags[page.n - 1].tag };
        next = cursor_write(&last, wanted.list, x->arena);
    }
    respond_body(x, JSON_TYPE, json_tag_page(x, &page, next));
    return 200;
}

int handle_tag_rename(struct exchange *x)
{
    static const char *const names[] = { "owner" };
    struct slice owner;
    struct tag_rename rename = { .owner_id = 0 };
    int status = query_read(x, names, 1, &owner);
    if (status)
        return status;
    if (!path_decode(x->match.captures[0], x->arena, &rename.from) || !utf8_is_line(rename.from))
        return refuse(x, PROBLEM_NOT_FOUND, NULL);
    status = json_read_tag(x, &rename.to);
    if (status)
        return status;
    const struct tags_request request = tags_of(x, owner);
    struct tag_renamed renamed;
    enum outcome outcome = tags_rename(x->services->db, &request, &rename, &renamed, &x->err);
    if (outcome != OUTCOME_OK)
        return refuse_outcome(x, outcome, outcome == OUTCOME_FORBIDDEN ? "owner" : "tag");
    respond_body(x, JSON_TYPE, json_tag_renamed(x, slice_trim(rename.to), &renamed));
    return 200;
}

/* Without a key an alias that is free counts as an unknown code does: the answers are the same. */
int handle_alias_show(struct exchange *x)
{
    struct slice alias;
    if (!path_decode(x->match.captures[0], x->arena, &alias) || !utf8_is_line(alias))
        return refuse(x, PROBLEM_NOT_FOUND, NULL);
    enum outcome outcome = availability_of(&x->services->shortener, alias, x->arena, &x->err);
    const struct problem *reason = NULL;
    struct slice detail = { NULL, 0 };
    if (outcome == OUTCOME_OK && !x->caller.key_id)
        limit_missed(x);
    if (outcome != OUTCOME_OK) {
        int status = refuse_outcome(x, outcome, NULL);
        if (status >= 500)
            return status;
        reason = problem_of(x->problem);
        detail = slice_of(arena_copy(x->arena, slice_of(x->err.text)));
        exchange_forget_problem(x);
    }
    respond_body(x, JSON_TYPE, json_availability(x, alias, reason, detail));
    return 200;
}
