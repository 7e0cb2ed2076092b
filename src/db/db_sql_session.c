/* SPDX-License-Identifier: MIT */
/* Sessions, and the tokens that sign in once, in SQL. */
#include "db/db_sql_private.h"

static struct sql_value session_hash(const unsigned char *hash)
{
    return sql_bytes((struct slice){ (const char *)hash, KEY_HASH_BYTES });
}

static void read_session(struct session *out, const struct sql_value *columns)
{
    *out = (struct session){ 0 };
    READ_COLUMNS(SESSION_COLUMNS, out, columns);
    READ_COLUMNS(KEY_COLUMNS, &out->key, columns + COLUMN_COUNT(SESSION_COLUMNS));
}

static bool read_one_session(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    read_session(context, columns);
    return false;
}

enum db_result db_session_find(struct db *db, const unsigned char *hash, struct arena *arena,
                               struct session *out, struct error *err)
{
    return db_sql_find(db, SQL_READ(SESSION_FIND, read_one_session, out, arena, session_hash(hash)),
                       err);
}

/* --- signing in --- */

struct session_insertion {
    struct db_sql_tx tx;
    const struct session *request;
    struct session *session;
    const unsigned char *token;
    struct arena *arena;
};

/* Uses the token up; *key_id becomes that of its key. */
static enum sql_result redeem(struct session_insertion *in, uint32_t *key_id)
{
    uint64_t id = 0;
    bool is_used = false;
    struct sql_value hash = session_hash(in->token);
    enum sql_result result =
        db_sql_tx_run(&in->tx, SQL_READ(SIGN_IN_FIND, db_sql_read_uint, &id, NULL, hash,
                                        sql_int(in->session->created_at)));
    if (result == SQL_OK && id)
        result = db_sql_tx_find(&in->tx, SQL_WRITE(SIGN_IN_DELETE, hash), &is_used);
    *key_id = (uint32_t)id;
    /* If it is there and not deleted here, another request has just used it. */
    return result == SQL_OK && !is_used ? db_sql_refuse(&in->tx, DB_MISSING) : result;
}

/* Ends the sessions that would be more than DB_SESSIONS_MAX with one more. */
static enum sql_result make_room(const struct session_insertion *in)
{
    uint64_t n = 0;
    struct sql_value user = sql_uint(in->session->key.user_id);
    enum sql_result result =
        db_sql_tx_run(&in->tx, SQL_READ(SESSION_COUNT, db_sql_read_uint, &n, NULL, user));
    if (result != SQL_OK || n < DB_SESSIONS_MAX)
        return result;
    return db_sql_tx_run(&in->tx, SQL_WRITE(SESSION_TRIM, user, sql_uint(n + 1 - DB_SESSIONS_MAX)));
}

static enum sql_result store_session(const struct session_insertion *in)
{
    struct session *session = in->session;
    struct sql_done done = { 0 };
    enum sql_result result =
        sql_run(in->tx.db->sql,
                SQL_WRITE(SESSION_INSERT, session_hash(session->hash), sql_uint(session->key.id),
                          sql_uint(session->key.user_id), sql_int(session->created_at),
                          sql_int(session->last_used_at), sql_bytes(session->agent)),
                &done, in->tx.err);
    session->id = (uint32_t)done.insert_id;
    return result;
}

/* Reads the key; refuses one that is not valid. */
static enum sql_result read_key(struct session_insertion *in, uint32_t key_id)
{
    struct api_key *key = &in->session->key;
    bool found = false;
    enum sql_result result = db_sql_tx_find(
        &in->tx, SQL_READ(KEY_FIND, db_sql_read_key, key, in->arena, sql_uint(key_id)), &found);
    bool is_valid = found && !key->revoked_at &&
                    (!key->expires_at || key->expires_at > in->session->created_at);
    return result == SQL_OK && !is_valid ? db_sql_refuse(&in->tx, DB_MISSING) : result;
}

static enum sql_result session_insert(void *context)
{
    struct session_insertion *in = context;
    struct session *session = in->session;
    bool found = false;
    enum sql_result result = SQL_OK;
    if (in->tx.lost) /* an earlier try may have stored it */
        result = db_sql_tx_find(&in->tx,
                                SQL_READ(SESSION_FIND, read_one_session, session, in->arena,
                                         session_hash(in->request->hash)),
                                &found);
    if (result != SQL_OK || found)
        return result;
    *session = *in->request;
    session->last_used_at = session->created_at;
    uint32_t key_id = session->key.id;
    if (in->token)
        result = redeem(in, &key_id);
    if (result == SQL_OK)
        result = read_key(in, key_id);
    if (result == SQL_OK)
        result = make_room(in);
    return result == SQL_OK ? store_session(in) : result;
}

enum db_result db_session_insert(struct db *db, struct session *session, const unsigned char *token,
                                 struct arena *arena, struct error *err)
{
    const struct session request = *session;
    struct session_insertion in = { .tx = { .db = db, .err = err },
                                    .request = &request,
                                    .session = session,
                                    .token = token,
                                    .arena = arena };
    return db_sql_transact_once(&in.tx, session_insert, &in);
}

enum db_result db_sign_in_insert(struct db *db, const struct sign_in *token, struct error *err)
{
    enum db_result result =
        db_sql_write(db,
                     SQL_WRITE(SIGN_IN_INSERT, session_hash(token->hash), sql_uint(token->key_id),
                               sql_int(token->expires_at)),
                     NULL, err);
    return result == DB_TAKEN ? DB_OK : result; /* an earlier try, whose answer was lost */
}

/* --- the life of a session --- */

enum db_result db_session_touch(struct db *db, uint32_t session_id, int64_t used_at,
                                struct error *err)
{
    return db_sql_write(
        db, SQL_WRITE(SESSION_TOUCH, sql_int(used_at), sql_uint(session_id), sql_int(used_at)),
        NULL, err);
}

static bool read_next_session(void *context, const struct sql_value *columns, unsigned n)
{
    (void)n;
    struct session_list *list = context;
    read_session(&list->sessions[list->n++], columns);
    return list->n < DB_SESSIONS_MAX;
}

enum db_result db_session_list(struct db *db, uint32_t user_id, struct arena *arena,
                               struct session_list *out, struct error *err)
{
    *out = (struct session_list){ arena_alloc(arena, sizeof(*out->sessions) * DB_SESSIONS_MAX), 0 };
    if (!out->sessions) {
        error_set(err, "no memory for the sessions");
        return DB_FAILED;
    }
    return db_sql_read(db,
                       SQL_READ(SESSION_LIST, read_next_session, out, arena, sql_uint(user_id),
                                sql_uint(DB_SESSIONS_MAX)),
                       err);
}

enum db_result db_session_delete(struct db *db, uint32_t user_id, uint32_t session_id,
                                 struct error *err)
{
    struct sql_done done = { 0 };
    enum db_result result = db_sql_write(
        db, SQL_WRITE(SESSION_DELETE, sql_uint(session_id), sql_uint(user_id)), &done, err);
    return result == DB_OK && done.affected == 0 ? DB_MISSING : result;
}

enum db_result db_session_delete_all(struct db *db, uint32_t user_id, struct error *err)
{
    return db_sql_write(db, SQL_WRITE(SESSION_DELETE_USER, sql_uint(user_id)), NULL, err);
}
