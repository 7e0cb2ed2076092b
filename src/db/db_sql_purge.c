/* SPDX-License-Identifier: MIT */
/* Deleting links with their codes, aliases, tags, counts and part of the totals; and the batches of
 * a purge. */
#include "db/db_sql_private.h"

#include <stdlib.h>

enum {
    ROLLUPS_MAX = 20000, /* approximate maximum of click roll-ups deleted in one batch of a purge */
};

/* --- deleting --- */

/* All codes of the deleted links, as parameters after the domain. */
struct codes_read {
    struct sql_value *params;
    size_t n;
    size_t room;
};

static bool purge_read_code(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct codes_read *read = context;
    struct db_sql_alias alias;
    READ_COLUMNS(ALIAS_COLUMNS, &alias, columns);
    if (read->n < read->room)
        read->params[read->n++] = sql_bytes(alias.text);
    return true;
}

static enum sql_result run_codes(const struct db_sql_tx *tx, const struct codes_read *codes)
{
    enum sql_result result = SQL_OK;
    for (size_t at = 1; at < codes->n && result == SQL_OK; at += STATEMENT_ROWS_MAX) {
        size_t left = codes->n - at;
        unsigned rows = (unsigned)(left < STATEMENT_ROWS_MAX ? left : STATEMENT_ROWS_MAX);
        struct sql_value *params = codes->params + at - 1; /* overwrites a code that is deleted
                                                            * already */
        params[0] = sql_uint(DB_DOMAIN_DEFAULT);
        const struct sql_query query = {
            .id = STATEMENT_CODE_DELETE, .params = params, .n_params = rows + 1, .rows = rows
        };
        result = db_sql_tx_run(tx, &query);
    }
    return result;
}

/* Deletes the codes of the links: the first code of each, and the aliases (some twice, which is
 * harmless). */
static enum sql_result remove_codes(const struct db_sql_tx *tx, const struct db_sql_link_row *row,
                                    size_t n, const struct sql_query *ids)
{
    size_t room = 1 + n * (1 + LINK_ALIAS_ROWS_MAX);
    struct codes_read codes = { .n = 1, .room = room };
    codes.params = db_sql_tx_alloc(tx, room, sizeof(*codes.params));
    if (!codes.params)
        return SQL_ERROR;
    for (size_t i = 0; i < n; i++)
        codes.params[codes.n++] = sql_bytes(row[i].code);
    struct sql_query query = *ids;
    query.id = STATEMENT_ALIAS_FIND;
    query.row = purge_read_code;
    query.context = &codes;
    enum sql_result result = db_sql_tx_run(tx, &query);
    return result == SQL_OK ? run_codes(tx, &codes) : result;
}

static int by_owner(const void *a, const void *b)
{
    uint32_t left = ((const struct db_sql_link_row *)a)->owner_id;
    uint32_t right = ((const struct db_sql_link_row *)b)->owner_id;
    return (left > right) - (left < right);
}

/* One row per owner, in the order of the owners, so that transactions do not deadlock. */
enum sql_result db_sql_count_links(const struct db_sql_tx *tx, const struct db_sql_link_row *row,
                                   size_t n, int step)
{
    struct db_sql_link_row *sorted = db_sql_tx_alloc(tx, n, sizeof(*sorted));
    struct db_sql_many many = db_sql_many_start(tx, STATEMENT_TOTAL_ADD);
    if (!sorted)
        return SQL_ERROR;
    memcpy(sorted, row, sizeof(*sorted) * n);
    qsort(sorted, n, sizeof(*sorted), by_owner);
    for (size_t i = 0, next; i < n; i = next) {
        next = i + 1;
        while (next < n && sorted[next].owner_id == sorted[i].owner_id)
            next++;
        db_sql_total_add(&many, sorted[i].owner_id, sorted[i].link_id % DB_SQL_SHARDS,
                         &(struct db_sql_sums){ .links = step * (int64_t)(next - i) });
    }
    return db_sql_many_end(&many);
}

