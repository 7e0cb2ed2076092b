/* SPDX-License-Identifier: MIT */
/* Transactions with retries, and many rows in few statements of one. */
#include "db/db_sql_private.h"

#include <unistd.h>

#include "os/monotonic.h"

enum {
    SCRATCH_MAX = 256 << 20, /* bytes of temporary memory of a transaction */
    LOCK_PAUSE_US = 5000,    /* between two tries to take the roll-up lock */
    FIRST_ROOM = 4,          /* rows: most links have few */
    PAUSE_DOUBLINGS = 5,     /* the longest pause between two tries is 32 ms */
};

/* The longest time, in seconds, that a host which fails in a transaction blocks the others. The
 * server may also close the idle connection after this time; it is opened again when needed. */
#define SET_IDLE_TIMEOUT "SET SESSION wait_timeout = 30"

/* --- retries --- */

static void pause_for_a_moment(unsigned retry)
{
    uint64_t noise = (uint64_t)monotonic_us() + (uint64_t)getpid() * 40503u;
    uint64_t max_us = UINT64_C(1000) << (retry < PAUSE_DOUBLINGS ? retry : PAUSE_DOUBLINGS);
    monotonic_sleep_us((int64_t)(noise % max_us));
}

struct db_sql_tries db_sql_tries_start(int64_t patience_ms)
{
    return (struct db_sql_tries){ .end_ms = monotonic_ms() + patience_ms };
}

bool db_sql_again(struct db_sql_tries *tries, enum sql_result result)
{
    if (monotonic_ms() >= tries->end_ms)
        return false;
    if (result == SQL_LOST)
        return tries->losses++ < DB_SQL_LOSSES_MAX;
    if (result != SQL_RETRY)
        return false;
    pause_for_a_moment(tries->retries++);
    return true;
}

/* --- the roll-up lock --- */

/* Runs a statement that reads the row of click_gate; *found is set to whether it returned it. */
static enum sql_result tx_find_lock_row(const struct db_sql_tx *tx, enum statement_id id,
                                        bool *found)
{
    const struct sql_query query = { .id = id };
    return db_sql_tx_find(tx, &query, found);
}

/* Locks the row of click_gate by polling: a wait in the server would end with the shorter time-out
 * of server and client, and would look like a database that does not answer. */
static enum sql_result tx_take_rollup_lock(const struct db_sql_tx *tx, int64_t end_ms)
{
    bool locked = false;
    enum sql_result result = tx_find_lock_row(tx, STATEMENT_CLICK_GATE, &locked);
    bool exists = locked;
    if (result == SQL_OK && !locked)
        result = tx_find_lock_row(tx, STATEMENT_CLICK_GATE_FIND, &exists);
    if (result == SQL_OK && !exists) {
        error_set(tx->err, "the table click_gate has no row");
        return SQL_ERROR;
    }
    while (result == SQL_OK && !locked) {
        monotonic_sleep_us(LOCK_PAUSE_US);
        result = tx_find_lock_row(tx, STATEMENT_CLICK_GATE, &locked);
        if (result == SQL_OK && !locked && monotonic_ms() >= end_ms) {
            error_set(tx->err, "another transaction has locked the row of click_gate for too long");
            return SQL_RETRY;
        }
    }
    return result;
}

/* --- transactions --- */

static enum sql_result tx_begin(struct db_sql_tx *tx, bool after_deadlock)
{
    bool first = tx->mode == TX_ROLLUP_LOCK;
    bool locks = first || (tx->mode == TX_ROLLUP_LOCK_AFTER_DEADLOCK && after_deadlock);
    enum sql_result result = sql_begin(tx->db->sql, tx->err);
    if (result == SQL_OK && (locks || tx->mode == TX_IDLE_TIMEOUT))
        result = sql_text(tx->db->sql, SLICE(SET_IDLE_TIMEOUT), NULL, NULL, tx->err);
    if (result == SQL_OK && locks)
        result =
            tx_take_rollup_lock(tx, first ? tx->tries.end_ms : monotonic_ms() + DB_SQL_PATIENCE_MS);
    return result;
}

static enum sql_result tx_try(struct db_sql_tx *tx, db_sql_body *body, void *context,
                              bool after_deadlock)
{
    arena_reset(tx->arena);
    enum sql_result result = tx_begin(tx, after_deadlock);
    if (result == SQL_OK)
        result = body(context);
    if (result == SQL_OK)
        return sql_commit(tx->db->sql, tx->err);
    sql_rollback(tx->db->sql);
    return result;
}

