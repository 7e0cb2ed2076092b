/* SPDX-License-Identifier: MIT */
/* Transferring or deleting links of one owner in SQL, one batch in one transaction. */
#include "db/db_sql_private.h"

/* --- transferring --- */

static bool read_sums(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct db_sql_sums *sums = context;
    READ_COLUMNS(CLICK_SUM_COLUMNS, sums, columns);
    return false;
}

/* Moves the links' part of the totals from the owner `from` to transfer->to. The rows are in the
 * order of the owners, in which all transactions lock them. No flush can change the clicks
 * meanwhile, because it needs the links' rows, which are locked. */
static enum sql_result move_totals(const struct db_sql_tx *tx,
                                   const struct db_sql_transfer *transfer, struct db_sql_sums sums)
{
    uint32_t from = transfer->links[0].owner_id;
    const struct db_sql_sums less = { .clicks = -sums.clicks,
                                      .visitors = -sums.visitors,
                                      .bots = -sums.bots };
    uint64_t shard = transfer->links[0].link_id % DB_SQL_SHARDS;
    struct db_sql_many many = db_sql_many_start(tx, STATEMENT_TOTAL_ADD);
    for (unsigned i = 0; i < 2; i++) {
        bool gives = (from < transfer->to) == (i == 0);
        uint32_t owner_id = gives ? from : transfer->to;
        int64_t links = gives ? -(int64_t)transfer->n : (int64_t)transfer->n;
        db_sql_total_add(&many, owner_id, shard, &(struct db_sql_sums){ .links = links });
        db_sql_total_add(&many, owner_id, DB_SQL_CLICK_SHARD, gives ? &less : &sums);
    }
    return db_sql_many_end(&many);
}

enum sql_result db_sql_transfer(const struct db_sql_tx *tx, const struct db_sql_transfer *transfer)
{
    struct db_sql_sums sums = { 0 };
    unsigned n = (unsigned)transfer->n;
    struct sql_value *params = db_sql_tx_alloc(tx, transfer->n + 3, sizeof(*params));
    if (!params)
        return SQL_ERROR;
    for (unsigned i = 0; i < n; i++)
        params[i + 3] = sql_uint(transfer->links[i].link_id);
    params[0] = sql_uint(transfer->to);
    params[1] = sql_uint(transfer->versions);
    params[2] = sql_int(transfer->now);
    /* Each statement takes the last of the first three parameters, and the ids. */
    const struct {
        enum statement_id id;
        unsigned before;
    } statements[] = {
        { STATEMENT_LINK_GIVE, 3 },
        { STATEMENT_ALIAS_GIVE, 1 },
        { STATEMENT_TAG_GIVE, 1 },
        { STATEMENT_CLICK_TOTAL_SUM, 0 },
    };
    enum sql_result result = SQL_OK;
    for (size_t i = 0; i < sizeof(statements) / sizeof(*statements) && result == SQL_OK; i++) {
        unsigned before = statements[i].before;
        const struct sql_query query = { .id = statements[i].id,
                                         .params = params + 3 - before,
                                         .n_params = n + before,
                                         .rows = n,
                                         .row = read_sums,
                                         .context = &sums };
        result = db_sql_tx_run(tx, &query);
        params[2] = sql_uint(transfer->to);
    }
    if (result == SQL_OK)
        result = db_sql_words_move(tx, transfer);
    return result == SQL_OK ? move_totals(tx, transfer, sums) : result;
}

/* --- a batch --- */

struct batch {
    struct db_sql_tx tx;
    const struct owned_links *links;
    bool transfers; /* to `to`; otherwise the links are deleted */
    uint32_t to;
    int64_t now;
    struct db_sql_link_row *locked;
    size_t n;
};

static bool read_locked(void *context, const struct sql_value *columns, unsigned n)
{
    struct batch *batch = context;
    if (batch->n < batch->links->n)
        db_sql_read_link_row(&batch->locked[batch->n++], columns, n);
    return true;
}

/* Locks those links that belong to the owner. */
static enum sql_result owner_lock(struct batch *batch)
{
    const struct owned_links *links = batch->links;
    struct sql_value *params = db_sql_tx_alloc(&batch->tx, links->n + 1, sizeof(*params));
    batch->locked = db_sql_tx_alloc(&batch->tx, links->n, sizeof(*batch->locked));
    batch->n = 0;
    if (!params || !batch->locked)
        return SQL_ERROR;
    params[0] = sql_uint(links->owner_id);
    for (size_t i = 0; i < links->n; i++)
        params[i + 1] = sql_uint(links->ids[i]);
    const struct sql_query query = {
        .id = STATEMENT_LINK_LOCK_OWNED,
        .params = params,
        .n_params = (unsigned)links->n + 1,
        .rows = (unsigned)links->n,
        .row = read_locked,
        .context = batch,
        .arena = batch->tx.arena,
    };
    return db_sql_tx_run(&batch->tx, &query);
}

static enum sql_result owner_change_links(void *context)
{
    struct batch *batch = context;
    enum sql_result result = owner_lock(batch);
    if (result != SQL_OK || batch->n == 0)
        return result;
    if (!batch->transfers) {
        result = db_sql_keep_change(&batch->tx, batch->locked, batch->n);
        return result == SQL_OK ? db_sql_remove(&batch->tx, batch->locked, batch->n) : result;
    }
    const struct db_sql_transfer transfer = {
        .links = batch->locked, .n = batch->n, .to = batch->to, .versions = 1, .now = batch->now
    };
    return db_sql_transfer(&batch->tx, &transfer);
}

static enum db_result owner_run(struct batch *batch)
{
    size_t n = batch->links->n;
    if (n > 0 && n <= DB_OWNED_MAX)
        return db_sql_transact_once(&batch->tx, owner_change_links, batch);
    error_set(batch->tx.err, "cannot change %zu links at once", n);
    return DB_FAILED;
}

enum db_result db_links_transfer(struct db *db, const struct owned_links *links, uint32_t to,
                                 int64_t now, struct error *err)
{
    struct batch batch = { .tx = { .db = db, .err = err, .mode = TX_ROLLUP_LOCK_AFTER_DEADLOCK },
                           .links = links,
                           .transfers = true,
                           .to = to,
                           .now = now };
    return to == links->owner_id ? DB_OK : owner_run(&batch);
}

enum db_result db_links_delete(struct db *db, const struct owned_links *links, struct error *err)
{
    struct batch batch = { .tx = { .db = db, .err = err, .mode = TX_ROLLUP_LOCK_AFTER_DEADLOCK },
                           .links = links };
    return owner_run(&batch);
}
