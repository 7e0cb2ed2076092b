/* SPDX-License-Identifier: MIT */
/* Handles what the pages ask beside links and keys: tags, users, and whether an alias is free. */
#include <assert.h>

#include "service/availability.h"
#include "service/keys.h"
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
    PAGE_MAX = 1000, /* of users */
};

static_assert((int)PAGE_MAX <= (int)DB_PAGE_MAX, "the database lists as many users");
static_assert((int)PAGE_DEFAULT <= (int)DB_TAGS_MAX, "the database lists as many tags");

/* A page of a list with a limit, a cursor, and perhaps an owner. */
struct page_request {
    struct slice owner;
    unsigned limit;
    uint32_t list; /* which cursors belong to */
    struct link_position after;
};

/* Reads the query of the list `name`, whose cursors are in `part`. */
static int read_page(struct exchange *x, struct slice name, enum link_part part,
                     struct page_request *out)
{
    enum { LIMIT, CURSOR, OWNER, N };
    static const char *const names[N] = { "limit", "cursor", "owner" };
    struct slice values[N] = { { NULL, 0 } };
    *out = (struct page_request){ .limit = PAGE_DEFAULT };
    bool is_tags = part == LINK_PART_ALIASES;
    int status = query_read(x, names, is_tags ? N : OWNER, values);
    if (status == 0)
        status = query_number(x, names[LIMIT], values[LIMIT], is_tags ? DB_TAGS_MAX : PAGE_MAX,
                              &out->limit);
    if (status)
        return status;
    const struct slice texts[] = { name, values[OWNER] };
    out->owner = values[OWNER];
    out->list = cursor_list(texts, 2);
    if (values[CURSOR].at &&
        (!cursor_read(values[CURSOR], out->list, x->arena, &out->after) || out->after.part != part))
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
    int status = read_page(x, SLICE("tags"), LINK_PART_ALIASES, &wanted);
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

int handle_users_list(struct exchange *x)
{
    struct page_request wanted;
    int status = read_page(x, SLICE("users"), LINK_PART_IDS, &wanted);
    if (status)
        return status;
    const struct keys_request request = { .caller = x->caller, .now = x->now, .arena = x->arena };
    const struct user_query query = { .after_id = (uint32_t)wanted.after.link_id,
                                      .limit = wanted.limit,
                                      .now = x->now };
    struct user_page page;
    enum outcome outcome = users_list(x->services->db, &request, &query, &page, &x->err);
    if (outcome != OUTCOME_OK)
        return refuse_outcome(x, outcome, NULL);
    struct slice next = { NULL, 0 };
    if (page.more) {
        const struct link_position last = { .link_id = page.users[page.n - 1].user.id };
        next = cursor_write(&last, wanted.list, x->arena);
    }
    respond_body(x, JSON_TYPE, json_user_page(x, &page, next));
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
