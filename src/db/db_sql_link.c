/* SPDX-License-Identifier: MIT */
/* Reading links in SQL: resolving codes, and whole links with their aliases and tags. */
#include "db/db_sql_private.h"

#include <stdlib.h>

#include "db/url_host.h"

/* --- rows --- */

static bool read_target(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct target *target = context;
    READ_COLUMNS(TARGET_COLUMNS, target, columns);
    return false;
}

/* Links in the order of the rows, at most `room`. */
struct links_read {
    struct link *links;
    size_t n;
    size_t room;
};

static bool link_read_link(void *context, const struct sql_value *columns, unsigned n)
{
    struct links_read *read = context;
    if (read->n == read->room)
        return false;
    struct link *link = &read->links[read->n++];
    *link = (struct link){ 0 };
    READ_COLUMNS(TARGET_COLUMNS, &link->target, columns);
    columns += COLUMN_COUNT(TARGET_COLUMNS);
    READ_COLUMNS(LINK_COLUMNS, link, columns);
    columns += COLUMN_COUNT(LINK_COLUMNS);
    if (n > COLUMN_COUNT(TARGET_COLUMNS) + COLUMN_COUNT(LINK_COLUMNS))
        READ_COLUMNS(DELETED_COLUMNS, link, columns);
    return true;
}

/* --- aliases and tags --- */

enum {
    LIST_MAX = LINK_ALIAS_ROWS_MAX + LINK_TAGS_MAX, /* at least the longest list of one link */
};

/* Rows of (link_id, text) in the order of the links, and the links that they belong to. */
struct lists_read {
    struct links_read *to;
    struct arena *arena;
    bool tags; /* tags; otherwise aliases */
    uint64_t link_id;
    struct slice list[LIST_MAX]; /* lower-case forms first */
    unsigned n;
    unsigned n_lowered;
    bool no_memory;
};

static struct link *find_link(const struct links_read *links, uint64_t link_id)
{
    for (size_t i = 0; i < links->n; i++) {
        if (links->links[i].target.link_id == link_id)
            return &links->links[i];
    }
    return NULL;
}

/* Stores the collected list in its link. */
static void link_store_list(struct lists_read *read)
{
    struct link *link = read->n > 0 ? find_link(read->to, read->link_id) : NULL;
    size_t size = sizeof(*read->list) * read->n;
    struct slice *list = link ? arena_alloc(read->arena, size) : NULL;
    if (link && !list)
        read->no_memory = true;
    if (list) {
        memcpy(list, read->list, size);
        *(read->tags ? &link->tags : &link->aliases) = list + read->n_lowered;
        *(read->tags ? &link->n_tags : &link->n_aliases) = read->n - read->n_lowered;
    }
    if (list && !read->tags) {
        link->lowered = list;
        link->n_lowered = read->n_lowered;
    }
    read->n = read->n_lowered = 0;
}

static bool link_read_list(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct lists_read *read = context;
    struct db_sql_alias row; /* a tag's columns have the same names */
    READ_COLUMNS(ALIAS_COLUMNS, &row, columns);
    if (row.link_id != read->link_id)
        link_store_list(read);
    read->link_id = row.link_id;
    if (read->n == LIST_MAX)
        return true;
    read->list[read->n++] = row.text;
    read->n_lowered += row.number == 0;
    return true;
}

static enum db_result read_lists(struct db *db, struct links_read *links,
                                 const struct sql_query *ids, bool tags, struct error *err)
{
    struct lists_read read = { .to = links, .arena = ids->arena, .tags = tags };
    struct sql_query query = *ids;
    query.id = tags ? STATEMENT_TAG_FIND : STATEMENT_ALIAS_FIND;
    query.row = link_read_list;
    query.context = &read;
    enum db_result result = db_sql_read(db, &query, err);
    link_store_list(&read);
    if (result != DB_OK || !read.no_memory)
        return result;
    error_set(err, "no memory for the links");
    return DB_FAILED;
}