enum sql_result db_sql_remove(const struct db_sql_tx *tx, const struct db_sql_link_row *row,
                              size_t n)
{
    static const enum statement_id deletions[] = {
        STATEMENT_ALIAS_DELETE,        STATEMENT_TAG_DELETE,         STATEMENT_CLICK_LIMIT_DELETE,
        STATEMENT_CLICK_ROLLUP_DELETE, STATEMENT_CLICK_TOTAL_DELETE, STATEMENT_HISTORY_DELETE,
        STATEMENT_LINK_DELETE,
    };
    struct sql_value *params = db_sql_tx_alloc(tx, n, sizeof(*params));
    if (!params)
        return SQL_ERROR;
    for (size_t i = 0; i < n; i++)
        params[i] = sql_uint(row[i].link_id);
    struct sql_query query = {
        .params = params, .n_params = (unsigned)n, .rows = (unsigned)n, .arena = tx->arena
    };
    enum sql_result result = remove_codes(tx, row, n, &query);
    for (size_t i = 0; i < sizeof(deletions) / sizeof(*deletions) && result == SQL_OK; i++) {
        query.id = deletions[i];
        result = db_sql_tx_run(tx, &query);
    }
    for (size_t i = 0; i < n && result == SQL_OK; i++) {
        const struct db_sql_title title = db_sql_title_of(&row[i]);
        result = db_sql_words_delete(tx, &title);
    }
    return result == SQL_OK ? db_sql_count_links(tx, row, n, -1) : result;
}

/* --- purging --- */

struct batch {
    struct db_sql_tx tx;
    const struct purge *purge;
    bool deleted; /* links that were deleted; otherwise links that have expired */
    struct db_sql_link_row *row;
    size_t n;
    uint64_t rollups; /* of the links that are counted so far */
    bool cut;         /* some links were left for the next batch */
};

/* The columns of both statements have the same order. */
static bool read_due(void *context, const struct sql_value *columns, unsigned n)
{
    struct batch *batch = context;
    if (batch->n < batch->purge->limit)
        db_sql_read_link_row(&batch->row[batch->n++], columns, n);
    return true;
}

/* Locks the next links that are due; skips those that another purge has locked. */
static enum sql_result lock_due(struct batch *batch)
{
    batch->n = 0;
    batch->rollups = 0;
    batch->cut = false;
    batch->row = db_sql_tx_alloc(&batch->tx, batch->purge->limit, sizeof(*batch->row));
    if (!batch->row)
        return SQL_ERROR;
    if (batch->deleted)
        return db_sql_tx_run(&batch->tx, SQL_READ(DELETED_DUE, read_due, batch, batch->tx.arena,
                                                  sql_int(batch->purge->deleted_before),
                                                  sql_uint(batch->purge->limit)));
    return db_sql_tx_run(&batch->tx, SQL_READ(LINK_EXPIRED, read_due, batch, batch->tx.arena,
                                              sql_int(batch->purge->expired_before),
                                              sql_uint(batch->purge->limit)));
}

static int by_link(const void *a, const void *b)
{
    uint64_t left = ((const struct db_sql_link_row *)a)->link_id;
    uint64_t right = ((const struct db_sql_link_row *)b)->link_id;
    return (left > right) - (left < right);
}

/* Adds up the roll-ups of the links, which are in the order of `row`; the link with which they
 * exceed ROLLUPS_MAX is the first that is left for the next batch. */
static bool read_rollups(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct batch *batch = context;
    struct {
        uint64_t link_id;
        uint64_t rollups;
    } count;
    READ_COLUMNS(ROLLUP_COUNT_COLUMNS, &count, columns);
    batch->rollups += count.rollups;
    if (batch->rollups <= ROLLUPS_MAX)
        return true;
    const struct db_sql_link_row key = { .link_id = count.link_id };
    const struct db_sql_link_row *link =
        bsearch(&key, batch->row, batch->n, sizeof(*batch->row), by_link);
    if (!link || link == batch->row)
        return true;
    batch->n = (size_t)(link - batch->row);
    batch->cut = true;
    return false;
}