enum db_result db_sql_transact(struct db_sql_tx *tx, db_sql_body *body, void *context)
{
    if (!tx->arena)
        tx->arena = arena_new(SCRATCH_MAX);
    if (!tx->arena) {
        error_set(tx->err, "no memory for the transaction");
        return DB_FAILED;
    }
    if (tx->tries.end_ms == 0)
        tx->tries =
            db_sql_tries_start(tx->mode == TX_ROLLUP_LOCK ? DB_SQL_QUEUE_MS : DB_SQL_PATIENCE_MS);
    enum sql_result result = SQL_OK;
    do {
        result = tx_try(tx, body, context, result == SQL_RETRY);
        tx->lost |= result == SQL_LOST;
    } while (result != SQL_OK && db_sql_again(&tx->tries, result));
    return result == SQL_REFUSED ? tx->refusal : db_sql_result(result);
}

enum db_result db_sql_transact_once(struct db_sql_tx *tx, db_sql_body *body, void *context)
{
    enum db_result result = db_sql_transact(tx, body, context);
    arena_free(&tx->arena);
    return result;
}

enum sql_result db_sql_tx_run(const struct db_sql_tx *tx, const struct sql_query *query)
{
    return sql_run(tx->db->sql, query, NULL, tx->err);
}

enum sql_result db_sql_tx_find(const struct db_sql_tx *tx, const struct sql_query *query,
                               bool *found)
{
    struct sql_done done = { 0 };
    enum sql_result result = sql_run(tx->db->sql, query, &done, tx->err);
    *found = done.affected > 0;
    return result;
}

void *db_sql_tx_alloc(const struct db_sql_tx *tx, size_t n, size_t size)
{
    void *at = arena_alloc(tx->arena, n * size);
    if (!at)
        error_set(tx->err, "no memory for the transaction");
    return at;
}

/* --- many rows in few statements --- */

/* The number of values of one row. */
static unsigned many_width(enum statement_id id)
{
    unsigned width = 0;
    for (const char *at = strchr(statement_of(id)->text, '{'); at && *at != '}'; at++)
        width += *at == '?';
    return width;
}

struct db_sql_many db_sql_many_start(const struct db_sql_tx *tx, enum statement_id id)
{
    return (struct db_sql_many){ .tx = tx, .id = id, .width = many_width(id) };
}

static bool many_make_room(struct db_sql_many *many)
{
    if (many->n < many->room)
        return true;
    unsigned room = many->room ? DB_SQL_MANY_ROWS : FIRST_ROOM;
    size_t row = sizeof(*many->values) * many->width;
    struct sql_value *values = db_sql_tx_alloc(many->tx, room, row);
    if (!values) {
        many->result = SQL_ERROR;
        return false;
    }
    if (many->n > 0)
        memcpy(values, many->values, row * many->n);
    many->values = values;
    many->room = room;
    return true;
}

static void many_run(struct db_sql_many *many)
{
    const struct sql_query query = {
        .id = many->id,
        .params = many->values,
        .n_params = many->n * many->width,
        .rows = many->n,
    };
    struct sql_done done = { 0 };
    many->result = sql_run(many->tx->db->sql, &query, &done, many->tx->err);
    many->affected += done.affected;
    many->n = 0;
}

void db_sql_many_add_row(struct db_sql_many *many, const struct sql_value *row)
{
    if (many->result != SQL_OK || !many_make_room(many))
        return;
    memcpy(many->values + (size_t)many->n * many->width, row, sizeof(*row) * many->width);
    many->n++;
    if (many->n == DB_SQL_MANY_ROWS)
        many_run(many);
}

enum sql_result db_sql_many_end(struct db_sql_many *many)
{
    if (many->result == SQL_OK && many->n > 0)
        many_run(many);
    return many->result;
}

void db_sql_total_add(struct db_sql_many *many, uint32_t owner_id, uint64_t shard,
                      const struct db_sql_sums *sums)
{
    db_sql_many_add(many, sql_uint(owner_id), sql_uint(shard), sql_int(sums->links),
                    sql_int(sums->clicks), sql_int(sums->visitors), sql_int(sums->bots));
}
