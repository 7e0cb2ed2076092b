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
static enum sql_result find_or_add_user(struct db *db, struct api_key *key, struct error *err)
{
    struct user user = { 0 };
    struct sql_done done = { 0 };
    enum sql_result result =
        sql_run(db->sql, SQL_READ(USER_FIND, db_sql_read_user, &user, NULL, sql_bytes(key->user)),
                &done, err);
    if (result == SQL_OK && done.affected > 0) {
        key->user_id = user.id;
        key->role = user.role;
    }
    if (result != SQL_OK || done.affected > 0)
        return result;
    result = sql_run(
        db->sql,
        SQL_WRITE(USER_INSERT, sql_bytes(key->user), sql_uint(key->role), sql_int(key->created_at)),
        &done, err);
    if (result == SQL_OK)
        key->user_id = (uint32_t)done.insert_id;
    return result;
}

/* A key with this hash exists already if an earlier try was stored and its answer was lost. */
static enum sql_result find_or_add_key(struct db *db, struct api_key *key, struct error *err)
{
    struct slice hash = { (const char *)key->hash, sizeof(key->hash) };
    uint64_t key_id = 0;
    struct sql_done done = { 0 };
    enum sql_result result = sql_run(db->sql,
                                     SQL_READ(KEY_FIND_HASH, db_sql_read_uint, &key_id, NULL,
                                              sql_uint(key->user_id), sql_bytes(hash)),
                                     &done, err);
    key->id = (uint32_t)key_id;
    if (result != SQL_OK || done.affected > 0)
        return result;
    result =
        sql_run(db->sql,
                SQL_WRITE(KEY_INSERT, sql_uint(key->user_id), sql_bytes(key->name), sql_bytes(hash),
                          sql_int(key->created_at), db_sql_or_null(key->revoked_at),
                          db_sql_or_null(key->expires_at), sql_uint(key->scope)),
                &done, err);
    if (result == SQL_OK)
        key->id = (uint32_t)done.insert_id;
    return result;
}

static enum sql_result key_insert_once(struct db *db, struct api_key *key, struct error *err)
{
    enum sql_result result = sql_begin(db->sql, err);
    if (result != SQL_OK)
        return result;
    result = find_or_add_user(db, key, err);
    if (result == SQL_OK)
        result = find_or_add_key(db, key, err);
    if (result == SQL_OK)
        return sql_commit(db->sql, err);
    sql_rollback(db->sql);
    return result;
}

enum db_result db_key_insert(struct db *db, struct api_key *key, struct error *err)
{
    struct db_sql_tries tries = db_sql_tries_start();
    const struct api_key asked = *key;
    enum sql_result result;
    do {
        *key = asked;
        result = key_insert_once(db, key, err);
        if (result == SQL_DUPLICATE) /* of the user's name: the retry finds it */
            result = SQL_RETRY;
    } while (result != SQL_OK && db_sql_again(&tries, result));
    return db_sql_result(result);
}
