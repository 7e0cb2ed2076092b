/* SPDX-License-Identifier: MIT */
/* Changes that caches in front have to be told of, in SQL: the outbox, and how far each cache is.
 */
#include "db/db_sql_private.h"

#include "link/link.h"

/* --- keeping --- */

struct codes_kept {
    struct slice *at;
    size_t n;
    size_t room;
};

static bool keep_alias(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct codes_kept *codes = context;
    struct db_sql_alias alias;
    READ_COLUMNS(ALIAS_COLUMNS, &alias, columns);
    if (codes->n < codes->room)
        codes->at[codes->n++] = alias.text;
    return true;
}

static enum sql_result read_codes(const struct db_sql_tx *tx, const struct db_sql_link_row *rows,
                                  size_t n, struct codes_kept *codes)
{
    struct sql_value *ids = db_sql_tx_alloc(tx, n, sizeof(*ids));
    *codes = (struct codes_kept){ .room = n * (1 + LINK_ALIAS_ROWS_MAX) };
    codes->at = db_sql_tx_alloc(tx, codes->room, sizeof(*codes->at));
    if (!ids || !codes->at)
        return SQL_ERROR;
    for (size_t i = 0; i < n; i++) {
        ids[i] = sql_uint(rows[i].link_id);
        codes->at[codes->n++] = rows[i].code;
    }
    const struct sql_query query = {
        .id = STATEMENT_ALIAS_FIND,
        .params = ids,
        .n_params = (unsigned)n,
        .rows = (unsigned)n,
        .row = keep_alias,
        .context = codes,
        .arena = tx->arena,
    };
    return db_sql_tx_run(tx, &query);
}

/* A code that is listed as the link's first and among its aliases is kept twice, which is harmless.
 */
enum sql_result db_sql_keep_change(const struct db_sql_tx *tx, const struct db_sql_link_row *rows,
                                   size_t n)
{
    struct codes_kept codes;
    if (!tx->db->keeps_changes || n == 0)
        return SQL_OK;
    enum sql_result result = read_codes(tx, rows, n, &codes);
    if (result != SQL_OK)
        return result;
    struct db_sql_many many = db_sql_many_start(tx, STATEMENT_EDGE_CHANGE_ADD);
    for (size_t i = 0; i < codes.n; i++)
        db_sql_many_add(&many, sql_bytes(codes.at[i]));
    return db_sql_many_end(&many);
}

/* --- reading --- */

static bool read_change(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct edge_change_page *changes = context;
    if (changes->n < DB_CHANGES_MAX) {
        struct edge_change *change = &changes->at[changes->n++];
        READ_COLUMNS(EDGE_CHANGE_COLUMNS, change, columns);
    }
    return true;
}

enum db_result db_edge_changes(struct db *db, uint64_t after, struct arena *arena,
                               struct edge_change_page *out, struct error *err)
{
    out->n = 0;
    out->at = arena_alloc(arena, DB_CHANGES_MAX * sizeof(*out->at));
    if (!out->at) {
        error_set(err, "no memory for the changes of links");
        return DB_FAILED;
    }
    return db_sql_read(db,
                       SQL_READ(EDGE_CHANGE_READ, read_change, out, arena, sql_uint(after),
                                sql_uint(DB_CHANGES_MAX)),
                       err);
}

enum db_result db_edge_newest(struct db *db, uint64_t *id, struct error *err)
{
    *id = 0;
    return db_sql_read(db, SQL_READ(EDGE_CHANGE_BEYOND, db_sql_read_uint, id, NULL, sql_uint(0)),
                       err);
}

/* --- bounds --- */

enum db_result db_edge_changes_bound(struct db *db, const struct edge_bound *bound,
                                     uint64_t *dropped, struct error *err)
{
    uint64_t beyond = 0;
    struct sql_done done = { 0 };
    *dropped = 0;
    enum db_result result = db_sql_write(
        db, SQL_WRITE(EDGE_CHANGE_EXPIRE, sql_int(bound->max_age_s), sql_uint(DB_CHANGES_MAX)),
        &done, err);
    if (result != DB_OK)
        return result;
    result = db_sql_find_here(
        db, SQL_READ(EDGE_CHANGE_BEYOND, db_sql_read_uint, &beyond, NULL, sql_uint(bound->max)),
        err);
    if (result != DB_OK)
        return result == DB_MISSING ? DB_OK : result;
    result = db_sql_write(
        db, SQL_WRITE(EDGE_CHANGE_DROP, sql_uint(beyond), sql_uint(DB_CHANGES_MAX)), &done, err);
    if (result == DB_OK)
        *dropped = done.affected;
    return result;
}

/* --- positions --- */

enum db_result db_edge_position(struct db *db, uint64_t target, uint64_t *position,
                                struct error *err)
{
    *position = 0;
    return db_sql_read(
        db, SQL_READ(EDGE_TARGET_FIND, db_sql_read_uint, position, NULL, sql_uint(target)), err);
}

enum db_result db_edge_position_set(struct db *db, uint64_t target, uint64_t position,
                                    struct error *err)
{
    return db_sql_write(db, SQL_WRITE(EDGE_TARGET_STORE, sql_uint(target), sql_uint(position)),
                        NULL, err);
}
