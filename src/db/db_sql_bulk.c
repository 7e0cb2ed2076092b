/* SPDX-License-Identifier: MIT */
/* Storing many links in one transaction and a few statements. The codes are inserted with INSERT
 * IGNORE; if some were taken, their rows are read to find which links have them. */
#include "db/db_sql_private.h"

#include <stdlib.h>

/* One link and its result. */
struct item {
    const struct link *link;
    size_t at; /* its index in the call; of several links with the same code the first gets it */
    const struct slice *codes;
    size_t n_codes;
    size_t n_owned; /* how many of its codes are its own; set by judge */
    bool stored;    /* by an earlier try whose answer was lost */
    bool taken;     /* another link has one of its codes */
};

struct bulk {
    struct db_sql_tx tx;
    const struct link *links;
    struct item *items; /* sorted by id */
    size_t n;
};

/* --- codes --- */

static int by_id(const void *a, const void *b)
{
    uint64_t left = ((const struct item *)a)->link->target.link_id;
    uint64_t right = ((const struct item *)b)->link->target.link_id;
    return (left > right) - (left < right);
}

/* Inserts all codes that are free; *all is set to whether all of them were. */
static enum sql_result bulk_add_codes(struct bulk *bulk, bool *all)
{
    struct db_sql_many many = db_sql_many_start(&bulk->tx, STATEMENT_CODE_ADD);
    uint64_t wanted = 0;
    for (size_t i = 0; i < bulk->n; i++) {
        const struct item *item = &bulk->items[i];
        for (size_t c = 0; c < item->n_codes; c++) {
            db_sql_many_add(&many, sql_uint(DB_DOMAIN_DEFAULT), sql_bytes(item->codes[c]),
                            sql_uint(item->link->target.link_id));
            wanted++;
        }
    }
    enum sql_result result = db_sql_many_end(&many);
    *all = many.affected == wanted;
    return result;
}

static bool bulk_read_state(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct bulk *bulk = context;
    struct {
        uint64_t link_id;
        uint64_t stored_id;
    } code;
    READ_COLUMNS(CODE_STATE_COLUMNS, &code, columns);
    const struct link link = { .target = { .link_id = code.link_id } };
    const struct item key = { .link = &link };
    struct item *item = bsearch(&key, bulk->items, bulk->n, sizeof(*bulk->items), by_id);
    if (item) {
        item->n_owned++;
        item->stored |= code.stored_id != 0;
    }
    return true;
}

/* Reads which links have the next codes, from item *from on. */
static enum sql_result ask_some(struct bulk *bulk, struct sql_value *params, size_t *from)
{
    unsigned n = 0;
    params[n++] = sql_uint(DB_DOMAIN_DEFAULT);
    while (*from < bulk->n && (n == 1 || n + bulk->items[*from].n_codes < STATEMENT_ROWS_MAX)) {
        const struct item *item = &bulk->items[(*from)++];
        for (size_t c = 0; c < item->n_codes; c++)
            params[n++] = sql_bytes(item->codes[c]);
    }
    const struct sql_query query = {
        .id = STATEMENT_CODE_STATE,
        .params = params,
        .n_params = n,
        .rows = n - 1,
        .row = bulk_read_state,
        .context = bulk,
    };
    return db_sql_tx_run(&bulk->tx, &query);
}

static enum sql_result ask_all(struct bulk *bulk)
{
    size_t room = 1;
    for (size_t i = 0; i < bulk->n; i++)
        room += bulk->items[i].n_codes;
    struct sql_value *params = db_sql_tx_alloc(&bulk->tx, room, sizeof(*params));
    if (!params)
        return SQL_ERROR;
    qsort(bulk->items, bulk->n, sizeof(*bulk->items), by_id);
    enum sql_result result = SQL_OK;
    for (size_t from = 0; from < bulk->n && result == SQL_OK;)
        result = ask_some(bulk, params, &from);
    return result;
}

/* Deletes the codes of an item that did not get all of its codes. */
static enum sql_result give_up(struct bulk *bulk, const struct item *item)
{
    enum sql_result result = SQL_OK;
    for (size_t c = 0; c < item->n_codes && result == SQL_OK; c++)
        result = db_sql_tx_run(&bulk->tx, SQL_WRITE(CODE_RETURN, sql_uint(DB_DOMAIN_DEFAULT),
                                                    sql_bytes(item->codes[c]),
                                                    sql_uint(item->link->target.link_id)));
    return result;
}