/* Leaves links for the next batch when this one has too many roll-ups, so that its transaction
 * stays short. */
static enum sql_result cut_batch(struct batch *batch)
{
    struct sql_value *ids = db_sql_tx_alloc(&batch->tx, batch->n, sizeof(*ids));
    if (!ids)
        return SQL_ERROR;
    qsort(batch->row, batch->n, sizeof(*batch->row), by_link);
    for (size_t i = 0; i < batch->n; i++)
        ids[i] = sql_uint(batch->row[i].link_id);
    const struct sql_query query = {
        .id = STATEMENT_CLICK_ROLLUP_COUNT,
        .params = ids,
        .n_params = (unsigned)batch->n,
        .rows = (unsigned)batch->n,
        .row = read_rollups,
        .context = batch,
    };
    return db_sql_tx_run(&batch->tx, &query);
}

/* Deleted links come back first, so that they are deleted as others are. */
static enum sql_result purge_links(void *context)
{
    struct batch *batch = context;
    enum sql_result result = lock_due(batch);
    if (result == SQL_OK && batch->n > 0)
        result = cut_batch(batch);
    if (result == SQL_OK && batch->n > 0 && batch->deleted)
        result = db_sql_unhide(&batch->tx, batch->row, batch->n);
    if (result == SQL_OK && batch->n > 0)
        result = db_sql_remove(&batch->tx, batch->row, batch->n);
    return result;
}

/* Deletes a batch of links whose time is before `before` (0: none); adds their number to *n. */
static enum db_result run_links(struct batch *batch, int64_t before, unsigned *n, bool *more)
{
    if (before <= 0)
        return DB_OK;
    enum db_result result = db_sql_transact_once(&batch->tx, purge_links, batch);
    if (result == DB_OK)
        *n += (unsigned)batch->n;
    *more |= batch->cut || batch->n == batch->purge->limit;
    return result;
}

/* Deletes a batch of rows whose time is before `before` (0: none); adds their number to *n. */
static enum db_result purge_rows(const struct batch *batch, enum statement_id id, int64_t before,
                                 unsigned *n, bool *more)
{
    const struct sql_value params[] = { sql_int(before), sql_uint(batch->purge->limit) };
    const struct sql_query query = { .id = id, .params = params, .n_params = 2 };
    struct sql_done done = { 0 };
    if (before <= 0)
        return DB_OK;
    enum db_result result = db_sql_write(batch->tx.db, &query, &done, batch->tx.err);
    *n += (unsigned)done.affected;
    *more |= done.affected == batch->purge->limit;
    return result;
}

enum db_result db_purge_batch(struct db *db, const struct purge *purge, struct purge_done *out,
                              struct error *err)
{
    *out = (struct purge_done){ 0 };
    struct batch batch = { .tx = { .db = db, .err = err, .mode = TX_ROLLUP_LOCK_AFTER_DEADLOCK },
                           .purge = purge };
    if (purge->limit == 0 || purge->limit > DB_PURGE_MAX) {
        error_set(err, "cannot purge %u rows at once", purge->limit);
        return DB_FAILED;
    }
    enum db_result result = run_links(&batch, purge->expired_before, &out->links, &out->more);
    batch.deleted = true;
    if (result == DB_OK)
        result = run_links(&batch, purge->deleted_before, &out->links, &out->more);
    if (result == DB_OK)
        result = purge_rows(&batch, STATEMENT_IDEMPOTENCY_PURGE, purge->idempotency_before,
                            &out->idempotency_keys, &out->more);
    if (result == DB_OK)
        result = purge_rows(&batch, STATEMENT_SESSION_PURGE, purge->sessions_before, &out->sessions,
                            &out->more);
    if (result == DB_OK)
        result = purge_rows(&batch, STATEMENT_SIGN_IN_PURGE, purge->sign_ins_before, &out->sessions,
                            &out->more);
    if (result == DB_OK)
        result = purge_rows(&batch, STATEMENT_HISTORY_PURGE, purge->changes_before, &out->changes,
                            &out->more);
    return result;
}
