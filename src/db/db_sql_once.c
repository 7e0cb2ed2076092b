/* SPDX-License-Identifier: MIT */
/* Storing many links, each with an idempotency key, in one transaction: all or none. */
#include "db/db_sql_private.h"

/* The links of one call. */
struct batch {
    struct db_sql_tx tx;
    const struct link *links;
    const struct idempotency *keys;
    size_t n;
};

static struct slice hash_slice(const unsigned char *hash)
{
    return (struct slice){ (const char *)hash, DB_HASH_BYTES };
}

static enum sql_result add_keys(const struct batch *batch)
{
    struct db_sql_many many = db_sql_many_start(&batch->tx, STATEMENT_IDEMPOTENCY_INSERT);
    for (size_t i = 0; i < batch->n; i++) {
        const struct idempotency *key = &batch->keys[i];
        db_sql_many_add(&many, sql_bytes(hash_slice(key->key_hash)),
                        sql_bytes(hash_slice(key->fingerprint)),
                        sql_uint(batch->links[i].target.link_id), sql_int(key->created_at));
    }
    return db_sql_many_end(&many);
}

static enum sql_result once_add_codes(const struct batch *batch)
{
    struct db_sql_many many = db_sql_many_start(&batch->tx, STATEMENT_CODE_INSERT);
    for (size_t i = 0; i < batch->n; i++) {
        size_t n = 0;
        const struct slice *codes = db_sql_codes(&batch->links[i], batch->tx.arena, &n);
        if (!codes)
            return SQL_ERROR;
        for (size_t c = 0; c < n; c++)
            db_sql_many_add(&many, sql_uint(DB_DOMAIN_DEFAULT), sql_bytes(codes[c]),
                            sql_uint(batch->links[i].target.link_id));
    }
    return db_sql_many_end(&many);
}

static enum sql_result once_insert_rows(void *context)
{
    const struct batch *batch = context;
    const struct link **links = db_sql_tx_alloc(
        &batch->tx, batch->n, sizeof(links[0])); // NOLINT(bugprone-sizeof-expression): pointers
    for (size_t i = 0; i < batch->n && links; i++)
        links[i] = &batch->links[i];
    enum sql_result result = links ? add_keys(batch) : SQL_ERROR;
    if (result == SQL_OK)
        result = once_add_codes(batch);
    if (result == SQL_OK)
        result = db_sql_insert_links(&batch->tx, links, batch->n);
    if (result == SQL_OK)
        result = db_sql_add_totals(&batch->tx, links, batch->n);
    return result;
}

/* A duplicate may be from an earlier try of this call, whose answer was lost. */
enum db_result db_links_insert_once(struct db *db, const struct link *links,
                                    const struct idempotency *keys, size_t n, struct error *err)
{
    if (n == 0)
        return DB_OK;
    if (n > DB_BULK_MAX) {
        error_set(err, "cannot store %zu links at once", n);
        return DB_FAILED;
    }
    struct batch batch = { .tx = { .db = db, .err = err, .mode = TX_IDLE_TIMEOUT },
                           .links = links,
                           .keys = keys,
                           .n = n };
    return db_sql_transact_once(&batch.tx, once_insert_rows, &batch);
}
