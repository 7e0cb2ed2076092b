/* SPDX-License-Identifier: MIT */
/* Lists in the order of clicks or of expiry. Links without a value, most of them as a rule, are in
 * no index: they are listed by id, before or after the others. The indexes know no owners and no
 * tags, so a few links of an owner or a tag are sorted instead. Both ways have the same order, so a
 * list may go on the other way on its next page. */
#include "db/db_sql_list.h"

enum {
    SORT_MAX = 5000, /* links that are sorted */
    WALK_MAX = 8000, /* entries read per page when an index is followed */
    AT_ONCE = 125,   /* entries of the first statement when some may not match; the next reads
                      * more */
};

static bool is_owned(const struct link_query *query)
{
    return query->owner_id != DB_OWNER_ANY;
}

/* --- sorting --- */

/* Whether the owner or the tag has few links. */
static enum db_result list_has_few(struct list_walk *walk, bool *few)
{
    const struct link_query *query = walk->query;
    struct sql_value tag = sql_bytes(query->tag);
    struct sql_value beyond = sql_uint(SORT_MAX);
    *few = false;
    if (query->tag.len == 0) {
        uint64_t n = SORT_MAX + 1;
        enum db_result result =
            is_owned(query) ? db_links_count(walk->db, query->owner_id, &n, walk->err) : DB_OK;
        *few = n <= SORT_MAX;
        return result;
    }
    enum db_result result =
        is_owned(query)
            ? db_sql_find_here(walk->db,
                               SQL_WRITE(TAG_BEYOND, sql_uint(query->owner_id), tag, beyond),
                               walk->err)
            : db_sql_find_here(walk->db, SQL_WRITE(TAG_BEYOND_ALL, tag, beyond), walk->err);
    *few = result == DB_MISSING;
    return *few ? DB_OK : result;
}

/* The statement of an order; those of LINK_ORDER_MOST_CLICKS and of the next orders follow it. */
static enum statement_id of_order(enum statement_id most_clicks, enum link_order order)
{
    return (enum statement_id)((unsigned)most_clicks + (unsigned)order - LINK_ORDER_MOST_CLICKS);
}

/* The parameters that every ordered list ends with. */
static unsigned add_position(const struct list_walk *walk, struct sql_value *params)
{
    params[0] = params[1] = sql_int(walk->after.value);
    params[2] = sql_uint(walk->after.link_id);
    params[3] = sql_uint(walk->room);
    return 4;
}

static enum db_result read_sorted(struct list_walk *walk)
{
    const struct link_query *query = walk->query;
    bool tagged = query->tag.len > 0;
    struct sql_value params[6];
    unsigned n = 0;
    if (is_owned(query))
        params[n++] = sql_uint(query->owner_id);
    if (tagged)
        params[n++] = sql_bytes(query->tag);
    n += add_position(walk, params + n);
    enum statement_id id = STATEMENT_SORT_OWNER_MOST_CLICKS;
    if (tagged)
        id =
            is_owned(query) ? STATEMENT_SORT_OWNER_TAG_MOST_CLICKS : STATEMENT_SORT_TAG_MOST_CLICKS;
    const struct sql_query statement = { .id = of_order(id, query->order),
                                         .params = params,
                                         .n_params = n };
    return db_sql_list_read(walk, &statement);
}

/* --- following the indexes --- */

static enum db_result read_values(struct list_walk *walk)
{
    const struct link_query *query = walk->query;
    struct sql_value params[5] = { sql_bytes(query->tag) };
    unsigned n = 1 + add_position(walk, params + 1);
    const struct sql_query statement = { .id = of_order(STATEMENT_LIST_MOST_CLICKS, query->order),
                                         .params = params,
                                         .n_params = n };
    return db_sql_list_read(walk, &statement);
}

/* Lists the links without a value, if the position is among them or is moved there. */
static enum db_result walk_rest(struct list_walk *walk)
{
    int64_t rest = link_order_rest(walk->query->order);
    if (walk->after.value != rest) {
        walk->after.value = rest;
        walk->after.link_id = link_order_is_down(walk->query->order) ? UINT64_MAX : 0;
    }
    return db_sql_list_walk(walk, db_sql_list_read_ids);
}

/* Links without clicks come first. */
static enum db_result walk_upwards_by_clicks(struct list_walk *walk)
{
    int64_t rest = link_order_rest(walk->query->order);
    if (walk->after.value == rest) {
        enum db_result result = walk_rest(walk);
        if (result != DB_OK || walk->full)
            return result;
        walk->after.link_id = UINT64_MAX;
    }
    return db_sql_list_walk(walk, read_values);
}

static enum db_result walk_values(struct list_walk *walk)
{
    if (walk->query->order == LINK_ORDER_LEAST_CLICKS)
        return walk_upwards_by_clicks(walk);
    if (walk->after.value != link_order_rest(walk->query->order)) {
        enum db_result result = db_sql_list_walk(walk, read_values);
        if (result != DB_OK || walk->full)
            return result;
    }
    return walk_rest(walk);
}

/* --- both --- */

/* The position before the first link. */
static struct link_position order_start(enum link_order order)
{
    bool down = link_order_is_down(order);
    return (struct link_position){
        .is_set = true,
        .part = LINK_PART_VALUES,
        .link_id = down ? UINT64_MAX : 0,
        .value = down                             ? INT64_MAX
                 : link_order_is_by_clicks(order) ? 0
                                                  : INT64_MIN,
    };
}

enum db_result db_sql_list_ordered(struct list_walk *walk)
{
    const struct link_query *query = walk->query;
    bool few;
    if (!walk->after.is_set)
        walk->after = order_start(query->order);
    enum db_result result = list_has_few(walk, &few);
    if (result != DB_OK)
        return result;
    if (query->states || (!few && (is_owned(query) || query->tag.len > 0)))
        walk->room = AT_ONCE;
    if (few)
        return db_sql_list_walk(walk, read_sorted);
    walk->read_max = WALK_MAX;
    return walk_values(walk);
}