static enum db_result add_lists(struct db *db, struct links_read *links, struct arena *arena,
                                struct error *err)
{
    if (links->n == 0)
        return DB_OK;
    struct sql_value *ids = arena_alloc(arena, sizeof(*ids) * links->n);
    if (!ids) {
        error_set(err, "no memory for the links");
        return DB_FAILED;
    }
    for (size_t i = 0; i < links->n; i++)
        ids[i] = sql_uint(links->links[i].target.link_id);
    const struct sql_query query = {
        .params = ids,
        .n_params = (unsigned)links->n,
        .rows = (unsigned)links->n,
        .arena = arena,
    };
    enum db_result result = read_lists(db, links, &query, false, err);
    return result == DB_OK ? read_lists(db, links, &query, true, err) : result;
}

/* --- the interface --- */

enum db_result db_resolve(struct db *db, struct slice code, struct arena *arena, struct target *out,
                          struct error *err)
{
    return db_sql_find(
        db,
        SQL_READ(RESOLVE, read_target, out, arena, sql_uint(DB_DOMAIN_DEFAULT), sql_bytes(code)),
        err);
}

/* A requested code, and where its target is stored. */
struct wanted_code {
    struct slice code;
    struct target *out;
};

/* Sorted by code. */
struct wanted_codes {
    struct wanted_code *at;
    size_t n;
};

static int by_code(const void *a, const void *b)
{
    struct slice left = ((const struct wanted_code *)a)->code;
    struct slice right = ((const struct wanted_code *)b)->code;
    size_t len = left.len < right.len ? left.len : right.len;
    int order = len > 0 ? memcmp(left.at, right.at, len) : 0;
    return order ? order : (left.len > right.len) - (left.len < right.len);
}

static bool read_wanted_code(void *context, const struct sql_value *columns, unsigned n)
{
    const struct wanted_codes *wanted = context;
    struct target target;
    read_target(&target, columns, n);
    const struct wanted_code key = { .code = db_sql_bytes(&columns[COLUMN_COUNT(TARGET_COLUMNS)]) };
    struct wanted_code *found = bsearch(&key, wanted->at, wanted->n, sizeof(*wanted->at), by_code);
    /* bsearch may return any of several equal codes, not only the first. */
    while (found && found > wanted->at && by_code(found - 1, &key) == 0)
        found--;
    for (; found && found < wanted->at + wanted->n && by_code(found, &key) == 0; found++)
        *found->out = target;
    return true;
}

enum db_result db_resolve_many(struct db *db, const struct code_list *codes, struct arena *arena,
                               struct target *out, struct error *err)
{
    if (codes->n == 0)
        return DB_OK;
    struct wanted_codes wanted = { arena_alloc(arena, sizeof(*wanted.at) * codes->n), codes->n };
    struct sql_value *params = arena_alloc(arena, sizeof(*params) * (codes->n + 1));
    if (codes->n > DB_BULK_MAX || !wanted.at || !params) {
        error_set(err, "cannot look up %zu codes at once", codes->n);
        return DB_FAILED;
    }
    params[0] = sql_uint(DB_DOMAIN_DEFAULT);
    for (size_t i = 0; i < codes->n; i++) {
        out[i] = (struct target){ 0 };
        wanted.at[i] = (struct wanted_code){ codes->at[i], &out[i] };
        params[i + 1] = sql_bytes(codes->at[i]);
    }
    qsort(wanted.at, wanted.n, sizeof(*wanted.at), by_code);
    const struct sql_query query = {
        .id = STATEMENT_RESOLVE_MANY,
        .params = params,
        .n_params = (unsigned)codes->n + 1,
        .rows = (unsigned)codes->n,
        .row = read_wanted_code,
        .context = &wanted,
        .arena = arena,
    };
    return db_sql_read(db, &query, err);
}

static enum db_result find_one(struct db *db, const struct sql_query *query, struct link *out,
                               struct error *err)
{
    struct links_read read = { .links = out, .room = 1 };
    struct sql_query one = *query;
    one.context = &read;
    enum db_result result = db_sql_find(db, &one, err);
    return result == DB_OK ? add_lists(db, &read, query->arena, err) : result;
}

enum db_result db_link_find(struct db *db, struct slice code, struct arena *arena, struct link *out,
                            struct error *err)
{
    return find_one(db,
                    SQL_READ(LINK_FIND, link_read_link, NULL, arena, sql_uint(DB_DOMAIN_DEFAULT),
                             sql_bytes(code)),
                    out, err);
}

