/* SPDX-License-Identifier: MIT */
/* Sessions, and the tokens that sign in once, in memory. */
#include "fakes/db_fake_private.h"

static struct session *find_session(struct db *db, const unsigned char *hash)
{
    for (size_t i = 0; i < db->n_sessions; i++) {
        if (memcmp(db->sessions[i].hash, hash, KEY_HASH_BYTES) == 0)
            return &db->sessions[i];
    }
    return NULL;
}

static struct session copy_session(struct db *db, const struct session *session,
                                   struct arena *arena)
{
    struct session copy = *session;
    copy.agent = db_fake_keep(arena, session->agent);
    db_fake_key(db, session->key.id, arena, &copy.key);
    return copy;
}

static void remove_session(struct db *db, size_t at)
{
    db->n_sessions--;
    for (size_t i = at; i < db->n_sessions; i++)
        db->sessions[i] = db->sessions[i + 1];
}

/* Uses the token up; returns the id of its key, or 0. */
static uint32_t redeem(struct db *db, const unsigned char *token, int64_t now)
{
    for (size_t i = 0; i < db->n_sign_ins; i++) {
        const struct sign_in found = db->sign_ins[i];
        if (memcmp(found.hash, token, KEY_HASH_BYTES) != 0 || found.expires_at <= now)
            continue;
        db->sign_ins[i] = db->sign_ins[--db->n_sign_ins];
        return found.key_id;
    }
    return 0;
}

static size_t count_sessions(const struct db *db, uint32_t user_id)
{
    size_t n = 0;
    for (size_t i = 0; i < db->n_sessions; i++)
        n += db->sessions[i].key.user_id == user_id;
    return n;
}

static void trim_sessions(struct db *db, uint32_t user_id)
{
    while (count_sessions(db, user_id) >= DB_SESSIONS_MAX) {
        size_t oldest = db->n_sessions;
        for (size_t i = 0; i < db->n_sessions; i++) {
            if (db->sessions[i].key.user_id == user_id &&
                (oldest == db->n_sessions ||
                 db->sessions[i].last_used_at < db->sessions[oldest].last_used_at))
                oldest = i;
        }
        remove_session(db, oldest);
    }
}

static enum db_result insert_session(struct db *db, struct session *session,
                                     const unsigned char *token, struct arena *arena)
{
    uint32_t key_id = token ? redeem(db, token, session->created_at) : session->key.id;
    if (!db_fake_key(db, key_id, arena, &session->key) || session->key.revoked_at ||
        (session->key.expires_at && session->key.expires_at <= session->created_at))
        return DB_MISSING;
    trim_sessions(db, session->key.user_id);
    session->id = ++db->last_session_id;
    session->last_used_at = session->created_at;
    db->sessions = db_fake_grow(db->sessions, db->n_sessions, sizeof(*db->sessions));
    db->sessions[db->n_sessions] = *session;
    db->sessions[db->n_sessions++].agent = db_fake_keep(db->text, session->agent);
    return DB_OK;
}

enum db_result db_session_insert(struct db *db, struct session *session, const unsigned char *token,
                                 struct arena *arena, struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    return db_fake_answer(db, insert_session(db, session, token, arena));
}

enum db_result db_session_find(struct db *db, const unsigned char *hash, struct arena *arena,
                               struct session *out, struct error *err)
{
    if (db_fake_fails(db, false, err))
        return db->failure;
    const struct session *found = find_session(db, hash);
    if (found)
        *out = copy_session(db, found, arena);
    return found && out->key.id ? DB_OK : DB_MISSING;
}

enum db_result db_session_touch(struct db *db, uint32_t session_id, int64_t used_at,
                                struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    for (size_t i = 0; i < db->n_sessions; i++) {
        struct session *session = &db->sessions[i];
        if (session->id == session_id && session->last_used_at < used_at)
            session->last_used_at = used_at;
    }
    return db_fake_answer(db, DB_OK);
}

enum db_result db_session_list(struct db *db, uint32_t user_id, struct arena *arena,
                               struct session_list *out, struct error *err)
{
    *out = (struct session_list){ arena_alloc(arena, sizeof(*out->sessions) * DB_SESSIONS_MAX), 0 };
    if (!out->sessions || db_fake_fails(db, false, err))
        return db->failure;
    for (size_t i = 0; i < db->n_sessions; i++) {
        if (db->sessions[i].key.user_id != user_id)
            continue;
        size_t at = out->n++;
        while (at > 0 && out->sessions[at - 1].last_used_at < db->sessions[i].last_used_at) {
            out->sessions[at] = out->sessions[at - 1];
            at--;
        }
        out->sessions[at] = copy_session(db, &db->sessions[i], arena);
    }
    return DB_OK;
}

/* Deletes a session of the user, or all for an id of 0; returns how many. */
static size_t delete_sessions(struct db *db, uint32_t user_id, uint32_t session_id)
{
    size_t deleted = 0;
    for (size_t i = db->n_sessions; i-- > 0;) {
        const struct session *session = &db->sessions[i];
        if (session->key.user_id != user_id || (session_id && session->id != session_id))
            continue;
        remove_session(db, i);
        deleted++;
    }
    return deleted;
}

enum db_result db_session_delete(struct db *db, uint32_t user_id, uint32_t session_id,
                                 struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    return db_fake_answer(db, delete_sessions(db, user_id, session_id) ? DB_OK : DB_MISSING);
}

enum db_result db_session_delete_all(struct db *db, uint32_t user_id, struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    delete_sessions(db, user_id, 0);
    return db_fake_answer(db, DB_OK);
}

enum db_result db_sign_in_insert(struct db *db, const struct sign_in *token, struct error *err)
{
    if (db_fake_fails(db, true, err))
        return db->failure;
    db->sign_ins = db_fake_grow(db->sign_ins, db->n_sign_ins, sizeof(*db->sign_ins));
    db->sign_ins[db->n_sign_ins++] = *token;
    return db_fake_answer(db, DB_OK);
}

void db_fake_purge_sessions(struct db *db, const struct purge *purge, struct purge_done *out)
{
    unsigned n = 0;
    for (size_t i = db->n_sessions; i-- > 0 && n < purge->limit;) {
        if (db->sessions[i].last_used_at >= purge->sessions_before)
            continue;
        remove_session(db, i);
        n++;
    }
    unsigned tokens = 0;
    for (size_t i = db->n_sign_ins; i-- > 0 && tokens < purge->limit;) {
        if (db->sign_ins[i].expires_at >= purge->sign_ins_before)
            continue;
        db->sign_ins[i] = db->sign_ins[--db->n_sign_ins];
        tokens++;
    }
    out->sessions = n + tokens;
    out->more |= n == purge->limit || tokens == purge->limit;
}
