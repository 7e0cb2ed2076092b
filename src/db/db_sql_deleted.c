/* SPDX-License-Identifier: MIT */
/* Deleted links that can be restored, in SQL: hiding a link, finding and listing hidden ones, and
 * bringing them back. schema/0011-deleted-links.sql says how a link is hidden. */
#include "db/db_sql_private.h"

#define HIDDEN_BIT (UINT64_C(1) << 63)

/* --- deleting --- */

/* The deletion of one link. */
struct hiding {
    struct db_sql_tx tx;
    uint64_t link_id;
    uint32_t version; /* the expected version; 0: any */
    int64_t now;
};

static enum sql_result hide_rows(const struct hiding *hiding, const struct db_sql_link_row *row)
{
    static const enum statement_id statements[] = {
        STATEMENT_LINK_HIDE,
        STATEMENT_TAG_HIDE,
        STATEMENT_CLICK_LIMIT_HIDE,
    };
    const struct sql_value id = sql_uint(row->link_id);
    enum sql_result result = SQL_OK;
    for (size_t i = 0; i < sizeof(statements) / sizeof(*statements) && result == SQL_OK; i++) {
        const struct sql_query query = { .id = statements[i], .params = &id, .n_params = 1 };
        result = db_sql_tx_run(&hiding->tx, &query);
    }
    if (result == SQL_OK)
        result = db_sql_tx_run(
            &hiding->tx, SQL_WRITE(DELETED_ADD, id, sql_uint(row->owner_id), sql_int(hiding->now)));
    return result == SQL_OK ? db_sql_count_links(&hiding->tx, row, 1, -1) : result;
}

static enum sql_result hide(void *context)
{
    struct hiding *hiding = context;
    struct db_sql_link_row row = { 0 };
    bool found = false;
    enum sql_result result = db_sql_tx_find(&hiding->tx,
                                            SQL_READ(LINK_LOCK, db_sql_read_link_row, &row,
                                                     hiding->tx.arena, sql_uint(hiding->link_id)),
                                            &found);
    if (result == SQL_OK && !found)
        return db_sql_refuse(&hiding->tx, DB_MISSING);
    if (result == SQL_OK && hiding->version != 0 && row.version != hiding->version)
        return db_sql_refuse(&hiding->tx, DB_STALE);
    if (result == SQL_OK)
        result = db_sql_keep_change(&hiding->tx, &row, 1);
    return result == SQL_OK ? hide_rows(hiding, &row) : result;
}

enum db_result db_link_hide(struct db *db, uint64_t link_id, uint32_t version, int64_t now,
                            struct error *err)
{
    struct hiding hiding = {
        .tx = { .db = db, .err = err },
        .link_id = link_id,
        .version = version,
        .now = now,
    };
    enum db_result result = db_sql_transact_once(&hiding.tx, hide, &hiding);
    return result == DB_MISSING && hiding.tx.lost ? DB_OK : result;
}

/* --- finding --- */

enum db_result db_deleted_find(struct db *db, struct slice code, struct arena *arena,
                               struct link *out, struct error *err)
{
    struct link_page page;
    enum db_result result = db_sql_read_links(
        db, SQL_READ(DELETED_FIND, NULL, NULL, arena, sql_uint(DB_DOMAIN_DEFAULT), sql_bytes(code)),
        1, &page, err);
    if (result != DB_OK)
        return result;
    if (page.n == 0)
        return DB_MISSING;
    *out = page.links[0];
    return DB_OK;
}