enum db_result db_link_find_id(struct db *db, uint64_t link_id, struct arena *arena,
                               struct link *out, struct error *err)
{
    return find_one(db, SQL_READ(LINK_FIND_ID, link_read_link, NULL, arena, sql_uint(link_id)), out,
                    err);
}

static bool link_read_alias(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct alias_page *page = context;
    struct db_sql_alias row;
    READ_COLUMNS(ALIAS_COLUMNS, &row, columns);
    page->rows[page->n++] = (struct alias_row){ row.link_id, row.text, row.number == 0 };
    return page->n < DB_ALIASES_MAX;
}

enum db_result db_aliases_list(struct db *db, struct slice after, struct arena *arena,
                               struct alias_page *out, struct error *err)
{
    *out = (struct alias_page){ .rows = arena_alloc(arena, DB_ALIASES_MAX * sizeof(*out->rows)) };
    if (out->rows)
        return db_sql_read(db,
                           SQL_READ(ALIAS_LIST, link_read_alias, out, arena, sql_bytes(after),
                                    sql_uint(DB_ALIASES_MAX)),
                           err);
    error_set(err, "no memory for the aliases");
    return DB_FAILED;
}

enum db_result db_sql_read_links(struct db *db, const struct sql_query *query, size_t room,
                                 struct link_page *out, struct error *err)
{
    *out = (struct link_page){ 0 };
    struct links_read read = { .room = room };
    struct sql_query rows = *query;
    read.links = arena_alloc(query->arena, sizeof(*read.links) * room);
    if (!read.links) {
        error_set(err, "no memory for the links");
        return DB_FAILED;
    }
    rows.row = link_read_link;
    rows.context = &read;
    enum db_result result = db_sql_read(db, &rows, err);
    if (result == DB_OK)
        result = add_lists(db, &read, query->arena, err);
    out->links = read.links;
    out->n = read.n;
    return result;
}

enum db_result db_links_same_url(struct db *db, const struct link_destination *to,
                                 struct arena *arena, struct link_page *out, struct error *err)
{
    /* The long URL twice: for its hash and for the comparison. */
    return db_sql_read_links(db,
                             SQL_READ(LINK_SAME_URL, NULL, NULL, arena, sql_uint(to->owner_id),
                                      sql_bytes(url_host(to->long_url)), sql_bytes(to->long_url),
                                      sql_bytes(to->long_url), sql_uint(DB_SAME_URL_MAX)),
                             DB_SAME_URL_MAX, out, err);
}

/* Sorts the links in the order of `ids`. */
static void link_sort(struct link_page *page, struct link_ids ids, struct link *sorted)
{
    const struct links_read found = { page->links, page->n, page->n };
    size_t n_sorted = 0;
    for (size_t i = 0; i < ids.n; i++) {
        const struct link *link = find_link(&found, ids.at[i]);
        if (link)
            sorted[n_sorted++] = *link;
    }
    page->links = sorted;
    page->n = n_sorted;
}

enum db_result db_sql_links_by_id(struct db *db, struct link_ids ids, struct arena *arena,
                                  struct link_page *out, struct error *err)
{
    *out = (struct link_page){ 0 };
    if (ids.n == 0)
        return DB_OK;
    struct sql_value *params = arena_alloc(arena, sizeof(*params) * ids.n);
    struct link *sorted = arena_alloc(arena, sizeof(*sorted) * ids.n);
    if (!params || !sorted) {
        error_set(err, "no memory for the links");
        return DB_FAILED;
    }
    for (size_t i = 0; i < ids.n; i++)
        params[i] = sql_uint(ids.at[i]);
    const struct sql_query query = { .id = STATEMENT_LINK_FIND_IDS,
                                     .params = params,
                                     .n_params = (unsigned)ids.n,
                                     .rows = (unsigned)ids.n,
                                     .arena = arena };
    enum db_result result = db_sql_read_links(db, &query, ids.n, out, err);
    if (result == DB_OK)
        link_sort(out, ids, sorted);
    return result;
}
