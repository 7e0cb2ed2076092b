/* SPDX-License-Identifier: MIT */
/* db.h over one SQL connection: life cycle, settings, and what the other files of db_sql share. */
#include "db/db_sql_private.h"

#include <stdlib.h>

enum db_result db_sql_result(enum sql_result result)
{
    switch (result) {
    case SQL_OK:
        return DB_OK;
    case SQL_DUPLICATE:
        return DB_TAKEN;
    case SQL_RETRY:
    case SQL_LOST:
        return DB_UNAVAILABLE;
    case SQL_ERROR:
    case SQL_REFUSED:
        break;
    }
    return DB_FAILED;
}

enum db_result db_sql_find_here(struct db *db, const struct sql_query *query, struct error *err)
{
    struct sql_done done = { 0 };
    struct db_sql_tries tries = db_sql_tries_start(DB_SQL_PATIENCE_MS);
    enum sql_result result;
    do {
        result = sql_run(db->sql, query, &done, err);
    } while (result == SQL_RETRY && db_sql_again(&tries, result));
    if (result != SQL_OK)
        return db_sql_result(result);
    return done.affected > 0 ? DB_OK : DB_MISSING;
}

enum db_result db_sql_find(struct db *db, const struct sql_query *query, struct error *err)
{
    enum db_result found = db_sql_find_here(db, query, err);
    if (found != DB_MISSING || db->may_be_late || sql_in_transaction(db->sql))
        return found;
    struct sql_done done = { 0 };
    bool ran = false;
    enum sql_result result = db_sql_run_caught_up(db, query, &done, &ran, err);
    if (result != SQL_OK)
        return db_sql_result(result);
    return ran && done.affected > 0 ? DB_OK : DB_MISSING;
}

enum db_result db_sql_write(struct db *db, const struct sql_query *query, struct sql_done *done,
                            struct error *err)
{
    struct db_sql_tries tries = db_sql_tries_start(DB_SQL_PATIENCE_MS);
    enum sql_result result;
    do {
        result = sql_run(db->sql, query, done, err);
    } while (result != SQL_OK && db_sql_again(&tries, result));
    return db_sql_result(result);
}

enum db_result db_sql_read(struct db *db, const struct sql_query *query, struct error *err)
{
    enum db_result result = db_sql_find_here(db, query, err);
    return result == DB_MISSING ? DB_OK : result;
}

struct sql_value db_sql_or_null(int64_t value)
{
    return value ? sql_int(value) : sql_null();
}

struct sql_value db_sql_bytes_or_null(struct slice bytes)
{
    return bytes.len > 0 ? sql_bytes(bytes) : sql_null();
}

bool db_sql_read_uint(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    *(uint64_t *)context = db_sql_uint(&columns[0]);
    return false;
}

static bool read_setting(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    *(struct slice *)context = db_sql_bytes(&columns[0]);
    return false;
}

enum db_result db_setting_get(struct db *db, const char *name, struct arena *arena,
                              struct slice *out, struct error *err)
{
    return db_sql_find(
        db, SQL_READ(SETTING_GET, read_setting, out, arena, sql_bytes(slice_of(name))), err);
}

enum db_result db_heartbeat_read(struct db *db, int64_t *at_ms, struct error *err)
{
    uint64_t at = 0;
    const struct sql_query query = { .id = STATEMENT_HEARTBEAT_READ,
                                     .row = db_sql_read_uint,
                                     .context = &at };
    enum db_result result = db_sql_find_here(db, &query, err);
    *at_ms = (int64_t)at;
    return result;
}

enum db_result db_heartbeat_write(struct db *db, int64_t *at_ms, struct error *err)
{
    const struct sql_query query = { .id = STATEMENT_HEARTBEAT_WRITE };
    enum db_result result = db_sql_write(db, &query, NULL, err);
    return result == DB_OK ? db_heartbeat_read(db, at_ms, err) : result;
}

enum db_result db_ping(struct db *db, struct error *err)
{
    const struct sql_query query = { .id = STATEMENT_PING };
    return db_sql_find(db, &query, err);
}

void db_close_idle(struct db *db, int64_t now_ms)
{
    sql_close_idle(db->sql, now_ms);
}

struct db *db_open(const struct sql_options *options)
{
    struct db *db = calloc(1, sizeof(*db));
    if (!db)
        return NULL;
    db->keeps_changes = options->keeps_changes;
    db->may_be_late = options->may_be_late;
    db->sql = sql_new(options);
    if (!db->sql)
        db_close(&db);
    return db;
}

void db_close(struct db **db)
{
    if (!*db)
        return;
    sql_free(&(*db)->sql);
    free(*db);
    *db = NULL;
}
