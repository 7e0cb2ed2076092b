/* SPDX-License-Identifier: MIT */
/* Users and their API keys in SQL. */
#include "db/db_sql_private.h"

void db_sql_read_key(struct api_key *key, const struct sql_value *columns)
{
    *key = (struct api_key){
        .id = (uint32_t)db_sql_uint(&columns[0]),
        .user_id = (uint32_t)db_sql_uint(&columns[1]),
        .user = db_sql_bytes(&columns[2]),
        .role = (enum user_role)db_sql_uint(&columns[3]),
        .name = db_sql_bytes(&columns[4]),
        .created_at = db_sql_int(&columns[6]),
        .revoked_at = db_sql_int(&columns[7]),
        .last_used_at = db_sql_int(&columns[8]),
        .policy = { db_sql_int(&columns[9]), db_sql_int(&columns[10]) },
        .expires_at = db_sql_int(&columns[11]),
        .scope = (enum key_scope)db_sql_uint(&columns[12]),
    };
    struct slice hash = db_sql_bytes(&columns[5]);
    if (hash.len == sizeof(key->hash))
        memcpy(key->hash, hash.at, sizeof(key->hash));
}

static bool read_key(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    db_sql_read_key(context, columns);
    return false;
}

enum db_result db_key_find(struct db *db, uint32_t key_id, struct arena *arena, struct api_key *out,
                           struct error *err)
{
    const struct sql_value params[] = { sql_uint(key_id) };
    const struct sql_query query = {
        .id = STATEMENT_KEY_FIND,
        .params = params,
        .n_params = 1,
        .row = read_key,
        .context = out,
        .arena = arena,
    };
    return db_sql_find(db, &query, err);
}

static bool key_read_user(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct api_key *key = context;
    key->user_id = (uint32_t)db_sql_uint(&columns[0]);
    key->role = (enum user_role)db_sql_uint(&columns[1]);
    return false;
}

/* Reads the user's id and role; inserts the user if the name is new. SQL_DUPLICATE: another
 * connection has just inserted the name. */
static enum sql_result find_or_add_user(struct db *db, struct api_key *key, struct error *err)
{
    const struct sql_value params[] = { sql_bytes(key->user), sql_uint(key->role),
                                        sql_int(key->created_at) };
    const struct sql_query find = { .id = STATEMENT_USER_FIND,
                                    .params = params,
                                    .n_params = 1,
                                    .row = key_read_user,
                                    .context = key };
    struct sql_done done = { 0 };
    enum sql_result result = sql_run(db->sql, &find, &done, err);
    if (result != SQL_OK || done.affected > 0)
        return result;
    const struct sql_query add = { .id = STATEMENT_USER_INSERT, .params = params, .n_params = 3 };
    result = sql_run(db->sql, &add, &done, err);
    if (result == SQL_OK)
        key->user_id = (uint32_t)done.insert_id;
    return result;
}

static bool read_id(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    ((struct api_key *)context)->id = (uint32_t)db_sql_uint(&columns[0]);
    return false;
}

/* A key with this hash exists already if an earlier try was stored and its answer was lost. */
static enum sql_result find_or_add_key(struct db *db, struct api_key *key, struct error *err)
{
    struct slice hash = { (const char *)key->hash, sizeof(key->hash) };
    const struct sql_value same[] = { sql_uint(key->user_id), sql_bytes(hash) };
    const struct sql_query find = {
        .id = STATEMENT_KEY_FIND_HASH, .params = same, .n_params = 2, .row = read_id, .context = key
    };
    struct sql_done done = { 0 };
    enum sql_result result = sql_run(db->sql, &find, &done, err);
    if (result != SQL_OK || done.affected > 0)
        return result;
    const struct sql_value params[] = { sql_uint(key->user_id),
                                        sql_bytes(key->name),
                                        sql_bytes(hash),
                                        sql_int(key->created_at),
                                        db_sql_or_null(key->revoked_at),
                                        db_sql_or_null(key->expires_at),
                                        sql_uint(key->scope) };
    const struct sql_query add = { .id = STATEMENT_KEY_INSERT, .params = params, .n_params = 7 };
    result = sql_run(db->sql, &add, &done, err);
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
