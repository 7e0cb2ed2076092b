/* SPDX-License-Identifier: MIT */
/* Retention of clicks in SQL, in batches: compacting days, and merging days into their month. */
#include "db/db_sql_private.h"

#include <stdlib.h>

struct compaction {
    struct db_sql_tx tx;
    const struct click_compact *compact;
    struct click_rollup *days;
    unsigned n;
    struct click_compact_done done;
};

static enum sql_result no_memory(const struct compaction *compaction)
{
    error_set(compaction->tx.err, "no memory for the compaction");
    return SQL_ERROR;
}

/* --- reading --- */

static bool read_day(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct compaction *compaction = context;
    if (compaction->n < compaction->compact->limit)
        compaction->days[compaction->n++] = db_sql_read_rollup(columns);
    return true;
}

/* Locks and reads the next days of a stage that are before `before`. */
static enum sql_result find_days(struct compaction *compaction, enum click_stage stage,
                                 uint32_t before)
{
    uint32_t limit = compaction->compact->limit;
    compaction->n = 0;
    compaction->days = db_sql_tx_alloc(&compaction->tx, limit, sizeof(*compaction->days));
    if (!compaction->days)
        return SQL_ERROR;
    return db_sql_tx_run(&compaction->tx,
                         SQL_READ(CLICK_ROLLUP_STAGE, read_day, compaction, compaction->tx.arena,
                                  sql_uint(stage), sql_uint(before), sql_uint(limit)));
}

/* --- hours --- */

static enum sql_result compact_days(struct compaction *compaction)
{
    const struct click_compact *compact = compaction->compact;
    uint32_t before = compact->hourly_before > compact->daily_before ? compact->hourly_before
                                                                     : compact->daily_before;
    enum sql_result result = find_days(compaction, CLICK_STAGE_HOURLY, before);
    if (result != SQL_OK)
        return result;
    struct db_sql_many many = db_sql_many_start(&compaction->tx, STATEMENT_CLICK_ROLLUP_STORE);
    for (unsigned i = 0; i < compaction->n; i++) {
        if (!click_rollup_compact(&compaction->days[i], compaction->tx.arena))
            return no_memory(compaction);
        db_sql_roll_store(&many, &compaction->days[i]);
    }
    compaction->done.compacted = compaction->n;
    return db_sql_many_end(&many);
}

/* --- months --- */

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_month_and_link(const void *a, const void *b)
{
    const struct click_rollup *left = a;
    const struct click_rollup *right = b;
    int order = compare(click_month_of(left->at), click_month_of(right->at));
    if (order == 0)
        order = compare(left->link_id, right->link_id);
    return order ? order : compare(left->at, right->at);
}

static int by_day_and_link(const void *a, const void *b)
{
    const struct click_rollup *left = a;
    const struct click_rollup *right = b;
    int order = compare(left->at, right->at);
    return order ? order : compare(left->link_id, right->link_id);
}

/* Lists the roll-ups of a month for the next days from *from on: one per link, all of the same
 * month. Advances *from past these days. */
static unsigned list_months(const struct compaction *compaction, unsigned *from,
                            struct click_rollup *months)
{
    unsigned n = 0;
    for (; *from < compaction->n; (*from)++) {
        const struct click_rollup *day = &compaction->days[*from];
        uint32_t month = click_month_of(day->at);
        if (n > 0 && months[n - 1].at == month && months[n - 1].link_id == day->link_id)
            continue;
        if (n == DB_SQL_MANY_ROWS || (n > 0 && months[n - 1].at != month))
            break;
        months[n++] = (struct click_rollup){ .link_id = day->link_id,
                                             .at = month,
                                             .stage = CLICK_STAGE_MONTH };
    }
    return n;
}

/* Merges the days [from, end) into their months; both are in the order of the links. */
static enum sql_result merge_some(const struct compaction *compaction, unsigned from, unsigned end,
                                  struct click_rollup *months, unsigned n)
{
    enum sql_result result = db_sql_roll_lock(&compaction->tx, months, n);
    if (result != SQL_OK)
        return result;
    struct db_sql_many many = db_sql_many_start(&compaction->tx, STATEMENT_CLICK_ROLLUP_STORE);
    unsigned at = from;
    for (unsigned i = 0; i < n; i++) {
        for (; at < end && compaction->days[at].link_id == months[i].link_id; at++) {
            if (!click_rollup_merge(&months[i], &compaction->days[at], compaction->tx.arena))
                return no_memory(compaction);
        }
        db_sql_roll_store(&many, &months[i]);
    }
    return db_sql_many_end(&many);
}

static enum sql_result delete_days(struct compaction *compaction)
{
    struct sql_value ids[1 + DB_SQL_MANY_ROWS];
    enum sql_result result = SQL_OK;
    qsort(compaction->days, compaction->n, sizeof(*compaction->days), by_day_and_link);
    for (unsigned i = 0; i < compaction->n && result == SQL_OK;) {
        uint32_t at = compaction->days[i].at;
        unsigned n = 0;
        ids[0] = sql_uint(at);
        for (; i < compaction->n && n < DB_SQL_MANY_ROWS && compaction->days[i].at == at; i++)
            ids[++n] = sql_uint(compaction->days[i].link_id);
        const struct sql_query query = {
            .id = STATEMENT_CLICK_DAY_DELETE, .params = ids, .n_params = 1 + n, .rows = n
        };
        result = db_sql_tx_run(&compaction->tx, &query);
    }
    return result;
}

static enum sql_result merge_days(struct compaction *compaction)
{
    struct click_rollup months[DB_SQL_MANY_ROWS];
    enum sql_result result =
        find_days(compaction, CLICK_STAGE_DAILY, compaction->compact->daily_before);
    if (result != SQL_OK || compaction->n == 0)
        return result;
    qsort(compaction->days, compaction->n, sizeof(*compaction->days), by_month_and_link);
    for (unsigned at = 0; at < compaction->n && result == SQL_OK;) {
        unsigned from = at;
        unsigned n = list_months(compaction, &at, months);
        result = merge_some(compaction, from, at, months, n);
    }
    compaction->done.merged = compaction->n;
    return result == SQL_OK ? delete_days(compaction) : result;
}

/* --- the call --- */

static enum sql_result compact_batch(void *context)
{
    struct compaction *compaction = context;
    compaction->done = (struct click_compact_done){ 0 };
    enum sql_result result = compact_days(compaction);
    arena_reset(compaction->tx.arena);
    return result == SQL_OK ? merge_days(compaction) : result;
}

enum db_result db_clicks_compact_batch(struct db *db, const struct click_compact *compact,
                                       struct click_compact_done *out, struct error *err)
{
    *out = (struct click_compact_done){ 0 };
    struct compaction compaction = {
        .tx = { .db = db, .err = err, .mode = TX_ROLLUP_LOCK },
        .compact = compact,
    };
    if (compact->limit == 0 || compact->limit > DB_COMPACT_MAX) {
        error_set(err, "cannot compact %u rows at once", compact->limit);
        return DB_FAILED;
    }
    enum db_result result = db_sql_transact_once(&compaction.tx, compact_batch, &compaction);
    if (result != DB_OK)
        return result;
    *out = compaction.done;
    out->more = out->compacted == compact->limit || out->merged == compact->limit;
    return DB_OK;
}
