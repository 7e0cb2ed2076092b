/* SPDX-License-Identifier: MIT */
/* The parts of a search by hosts and by words of titles. Their only indexes begin with the owner,
 * because a second index would cost fifty bytes per link or word. So the links of all owners are
 * listed owner by owner, with many owners in one statement. */
#include "db/db_sql_list.h"

enum {
    OWNERS_AT_ONCE = 200,
    OWNER_COST = 4, /* the cost of an index look-up, in entries read */
};

/* --- one owner --- */

/* The parameters before the owners. */
static unsigned add_head(const struct list_walk *walk, struct sql_value *params)
{
    const struct link_query *query = walk->query;
    unsigned n = 0;
    params[n++] = sql_bytes(query->alias_prefix);
    params[n++] = sql_bytes(walk->alias_end);
    if (walk->after.part == LINK_PART_TITLES) {
        params[n++] = sql_bytes(query->host_prefix);
        params[n++] = sql_bytes(walk->host_end);
    }
    params[n++] = sql_bytes(query->tag);
    return n;
}

/* The beginning of the keys, and its end. */
static unsigned add_range(const struct list_walk *walk, struct sql_value *params)
{
    bool titles = walk->after.part == LINK_PART_TITLES;
    params[0] = sql_bytes(titles ? walk->word : walk->query->host_prefix);
    params[1] = sql_bytes(titles ? walk->word_end : walk->host_end);
    return 2;
}

static enum db_result read_owner_links(struct list_walk *walk)
{
    const struct link_query *query = walk->query;
    const struct link_position *after = &walk->after;
    bool owned = query->owner_id != DB_OWNER_ANY;
    bool titles = after->part == LINK_PART_TITLES;
    struct sql_value params[14];
    unsigned n = add_head(walk, params);
    params[n++] = sql_uint(owned ? query->owner_id : after->owner_id);
    n += add_range(walk, params + n);
    params[n++] = sql_bytes(after->key);
    params[n++] = sql_bytes(after->key);
    if (!titles) {
        params[n++] = sql_uint(after->url_hash);
        params[n++] = sql_uint(after->url_hash);
    }
    params[n++] = sql_uint(after->link_id);
    params[n++] = sql_uint(walk->room);
    const struct sql_query statement = {
        .id = titles ? STATEMENT_LIST_OWNER_TITLES : STATEMENT_LIST_OWNER_HOSTS,
        .params = params,
        .n_params = n,
    };
    return db_sql_list_read(walk, &statement);
}

static enum db_result walk_owner(struct list_walk *walk)
{
    bool end = false;
    while (!end && !db_sql_list_has_enough(walk)) {
        enum db_result result = db_sql_list_step(walk, read_owner_links, &end);
        if (result != DB_OK)
            return result;
    }
    return DB_OK;
}

/* --- every owner --- */

/* The position after all links of an owner. It has an empty key, which no entry of a search has. */
static struct link_position past(enum link_part part, uint32_t owner_id)
{
    return (struct link_position){
        .is_set = true, .part = part, .link_id = UINT64_MAX, .owner_id = owner_id
    };
}

/* Owners in ascending order. */
struct owners {
    uint32_t ids[OWNERS_AT_ONCE];
    unsigned n;
};

static bool list_hosts_read_owner(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct owners *owners = context;
    if (owners->n < OWNERS_AT_ONCE)
        owners->ids[owners->n++] = (uint32_t)db_sql_uint(&columns[0]);
    return true;
}

/* Reads the next owners after the position. */
static enum db_result next_owners(struct list_walk *walk, struct owners *out)
{
    bool past_one = walk->after.link_id == UINT64_MAX;
    uint64_t from = (uint64_t)walk->after.owner_id + past_one;
    out->n = 0;
    return db_sql_read(walk->db,
                       SQL_READ(TOTAL_OWNERS, list_hosts_read_owner, out, NULL, sql_uint(from),
                                sql_uint(OWNERS_AT_ONCE)),
                       walk->err);
}

/* Reads the links of the next owners. If all of them fit, walk->past is set to the position after
 * these owners. */
static enum db_result read_owners_links(struct list_walk *walk)
{
    struct owners owners;
    enum db_result result = next_owners(walk, &owners);
    if (result != DB_OK || owners.n == 0)
        return result;
    struct sql_value params[OWNERS_AT_ONCE + 8];
    unsigned n = add_head(walk, params);
    for (unsigned i = 0; i < owners.n; i++)
        params[n++] = sql_uint(owners.ids[i]);
    n += add_range(walk, params + n);
    params[n++] = sql_uint(walk->room);
    bool titles = walk->after.part == LINK_PART_TITLES;
    const struct sql_query statement = {
        .id = titles ? STATEMENT_LIST_TITLES : STATEMENT_LIST_HOSTS,
        .params = params,
        .n_params = n,
        .rows = owners.n,
    };
    result = db_sql_list_read(walk, &statement);
    walk->n_read += owners.n * OWNER_COST;
    if (walk->n < walk->room)
        walk->past = past(walk->after.part, owners.ids[owners.n - 1]);
    return result;
}

/* Reads the rest of the owner at the position, or the next owners. *end is set when there are no
 * more owners. */
static enum db_result step_owners(struct list_walk *walk, bool *end)
{
    bool inside = walk->after.key.len > 0;
    walk->past = inside ? past(walk->after.part, walk->after.owner_id)
                        : (struct link_position){ .is_set = false };
    bool all_read = false;
    enum db_result result =
        db_sql_list_step(walk, inside ? read_owner_links : read_owners_links, &all_read);
    if (result != DB_OK || !all_read)
        return result;
    *end = !walk->past.is_set;
    if (walk->past.is_set)
        walk->after = walk->past;
    return DB_OK;
}

enum db_result db_sql_list_by_owner(struct list_walk *walk)
{
    if (walk->query->owner_id != DB_OWNER_ANY)
        return walk_owner(walk);
    bool end = false;
    while (!end && !db_sql_list_has_enough(walk)) {
        enum db_result result = step_owners(walk, &end);
        if (result != DB_OK)
            return result;
    }
    return DB_OK;
}
