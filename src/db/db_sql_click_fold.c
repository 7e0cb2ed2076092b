/* SPDX-License-Identifier: MIT */
/* Folding clicks in SQL: days lose their hours, and then become part of their month; a batch at a
 * time. */
#include "db/db_sql_private.h"

#include <stdlib.h>

enum {
    SCRATCH_MAX = 256 << 20,
};

struct folding {
    struct db_sql_rolling rolling;
    const struct click_fold *fold;
    struct click_rollup *days;
    unsigned n;
    struct click_fold_done done;
};

static enum sql_result no_memory(const struct folding *folding)
{
    error_set(folding->rolling.err, "no memory for the fold");
    return SQL_ERROR;
}

/* --- what is old -------------------------------------------------------------------------------
 */

static bool read_day(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct folding *folding = context;
    if (folding->n < folding->fold->limit)
        folding->days[folding->n++] = db_sql_read_rollup(columns);
    return true;
}

/* Locks the next days of a stage that are old. */
static enum sql_result find_days(struct folding *folding, enum click_stage stage, uint32_t before)
{
    const struct db_sql_rolling *rolling = &folding->rolling;
    folding->n = 0;
    folding->days = arena_alloc(rolling->arena, sizeof(*folding->days) * folding->fold->limit);
    if (!folding->days)
        return no_memory(folding);
    const struct sql_value params[] = { sql_uint(stage), sql_uint(before),
                                        sql_uint(folding->fold->limit) };
    const struct sql_query query = {
        .id = STATEMENT_CLICK_ROLLUP_STAGE,
        .params = params,
        .n_params = 3,
        .row = read_day,
        .context = folding,
        .arena = rolling->arena,
    };
    return sql_run(rolling->db->sql, &query, NULL, rolling->err);
}

static struct db_sql_many start_storing(const struct folding *folding)
{
    const struct db_sql_rolling *rolling = &folding->rolling;
    return db_sql_many_start(rolling->db, STATEMENT_CLICK_ROLLUP_STORE, DB_SQL_ROLLUP_WIDTH,
                             rolling->arena, rolling->err);
}

/* --- hours -------------------------------------------------------------------------------------
 */

static enum sql_result fold_days(struct folding *folding)
{
    const struct click_fold *fold = folding->fold;
    uint32_t before =
        fold->hourly_before > fold->daily_before ? fold->hourly_before : fold->daily_before;
    enum sql_result result = find_days(folding, CLICK_STAGE_HOURLY, before);
    if (result != SQL_OK)
        return result;
    struct db_sql_many many = start_storing(folding);
    for (unsigned i = 0; i < folding->n; i++) {
        if (!click_rollup_fold(&folding->days[i], folding->rolling.arena))
            return no_memory(folding);
        db_sql_roll_store(&many, &folding->days[i]);
    }
    folding->done.folded = folding->n;
    return db_sql_many_end(&many);
}

/* --- months ------------------------------------------------------------------------------------
 */

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

/* The months of the next days from *from on, one a link and all the same month; *from moves behind
 * the days. */
static unsigned list_months(const struct folding *folding, unsigned *from,
                            struct click_rollup *months)
{
    unsigned n = 0;
    for (; *from < folding->n; (*from)++) {
        const struct click_rollup *day = &folding->days[*from];
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

/* Adds the days [from, end) to their months, both in the order of the links. */
static enum sql_result merge_some(const struct folding *folding, unsigned from, unsigned end,
                                  struct click_rollup *months, unsigned n)
{
    enum sql_result result = db_sql_roll_lock(&folding->rolling, months, n);
    if (result != SQL_OK)
        return result;
    struct db_sql_many many = start_storing(folding);
    unsigned at = from;
    for (unsigned i = 0; i < n; i++) {
        for (; at < end && folding->days[at].link_id == months[i].link_id; at++) {
            if (!click_rollup_merge(&months[i], &folding->days[at], folding->rolling.arena))
                return no_memory(folding);
        }
        db_sql_roll_store(&many, &months[i]);
    }
    return db_sql_many_end(&many);
}

static enum sql_result delete_days(struct folding *folding)
{
    struct sql_value ids[1 + DB_SQL_MANY_ROWS];
    enum sql_result result = SQL_OK;
    qsort(folding->days, folding->n, sizeof(*folding->days), by_day_and_link);
    for (unsigned i = 0; i < folding->n && result == SQL_OK;) {
        uint32_t at = folding->days[i].at;
        unsigned n = 0;
        ids[0] = sql_uint(at);
        for (; i < folding->n && n < DB_SQL_MANY_ROWS && folding->days[i].at == at; i++)
            ids[++n] = sql_uint(folding->days[i].link_id);
        const struct sql_query query = {
            .id = STATEMENT_CLICK_DAY_DELETE, .params = ids, .n_params = 1 + n, .rows = n
        };
        result = sql_run(folding->rolling.db->sql, &query, NULL, folding->rolling.err);
    }
    return result;
}

static enum sql_result merge_days(struct folding *folding)
{
    struct click_rollup months[DB_SQL_MANY_ROWS];
    enum sql_result result = find_days(folding, CLICK_STAGE_DAILY, folding->fold->daily_before);
    if (result != SQL_OK || folding->n == 0)
        return result;
    qsort(folding->days, folding->n, sizeof(*folding->days), by_month_and_link);
    for (unsigned at = 0; at < folding->n && result == SQL_OK;) {
        unsigned from = at;
        unsigned n = list_months(folding, &at, months);
        result = merge_some(folding, from, at, months, n);
    }
    folding->done.merged = folding->n;
    return result == SQL_OK ? delete_days(folding) : result;
}

/* --- the call ----------------------------------------------------------------------------------
 */

static enum sql_result fold_once(struct folding *folding)
{
    struct sql *sql = folding->rolling.db->sql;
    arena_reset(folding->rolling.arena);
    folding->done = (struct click_fold_done){ 0 };
    enum sql_result result = db_sql_roll_begin(&folding->rolling);
    if (result == SQL_OK)
        result = fold_days(folding);
    arena_reset(folding->rolling.arena);
    if (result == SQL_OK)
        result = merge_days(folding);
    if (result == SQL_OK)
        return sql_commit(sql, folding->rolling.err);
    sql_rollback(sql);
    return result;
}

enum db_result db_sql_clicks_fold_batch(struct db *base, const struct click_fold *fold,
                                        struct click_fold_done *out, struct error *err)
{
    *out = (struct click_fold_done){ 0 };
    struct folding folding = {
        .rolling = { .db = db_sql_of(base), .arena = arena_new(SCRATCH_MAX), .err = err },
        .fold = fold,
    };
    if (!folding.rolling.arena || fold->limit == 0 || fold->limit > DB_FOLD_MAX) {
        error_set(err, "a fold of %u rows", fold->limit);
        arena_free(&folding.rolling.arena);
        return DB_FAILED;
    }
    struct db_sql_tries tries = db_sql_roll_tries();
    enum sql_result result;
    folding.rolling.end_ms = tries.end_ms;
    do {
        result = fold_once(&folding);
    } while (result != SQL_OK && db_sql_again(&tries, result));
    arena_free(&folding.rolling.arena);
    if (result != SQL_OK)
        return db_sql_result(result);
    *out = folding.done;
    out->more = out->folded == fold->limit || out->merged == fold->limit;
    return DB_OK;
}
