/* SPDX-License-Identifier: MIT */
/* Many rows in few statements. */
#include "db/db_sql_private.h"

enum {
    FIRST_ROOM = 4, /* rows: most links have few */
};

struct db_sql_many db_sql_many_start(struct db *db, enum statement_id id, unsigned width,
                                     struct arena *arena, struct error *err)
{
    return (struct db_sql_many){ .db = db, .id = id, .width = width, .arena = arena, .err = err };
}

static bool many_make_room(struct db_sql_many *many)
{
    if (many->n < many->room)
        return true;
    unsigned room = many->room ? DB_SQL_MANY_ROWS : FIRST_ROOM;
    size_t row = sizeof(*many->values) * many->width;
    struct sql_value *values = arena_alloc(many->arena, row * room);
    if (!values) {
        error_set(many->err, "no memory for the rows");
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
    many->result = sql_run(many->db->sql, &query, &done, many->err);
    many->affected += done.affected;
    many->n = 0;
}

void db_sql_many_add(struct db_sql_many *many, const struct sql_value *row)
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
    const struct sql_value row[DB_SQL_TOTAL_WIDTH] = {
        sql_uint(owner_id),    sql_uint(shard),         sql_int(sums->links),
        sql_int(sums->clicks), sql_int(sums->visitors), sql_int(sums->bots),
    };
    db_sql_many_add(many, row);
}