/* Finds the items that did not get all of their codes. */
static enum sql_result bulk_judge(struct bulk *bulk)
{
    enum sql_result result = ask_all(bulk);
    for (size_t i = 0; i < bulk->n && result == SQL_OK; i++) {
        struct item *item = &bulk->items[i];
        item->taken = !item->stored && item->n_owned < item->n_codes;
        if (item->taken && item->n_owned > 0)
            result = give_up(bulk, item);
    }
    return result;
}

/* --- rows --- */

static int by_owner(const void *a, const void *b)
{
    uint32_t left = (*(const struct link *const *)a)->owner_id;
    uint32_t right = (*(const struct link *const *)b)->owner_id;
    return (left > right) - (left < right);
}

/* One row per owner, in the order of the owners, so that transactions do not deadlock. */
enum sql_result db_sql_add_totals(const struct db_sql_tx *tx, const struct link **links, size_t n)
{
    struct db_sql_many many = db_sql_many_start(tx, STATEMENT_TOTAL_ADD);
    if (n > 0)
        qsort(links, n, sizeof(links[0]), by_owner); // NOLINT(bugprone-sizeof-expression): pointers
    for (size_t i = 0, next; i < n; i = next) {
        struct db_sql_sums sums = { 0 };
        for (next = i; next < n && links[next]->owner_id == links[i]->owner_id; next++) {
            sums.links++;
            sums.clicks += (int64_t)links[next]->clicks;
        }
        db_sql_total_add(&many, links[i]->owner_id, links[i]->target.link_id % DB_SQL_SHARDS,
                         &sums);
    }
    return db_sql_many_end(&many);
}

static enum sql_result bulk_add_rows(struct bulk *bulk)
{
    const struct link **links = db_sql_tx_alloc(
        &bulk->tx, bulk->n, sizeof(links[0])); // NOLINT(bugprone-sizeof-expression): pointers
    if (!links)
        return SQL_ERROR;
    size_t n = 0;
    for (size_t i = 0; i < bulk->n; i++) {
        if (!bulk->items[i].taken && !bulk->items[i].stored)
            links[n++] = bulk->items[i].link;
    }
    enum sql_result result = db_sql_insert_links(&bulk->tx, links, n);
    if (result != SQL_OK)
        return result;
    return db_sql_add_totals(&bulk->tx, links, n);
}

static bool bulk_prepare(struct bulk *bulk)
{
    bulk->items = db_sql_tx_alloc(&bulk->tx, bulk->n, sizeof(*bulk->items));
    for (size_t i = 0; i < bulk->n && bulk->items; i++) {
        struct item *item = &bulk->items[i];
        *item = (struct item){ .link = &bulk->links[i], .at = i };
        item->codes = db_sql_codes(item->link, bulk->tx.arena, &item->n_codes);
        if (!item->codes)
            return false;
    }
    return bulk->items != NULL;
}

static enum sql_result bulk_insert(void *context)
{
    struct bulk *bulk = context;
    bool all = false;
    enum sql_result result = bulk_prepare(bulk) ? bulk_add_codes(bulk, &all) : SQL_ERROR;
    if (result == SQL_OK && !all)
        result = bulk_judge(bulk);
    if (result == SQL_OK)
        result = bulk_add_rows(bulk);
    return result == SQL_DUPLICATE ? SQL_ERROR : result;
}

enum db_result db_links_insert_many(struct db *db, const struct link *links, size_t n,
                                    enum db_result *results, struct error *err)
{
    if (n == 0)
        return DB_OK;
    if (n > DB_BULK_MAX) {
        error_set(err, "cannot store %zu links at once", n);
        return DB_FAILED;
    }
    struct bulk bulk = { .tx = { .db = db, .err = err }, .links = links, .n = n };
    enum db_result result = db_sql_transact(&bulk.tx, bulk_insert, &bulk);
    for (size_t i = 0; i < bulk.n && result == DB_OK; i++)
        results[bulk.items[i].at] = bulk.items[i].taken ? DB_TAKEN : DB_OK;
    arena_free(&bulk.tx.arena);
    return result;
}
