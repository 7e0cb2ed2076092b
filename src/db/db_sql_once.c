/* SPDX-License-Identifier: MIT */
/* Storing many links, each with an idempotency key, in one transaction: all or none. */
#include "db/db_sql_private.h"

enum {
    SCRATCH_MAX = 64 << 20,
};

/* The links of one call. */
struct batch {
    struct db *db;
    const struct link *links;
    const struct idempotency *keys;
    size_t n;
    struct arena *arena;
    struct error *err;
};

static struct slice hash_slice(const unsigned char *hash)
{
    return (struct slice){ (const char *)hash, DB_HASH_BYTES };
}

static enum sql_result add_keys(const struct batch *batch)
{
    struct db_sql_many many =
        db_sql_many_start(batch->db, STATEMENT_IDEMPOTENCY_INSERT, 4, batch->arena, batch->err);
    for (size_t i = 0; i < batch->n; i++) {
        const struct idempotency *key = &batch->keys[i];
        const struct sql_value row[] = { sql_bytes(hash_slice(key->key_hash)),
                                         sql_bytes(hash_slice(key->fingerprint)),
                                         sql_uint(batch->links[i].target.link_id),
                                         sql_int(key->created_at) };
        db_sql_many_add(&many, row);
    }
    return db_sql_many_end(&many);
}

static enum sql_result once_add_codes(const struct batch *batch)
{
    struct db_sql_many many =
        db_sql_many_start(batch->db, STATEMENT_CODE_INSERT, 3, batch->arena, batch->err);
    for (size_t i = 0; i < batch->n; i++) {
        size_t n = 0;
        const struct slice *codes = db_sql_codes(&batch->links[i], batch->arena, &n);
        if (!codes)
            return SQL_ERROR;
        for (size_t c = 0; c < n; c++) {
            const struct sql_value row[] = { sql_uint(DB_DOMAIN_DEFAULT), sql_bytes(codes[c]),
                                             sql_uint(batch->links[i].target.link_id) };
            db_sql_many_add(&many, row);
        }
    }
    return db_sql_many_end(&many);
}

static enum sql_result once_insert_rows(const struct batch *batch)
{
    const struct link **links = arena_alloc(
        batch->arena, batch->n * sizeof(links[0])); // NOLINT(bugprone-sizeof-expression)
    for (size_t i = 0; i < batch->n && links; i++)
        links[i] = &batch->links[i];
    enum sql_result result = links ? add_keys(batch) : SQL_ERROR;
    if (result == SQL_OK)
        result = once_add_codes(batch);
    if (result == SQL_OK)
        result = db_sql_insert_links(batch->db, links, batch->n, batch->arena, batch->err);
    if (result == SQL_OK)
        result = db_sql_add_totals(batch->db, links, batch->n, batch->arena, batch->err);
    return result;
}

static enum sql_result once_insert_all(const struct batch *batch)
{
    struct sql *sql = batch->db->sql;
    arena_reset(batch->arena);
    enum sql_result result = sql_begin(sql, batch->err);
    if (result != SQL_OK)
        return result;
    result = db_sql_set_idle_timeout(sql, batch->err);
    if (result == SQL_OK)
        result = once_insert_rows(batch);
    if (result == SQL_OK)
        return sql_commit(sql, batch->err);
    sql_rollback(sql);
    return result;
}

/* A duplicate may be from an earlier try of this call, whose answer was lost. */
enum db_result db_links_insert_once(struct db *db, const struct link *links,
                                    const struct idempotency *keys, size_t n, struct error *err)
{
    if (n == 0)
        return DB_OK;
    const struct batch batch = {
        .db = db, .links = links, .keys = keys, .n = n, .arena = arena_new(SCRATCH_MAX), .err = err
    };
    if (!batch.arena || n > DB_BULK_MAX) {
        struct arena *arena = batch.arena;
        error_set(err, "cannot store %zu links at once", n);
        arena_free(&arena);
        return DB_FAILED;
    }
    struct db_sql_tries tries = db_sql_tries_start();
    enum sql_result result;
    do {
        result = once_insert_all(&batch);
    } while (result != SQL_OK && result != SQL_DUPLICATE && db_sql_again(&tries, result));
    struct arena *arena = batch.arena;
    arena_free(&arena);
    return result == SQL_DUPLICATE ? DB_TAKEN : db_sql_result(result);
}
