/* SPDX-License-Identifier: MIT */
/* Clicks in SQL: sources, reading, and the rows that flushing and compaction change. */
#include "db/db_sql_private.h"

#include <stdlib.h>

/* --- rows --- */

struct click_rollup db_sql_read_rollup(const struct sql_value *columns)
{
    struct click_rollup rollup;
    READ_COLUMNS(ROLLUP_COLUMNS, &rollup, columns);
    return rollup;
}

struct rollups_read {
    struct click_rollup *rows;
    unsigned n;
};

static int by_link(const void *a, const void *b)
{
    uint64_t left = ((const struct click_rollup *)a)->link_id;
    uint64_t right = ((const struct click_rollup *)b)->link_id;
    return (left > right) - (left < right);
}

static bool read_stored(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    const struct rollups_read *read = context;
    struct click_rollup stored = db_sql_read_rollup(columns);
    struct click_rollup *row = bsearch(&stored, read->rows, read->n, sizeof(*read->rows), by_link);
    if (row)
        *row = stored;
    return true;
}

enum sql_result db_sql_roll_lock(const struct db_sql_tx *tx, struct click_rollup *rows, unsigned n)
{
    struct sql_value params[2 + DB_SQL_MANY_ROWS];
    params[0] = sql_uint(click_rollup_unit(&rows[0]));
    params[1] = sql_uint(rows[0].at);
    for (unsigned i = 0; i < n; i++)
        params[2 + i] = sql_uint(rows[i].link_id);
    struct rollups_read read = { rows, n };
    const struct sql_query query = {
        .id = STATEMENT_CLICK_ROLLUP_LOCK,
        .params = params,
        .n_params = 2 + n,
        .rows = n,
        .row = read_stored,
        .context = &read,
        .arena = tx->arena,
    };
    return db_sql_tx_run(tx, &query);
}

/* The columns have the counts for queries that do not decode the detail; the detail has them
 * without this limit. */
static struct sql_value column_of(uint64_t count)
{
    return sql_uint(count < UINT32_MAX ? count : UINT32_MAX);
}

void db_sql_roll_store(struct db_sql_many *many, const struct click_rollup *row)
{
    db_sql_many_add(many, sql_uint(row->link_id), sql_uint(click_rollup_unit(row)),
                    sql_uint(row->at), sql_uint(row->stage), column_of(row->total.clicks),
                    column_of(row->total.visitors), column_of(row->total.bots),
                    sql_bytes(row->detail));
}

/* --- sources --- */

static bool read_source(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct click_source *source = context;
    READ_COLUMNS(SOURCE_COLUMNS, source, columns);
    return false;
}

enum db_result db_clicks_source(struct db *db, struct slice source, struct arena *arena,
                                struct click_source *out, struct error *err)
{
    return db_sql_find(db, SQL_READ(CLICK_SOURCE_FIND, read_source, out, arena, sql_bytes(source)),
                       err);
}

enum db_result db_clicks_source_drop(struct db *db, struct slice source, struct error *err)
{
    return db_sql_write(db, SQL_WRITE(CLICK_SOURCE_DROP, sql_bytes(source)), NULL, err);
}

enum db_result db_clicks_sources_purge(struct db *db, const struct click_source_purge *purge,
                                       struct error *err)
{
    unsigned char first[DB_SOURCE_BYTES], last[DB_SOURCE_BYTES];
    memset(first, 0, sizeof(first));
    memset(last, 0xff, sizeof(last));
    first[0] = last[0] = purge->part;
    return db_sql_write(db,
                        SQL_WRITE(CLICK_SOURCE_PURGE,
                                  sql_bytes((struct slice){ (const char *)first, sizeof(first) }),
                                  sql_bytes((struct slice){ (const char *)last, sizeof(last) }),
                                  sql_uint(purge->positions_len), sql_int(purge->before)),
                        NULL, err);
}

/* --- reading --- */

struct rows_read {
    struct click_rows *out;
    size_t room;
    struct arena *arena;
    bool no_memory;
};

enum {
    FIRST_ROOM = 32, /* rows of one month */
};

static bool click_make_room(struct rows_read *read)
{
    struct click_rows *out = read->out;
    size_t room = read->room ? 2 * read->room : FIRST_ROOM;
    struct click_row *rows = arena_alloc(read->arena, sizeof(*rows) * room);
    read->no_memory = !rows;
    if (!rows)
        return false;
    if (out->n > 0)
        memcpy(rows, out->rows, sizeof(*rows) * out->n);
    out->rows = rows;
    read->room = room;
    return true;
}

static bool click_read_row(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct rows_read *read = context;
    if (read->out->n == read->room && !click_make_room(read))
        return false;
    struct click_row *row = &read->out->rows[read->out->n];
    READ_COLUMNS(CLICK_ROW_COLUMNS, row, columns);
    if (columns[0].type == SQL_NULL) /* a row without a unit is the source */
        read->out->source = (struct click_source){ row->total.clicks, row->detail };
    else
        read->out->n++;
    return true;
}

static int by_unit_and_time(const void *a, const void *b)
{
    const struct click_row *left = a;
    const struct click_row *right = b;
    if (left->unit != right->unit)
        return left->unit < right->unit ? -1 : 1;
    return (left->at > right->at) - (left->at < right->at);
}

enum db_result db_clicks_read(struct db *db, const struct click_query *query, struct arena *arena,
                              struct click_rows *out, struct error *err)
{
    *out = (struct click_rows){ 0 };
    struct rows_read read = { .out = out, .arena = arena };
    enum db_result result = db_sql_read(
        db,
        SQL_READ(CLICK_ROLLUP_READ, click_read_row, &read, arena, sql_uint(query->link_id),
                 sql_uint(query->from_day), sql_uint(query->end_day), sql_bytes(query->source)),
        err);
    if (result == DB_OK && read.no_memory) {
        error_set(err, "no memory for the clicks");
        return DB_FAILED;
    }
    if (out->n > 0)
        qsort(out->rows, out->n, sizeof(*out->rows), by_unit_and_time);
    return result;
}

bool db_sql_read_sums(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct db_sql_sums *sums = context;
    READ_COLUMNS(TOTAL_COLUMNS, sums, columns);
    return false;
}

static bool read_totals(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct click_totals *totals = context;
    READ_COLUMNS(TOTAL_COLUMNS, totals, columns);
    return false;
}

enum db_result db_sql_read_owner_total(struct db *db, uint32_t owner_id, sql_row *row,
                                       void *context, struct error *err)
{
    bool all = owner_id == DB_OWNER_ANY;
    const struct sql_value params[] = { sql_uint(owner_id) };
    const struct sql_query query = {
        .id = all ? STATEMENT_TOTAL_ALL : STATEMENT_TOTAL_OWNER,
        .params = params,
        .n_params = all ? 0 : 1,
        .row = row,
        .context = context,
    };
    return db_sql_read(db, &query, err);
}

enum db_result db_clicks_owner(struct db *db, uint32_t owner_id, struct click_totals *out,
                               struct error *err)
{
    *out = (struct click_totals){ 0 };
    return db_sql_read_owner_total(db, owner_id, read_totals, out, err);
}
