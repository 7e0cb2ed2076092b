/* SPDX-License-Identifier: MIT */
/* Transferring or deleting links of one owner in SQL, one batch in one transaction. */
#include "db/db_sql_private.h"

enum {
    SCRATCH_MAX = 16 << 20,
};

/* --- transferring --- */

static bool read_sums(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct db_sql_sums *sums = context;
    READ_COLUMNS(CLICK_SUM_COLUMNS, sums, columns);
    return false;
}

/* Moves the links' part of the totals from the owner `from` to gift->to. The rows are in the order
 * of the owners, in which all transactions lock them. No flush can change the clicks meanwhile,
 * because it needs the links' rows, which are locked. */
static enum sql_result move_totals(struct db *db, const struct db_sql_gift *gift,
                                   struct db_sql_sums sums, struct arena *arena, struct error *err)
{
    uint32_t from = gift->links[0].owner_id;
    const struct db_sql_sums less = { .clicks = -sums.clicks,
                                      .visitors = -sums.visitors,
                                      .bots = -sums.bots };
    uint64_t shard = gift->links[0].link_id % DB_SQL_SHARDS;
    struct db_sql_many many =
        db_sql_many_start(db, STATEMENT_TOTAL_ADD, DB_SQL_TOTAL_WIDTH, arena, err);
    for (unsigned i = 0; i < 2; i++) {
        bool gives = (from < gift->to) == (i == 0);
        uint32_t owner_id = gives ? from : gift->to;
        int64_t links = gives ? -(int64_t)gift->n : (int64_t)gift->n;
        db_sql_total_add(&many, owner_id, shard, &(struct db_sql_sums){ .links = links });
        db_sql_total_add(&many, owner_id, DB_SQL_CLICK_SHARD, gives ? &less : &sums);
    }
    return db_sql_many_end(&many);
}

enum sql_result db_sql_give(struct db *db, const struct db_sql_gift *gift, struct arena *arena,
                            struct error *err)
{
    /* The statements take the last one, two or three of these parameters, followed by the ids. */
    struct sql_value *params = arena_alloc(arena, sizeof(*params) * (gift->n + 3));
    struct db_sql_sums sums = { 0 };
    if (!params) {
        error_set(err, "no memory for the links");
        return SQL_ERROR;
    }
    for (size_t i = 0; i < gift->n; i++)
        params[i + 3] = sql_uint(gift->links[i].link_id);
    params[0] = sql_uint(gift->to);
    params[1] = sql_uint(gift->versions);
    params[2] = sql_int(gift->now);
    unsigned n = (unsigned)gift->n;
    struct sql_query query = {
        .id = STATEMENT_LINK_GIVE, .params = params, .n_params = n + 3, .rows = n
    };
    enum sql_result result = sql_run(db->sql, &query, NULL, err);
    params[2] = sql_uint(gift->to);
    query.params = params + 2;
    query.n_params = n + 1;
    query.id = STATEMENT_ALIAS_GIVE;
    if (result == SQL_OK)
        result = sql_run(db->sql, &query, NULL, err);
    query.id = STATEMENT_TAG_GIVE;
    if (result == SQL_OK)
        result = sql_run(db->sql, &query, NULL, err);
    const struct sql_query clicks = { .id = STATEMENT_CLICK_TOTAL_SUM,
                                      .params = params + 3,
                                      .n_params = n,
                                      .rows = n,
                                      .row = read_sums,
                                      .context = &sums };
    if (result == SQL_OK)
        result = sql_run(db->sql, &clicks, NULL, err);
    return result == SQL_OK ? move_totals(db, gift, sums, arena, err) : result;
}

/* --- a batch --- */

struct batch {
    struct db *db;
    const struct owned_links *links;
    bool gives; /* transfer to `to`; otherwise delete */
    uint32_t to;
    int64_t now;
    struct db_sql_link_row *locked;
    size_t n;
    bool in_line; /* take the roll-up lock first, because a roll-up transaction caused a deadlock */
    struct arena *arena;
    struct error *err;
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
    struct sql_value *params = arena_alloc(batch->arena, sizeof(*params) * (links->n + 1));
    batch->locked = arena_alloc(batch->arena, sizeof(*batch->locked) * links->n);
    batch->n = 0;
    if (!params || !batch->locked) {
        error_set(batch->err, "no memory for the links");
        return SQL_ERROR;
    }
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
        .arena = batch->arena,
    };
    return sql_run(batch->db->sql, &query, NULL, batch->err);
}

static enum sql_result work(struct batch *batch)
{
    if (!batch->gives)
        return db_sql_remove(batch->db, batch->locked, batch->n, batch->arena, batch->err);
    const struct db_sql_gift gift = {
        .links = batch->locked, .n = batch->n, .to = batch->to, .versions = 1, .now = batch->now
    };
    return db_sql_give(batch->db, &gift, batch->arena, batch->err);
}

static enum sql_result owner_try_once(struct batch *batch)
{
    struct sql *sql = batch->db->sql;
    arena_reset(batch->arena);
    struct db_sql_rollup_tx rolling = { .db = batch->db, .arena = batch->arena, .err = batch->err };
    enum sql_result result =
        batch->in_line ? db_sql_roll_begin(&rolling) : sql_begin(sql, batch->err);
    if (result == SQL_OK)
        result = owner_lock(batch);
    if (result == SQL_OK && batch->n > 0)
        result = work(batch);
    if (result == SQL_OK)
        return sql_commit(sql, batch->err);
    sql_rollback(sql);
    return result;
}

static enum db_result owner_run(struct batch *batch)
{
    const struct owned_links *links = batch->links;
    if (links->n == 0 || links->n > DB_OWNED_MAX) {
        error_set(batch->err, "cannot change %zu links at once", links->n);
        return DB_FAILED;
    }
    batch->arena = arena_new(SCRATCH_MAX);
    if (!batch->arena) {
        error_set(batch->err, "no memory for the links");
        return DB_FAILED;
    }
    struct db_sql_tries tries = db_sql_tries_start();
    enum sql_result result;
    do {
        result = owner_try_once(batch);
        batch->in_line = result == SQL_RETRY;
    } while (result != SQL_OK && db_sql_again(&tries, result));
    arena_free(&batch->arena);
    return db_sql_result(result);
}

enum db_result db_links_give(struct db *db, const struct owned_links *links, uint32_t to,
                             int64_t now, struct error *err)
{
    struct batch batch = {
        .db = db, .links = links, .gives = true, .to = to, .now = now, .err = err
    };
    return to == links->owner_id ? DB_OK : owner_run(&batch);
}

enum db_result db_links_delete(struct db *db, const struct owned_links *links, struct error *err)
{
    struct batch batch = { .db = db, .links = links, .err = err };
    return owner_run(&batch);
}
