/* SPDX-License-Identifier: MIT */
/* Starts, checks and lists sessions. */
#include "service/sessions.h"

#include <assert.h>

#include "base/buf.h"
#include "click/agent.h"
#include "service/digest.h"

static_assert((int)DIGEST_BYTES == (int)SECRET_BYTES, "a digest is written like a secret");

/* "Firefox on Linux"; empty for a program, and where neither name is known. */
static struct slice agent_names(struct slice user_agent, struct arena *arena)
{
    struct agent agent;
    struct buf names = buf_in(arena, DB_AGENT_MAX);
    agent_classify(user_agent, &agent);
    if (agent.browser == BROWSER_OTHER && agent.os == OS_OTHER)
        return (struct slice){ NULL, 0 };
    buf_printf(&names, "%s on %s", agent_browser_name(agent.browser), agent_os_name(agent.os));
    return buf_slice(&names);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t sessions_end_of(const struct sessions *sessions, const struct session *session)
{
    int64_t end =
        earlier(session->created_at + sessions->max_s, session->last_used_at + sessions->idle_s);
    return session->key.expires_at ? earlier(end, session->key.expires_at) : end;
}

static bool has_ended(const struct sessions *sessions, const struct session *session, int64_t now)
{
    return session->key.revoked_at || now >= sessions_end_of(sessions, session);
}

static struct caller caller_of(const struct sessions *sessions, const struct session *session)
{
    const struct api_key *key = &session->key;
    return (struct caller){
        .user_id = key->user_id,
        .key_id = key->id,
        .role = key->role,
        .user = key->user,
        .policy = key->policy,
        .scope = key->scope,
        .key_expires_at = key->expires_at,
        .session_id = session->id,
        .session_ends_at = sessions_end_of(sessions, session),
    };
}

enum auth_outcome sessions_start(const struct sessions *sessions,
                                 const struct session_request *request, struct caller *out,
                                 char text[SECRET_DIGITS + 1], struct error *err)
{
    unsigned char token[SECRET_HASH_BYTES];
    struct session session = { .key = { .id = request->key_id },
                               .created_at = request->now,
                               .agent = agent_names(request->user_agent, request->arena) };
    bool has_token = request->token.len > 0;
    if (has_token && request->token.len != SECRET_DIGITS)
        return AUTH_REFUSED;
    if (has_token)
        secret_hash(request->token, token);
    secret_write(request->secret, text);
    secret_hash(slice_of(text), session.hash);
    switch (
        db_session_insert(sessions->db, &session, has_token ? token : NULL, request->arena, err)) {
    case DB_OK:
        *out = caller_of(sessions, &session);
        return AUTH_OK;
    case DB_MISSING:
        return AUTH_REFUSED;
    default:
        return AUTH_UNAVAILABLE;
    }
}

static void sessions_touch(const struct sessions *sessions, struct session *session, int64_t now)
{
    struct error unheard;
    if (now - session->last_used_at < SESSION_TOUCH_S)
        return;
    session->last_used_at = now;
    db_session_touch(sessions->db, session->id, now, &unheard);
    db_key_touch(sessions->db, session->key.id, now, &unheard);
}

enum auth_outcome sessions_check(const struct sessions *sessions,
                                 const struct session_question *question, struct caller *out,
                                 struct error *err)
{
    unsigned char hash[SECRET_HASH_BYTES];
    struct session session;
    if (question->secret.len != SECRET_DIGITS)
        return AUTH_REFUSED;
    secret_hash(question->secret, hash);
    enum db_result found = db_session_find(sessions->db, hash, question->arena, &session, err);
    if (found != DB_OK)
        return found == DB_MISSING ? AUTH_REFUSED : AUTH_UNAVAILABLE;
    if (!secret_fits(question->secret, session.hash))
        return AUTH_REFUSED;
    if (has_ended(sessions, &session, question->now))
        return AUTH_EXPIRED;
    sessions_touch(sessions, &session, question->now);
    *out = caller_of(sessions, &session);
    return AUTH_OK;
}

void sessions_csrf(struct slice secret, char out[SECRET_DIGITS + 1])
{
    unsigned char bytes[DIGEST_BYTES];
    const struct slice texts[] = { SLICE("csrf"), secret };
    digest(texts, 2, bytes);
    secret_write(bytes, out);
}

enum outcome sessions_list(const struct sessions *sessions, const struct session_owner *owner,
                           struct session_list *out, struct error *err)
{
    struct session_list all;
    enum db_result result = db_session_list(sessions->db, owner->user_id, owner->arena, &all, err);
    *out = (struct session_list){ .sessions = all.sessions };
    for (size_t i = 0; result == DB_OK && i < all.n; i++) {
        if (!has_ended(sessions, &all.sessions[i], owner->now))
            out->sessions[out->n++] = all.sessions[i];
    }
    return outcome_of(result);
}

enum outcome sessions_end(const struct sessions *sessions, uint32_t user_id, uint32_t session_id,
                          struct error *err)
{
    return outcome_of(session_id ? db_session_delete(sessions->db, user_id, session_id, err)
                                 : db_session_delete_all(sessions->db, user_id, err));
}

enum db_result sessions_offer(struct db *db, struct sign_in *token,
                              const unsigned char secret[SECRET_BYTES],
                              char text[SECRET_DIGITS + 1], struct error *err)
{
    secret_write(secret, text);
    secret_hash(slice_of(text), token->hash);
    return db_sign_in_insert(db, token, err);
}
