/* SPDX-License-Identifier: MIT */
/* Finding many links by their owners and long URLs: a statement for each owner and host. */
#include "db/db_sql_private.h"

#include <stdlib.h>
#include <string.h>

#include "db/url_host.h"

enum {
    SAME_ROWS_MORE = 50, /* rows that a statement may return beyond one for each URL */
};

/* A destination, and where the id of its link is stored. */
struct wanted_url {
    uint32_t owner_id;
    struct slice host;
    struct slice long_url;
    uint64_t *id;
};

/* Some destinations of one owner and host, sorted. */
struct same_group {
    const struct wanted_url *at;
    size_t n;
    size_t n_rows; /* that the statement has returned, in all its tries */
};

static int same_order(struct slice a, struct slice b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.at, b.at, len) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* By owner, host and URL. */
static int by_destination(const void *a, const void *b)
{
    const struct wanted_url *x = a, *y = b;
    if (x->owner_id != y->owner_id)
        return x->owner_id < y->owner_id ? -1 : 1;
    int order = same_order(x->host, y->host);
    return order ? order : same_order(x->long_url, y->long_url);
}

static bool same_read(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct same_group *group = context;
    struct {
        uint64_t link_id;
        struct slice long_url;
    } row;
    READ_COLUMNS(SAME_URL_COLUMNS, &row, columns);
    group->n_rows++;
    struct wanted_url key = group->at[0];
    key.long_url = row.long_url;
    const struct wanted_url *found =
        bsearch(&key, group->at, group->n, sizeof(*group->at), by_destination);
    /* bsearch may return any of several equal ones, not only the first. */
    while (found && found > group->at && by_destination(found - 1, &key) == 0)
        found--;
    for (; found && found < group->at + group->n && by_destination(found, &key) == 0; found++)
        *found->id = row.link_id;
    return true;
}

/* Asks for one destination, after a statement for many has returned as many rows as it may. */
static enum db_result same_find_one(struct db *db, const struct wanted_url *wanted,
                                    struct arena *arena, struct error *err)
{
    struct link_page page = { .n = 0 };
    const struct link_destination to = { wanted->owner_id, wanted->long_url };
    enum db_result result = db_links_same_url(db, &to, arena, &page, err);
    if (result == DB_OK && page.n > 0)
        *wanted->id = page.links[0].target.link_id;
    return result;
}

static enum db_result same_find_group(struct db *db, struct same_group *group, struct arena *arena,
                                      struct error *err)
{
    struct sql_value *params = arena_alloc(arena, (group->n + 3) * sizeof(*params));
    if (!params) {
        error_set(err, "no memory for %zu long URLs", group->n);
        return DB_FAILED;
    }
    const size_t most = group->n + SAME_ROWS_MORE;
    params[0] = sql_uint(group->at[0].owner_id);
    params[1] = sql_bytes(group->at[0].host);
    for (size_t i = 0; i < group->n; i++)
        params[i + 2] = sql_bytes(group->at[i].long_url);
    params[group->n + 2] = sql_uint(most);
    const struct sql_query query = {
        .id = STATEMENT_LINK_SAME_URLS,
        .params = params,
        .n_params = (unsigned)group->n + 3,
        .rows = (unsigned)group->n,
        .row = same_read,
        .context = group,
        .arena = arena,
    };
    enum db_result result = db_sql_read(db, &query, err);
    for (size_t i = 0; i < group->n && result == DB_OK && group->n_rows >= most; i++) {
        if (*group->at[i].id == 0)
            result = same_find_one(db, &group->at[i], arena, err);
    }
    return result;
}

enum db_result db_links_same_urls(struct db *db, const struct destination_list *to,
                                  struct arena *arena, uint64_t *ids, struct error *err)
{
    struct wanted_url *wanted = arena_alloc(arena, to->n * sizeof(*wanted));
    if (to->n > DB_BULK_MAX || !wanted) {
        error_set(err, "cannot look up %zu long URLs at once", to->n);
        return DB_FAILED;
    }
    for (size_t i = 0; i < to->n; i++) {
        const struct link_destination *at = &to->at[i];
        ids[i] = 0;
        wanted[i] =
            (struct wanted_url){ at->owner_id, url_host(at->long_url), at->long_url, &ids[i] };
    }
    if (to->n > 1)
        qsort(wanted, to->n, sizeof(*wanted), by_destination);
    enum db_result result = DB_OK;
    for (size_t from = 0, end; from < to->n && result == DB_OK; from = end) {
        for (end = from + 1; end < to->n && wanted[end].owner_id == wanted[from].owner_id &&
                             slice_eq(wanted[end].host, wanted[from].host);)
            end++;
        struct same_group group = { wanted + from, end - from, 0 };
        result = same_find_group(db, &group, arena, err);
    }
    return result;
}