enum db_result db_deleted_list(struct db *db, const struct link_query *query, struct arena *arena,
                               struct link_page *out, struct error *err)
{
    static const enum statement_id ids[2][2] = {
        { STATEMENT_DELETED_NEWEST, STATEMENT_DELETED_OLDEST },
        { STATEMENT_DELETED_OWNER_NEWEST, STATEMENT_DELETED_OWNER_OLDEST },
    };
    *out = (struct link_page){ 0 };
    if (query->limit == 0 || query->limit > DB_PAGE_MAX) {
        error_set(err, "cannot list %u links on a page", query->limit);
        return DB_FAILED;
    }
    bool owned = query->owner_id != DB_OWNER_ANY;
    bool upwards = !link_order_is_down(query->order);
    uint64_t start = upwards ? 0 : UINT64_MAX;
    const struct sql_value params[] = {
        sql_uint(query->owner_id),
        sql_uint(query->after.is_set ? query->after.link_id : start),
        sql_int(query->deleted_since),
        sql_uint(query->limit + 1),
    };
    const struct sql_query statement = {
        .id = ids[owned][upwards],
        .params = owned ? params : params + 1,
        .n_params = owned ? 4 : 3,
        .arena = arena,
    };
    enum db_result result = db_sql_read_links(db, &statement, query->limit + 1, out, err);
    out->more = out->n > query->limit;
    if (out->more)
        out->n = query->limit;
    out->next = query->after;
    if (out->n > 0)
        out->next = (struct link_position){ .is_set = true,
                                            .link_id = out->links[out->n - 1].target.link_id };
    return result;
}

/* --- restoring --- */

/* The rows of `n` deleted links in `link`, with the ids and owners that they had, and of their
 * limits. */
static enum sql_result unhide_rows(const struct db_sql_tx *tx, const struct db_sql_link_row *rows,
                                   size_t n)
{
    static const enum statement_id statements[] = {
        STATEMENT_LINK_UNHIDE,
        STATEMENT_CLICK_LIMIT_UNHIDE,
        STATEMENT_DELETED_DROP,
    };
    struct sql_value *params = db_sql_tx_alloc(tx, n, sizeof(*params));
    if (!params)
        return SQL_ERROR;
    enum sql_result result = SQL_OK;
    for (size_t s = 0; s < sizeof(statements) / sizeof(*statements) && result == SQL_OK; s++) {
        const struct sql_query query = {
            .id = statements[s], .params = params, .n_params = (unsigned)n, .rows = (unsigned)n
        };
        uint64_t bit = query.id == STATEMENT_DELETED_DROP ? 0 : HIDDEN_BIT;
        for (size_t i = 0; i < n; i++)
            params[i] = sql_uint(rows[i].link_id | bit);
        result = db_sql_tx_run(tx, &query);
    }
    return result;
}

enum sql_result db_sql_unhide(const struct db_sql_tx *tx, const struct db_sql_link_row *rows,
                              size_t n)
{
    enum sql_result result = unhide_rows(tx, rows, n);
    return result == SQL_OK ? db_sql_count_links(tx, rows, n, 1) : result;
}

struct restoring {
    struct db_sql_tx tx;
    uint64_t link_id;
    int64_t since;
};

static bool read_deleted(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct db_sql_link_row *row = context;
    READ_COLUMNS(DELETED_LOCK_COLUMNS, row, columns);
    return false;
}

static enum sql_result restore(void *context)
{
    struct restoring *restoring = context;
    struct db_sql_tx *tx = &restoring->tx;
    struct db_sql_link_row row = { 0 };
    bool found = false;
    enum sql_result result =
        db_sql_tx_find(tx,
                       SQL_READ(DELETED_LOCK, read_deleted, &row, tx->arena,
                                sql_uint(restoring->link_id), sql_int(restoring->since)),
                       &found);
    if (result == SQL_OK && !found)
        return db_sql_refuse(tx, DB_MISSING);
    if (result == SQL_OK)
        result = db_sql_tx_run(
            tx, SQL_WRITE(TAG_GIVE, sql_uint(row.owner_id), sql_uint(restoring->link_id)));
    return result == SQL_OK ? db_sql_unhide(tx, &row, 1) : result;
}

/* If the answer of a try was lost, and the link exists now, that try has restored it. */
enum db_result db_link_restore(struct db *db, uint64_t link_id, int64_t since, struct error *err)
{
    struct restoring restoring = {
        .tx = { .db = db, .err = err },
        .link_id = link_id,
        .since = since,
    };
    enum db_result result = db_sql_transact(&restoring.tx, restore, &restoring);
    struct link link;
    if (result == DB_MISSING && restoring.tx.lost)
        result = db_link_find_id(db, link_id, restoring.tx.arena, &link, err);
    arena_free(&restoring.tx.arena);
    return result;
}
