/* SPDX-License-Identifier: MIT */
/* Users and their API keys in SQL. */
#include "db/db_sql_private.h"

bool db_sql_read_key(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct api_key *key = context;
    *key = (struct api_key){ 0 };
    READ_COLUMNS(KEY_COLUMNS, key, columns);
    return false;
}

enum db_result db_key_find(struct db *db, uint32_t key_id, struct arena *arena, struct api_key *out,
                           struct error *err)
{
    return db_sql_find(db, SQL_READ(KEY_FIND, db_sql_read_key, out, arena, sql_uint(key_id)), err);
}

/* Reads the user's id and role; inserts the user if the name is new. SQL_DUPLICATE: another
 * connection has just inserted the name. */
static enum sql_result find_or_add_user(const struct db_sql_tx *tx, struct api_key *key)
{
    struct user user = { 0 };
    struct sql_done done = { 0 };
    enum sql_result result = sql_run(
        tx->db->sql, SQL_READ(USER_FIND, db_sql_read_user, &user, NULL, sql_bytes(key->user)),
        &done, tx->err);
    if (result == SQL_OK && done.affected > 0) {
        key->user_id = user.id;
        key->role = user.role;
    }
    if (result != SQL_OK || done.affected > 0)
        return result;
    result = sql_run(
        tx->db->sql,
        SQL_WRITE(USER_INSERT, sql_bytes(key->user), sql_uint(key->role), sql_int(key->created_at)),
        &done, tx->err);
    if (result == SQL_OK)
        key->user_id = (uint32_t)done.insert_id;
    return result;
}

/* A key with this hash exists already if an earlier try was stored and its answer was lost. */
static enum sql_result find_or_add_key(const struct db_sql_tx *tx, struct api_key *key)
{
    struct slice hash = { (const char *)key->hash, sizeof(key->hash) };
    uint64_t key_id = 0;
    struct sql_done done = { 0 };
    enum sql_result result = sql_run(tx->db->sql,
                                     SQL_READ(KEY_FIND_HASH, db_sql_read_uint, &key_id, NULL,
                                              sql_uint(key->user_id), sql_bytes(hash)),
                                     &done, tx->err);
    key->id = (uint32_t)key_id;
    if (result != SQL_OK || done.affected > 0)
        return result;
    result =
        sql_run(tx->db->sql,
                SQL_WRITE(KEY_INSERT, sql_uint(key->user_id), sql_bytes(key->name), sql_bytes(hash),
                          sql_int(key->created_at), db_sql_or_null(key->revoked_at),
                          db_sql_or_null(key->expires_at), sql_uint(key->scope)),
                &done, tx->err);
    if (result == SQL_OK)
        key->id = (uint32_t)done.insert_id;
    return result;
}

struct key_insertion {
    struct db_sql_tx tx;
    const struct api_key *request;
    struct api_key *key;
};

static enum sql_result key_insert(void *context)
{
    const struct key_insertion *insertion = context;
    *insertion->key = *insertion->request;
    enum sql_result result = find_or_add_user(&insertion->tx, insertion->key);
    if (result == SQL_OK)
        result = find_or_add_key(&insertion->tx, insertion->key);
    return result == SQL_DUPLICATE ? SQL_RETRY /* of the user's name: the retry finds it */
                                   : result;
}

enum db_result db_key_insert(struct db *db, struct api_key *key, struct error *err)
{
    const struct api_key request = *key;
    struct key_insertion insertion = { .tx = { .db = db, .err = err },
                                       .request = &request,
                                       .key = key };
    return db_sql_transact_once(&insertion.tx, key_insert, &insertion);
}
