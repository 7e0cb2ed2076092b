/* SPDX-License-Identifier: MIT */
/* Sessions: a browser signs in with an API key, or with a token that was made for one and works
 * once, and gets a secret of 256 random bits for its cookie. The session has the rights of the key,
 * as the database has them at each request, and ends with it. The database stores hashes alone. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/db.h"
#include "service/auth.h"
#include "service/outcome.h"
#include "service/secret.h"

enum {
    SESSION_TOUCH_S = 60, /* resolution of a session's last use, in seconds */
    SIGN_IN_LIFE_S = 600, /* lifetime of a token, in seconds */
};

/* All zero: every session has ended. */
struct sessions {
    struct db *db;
    int64_t idle_s; /* a session ends when it was not used for so long */
    int64_t max_s;  /* and at the latest so long after its start */
};

/* A browser that signs in. */
struct session_request {
    uint32_t key_id;                    /* of a key that was checked; ignored with a token */
    struct slice token;                 /* empty: none */
    struct slice user_agent;            /* the header; only names found in it are stored */
    unsigned char secret[SECRET_BYTES]; /* random bytes */
    int64_t now;
    struct arena *arena;
};

/* Starts a session, and writes its secret to `text`. AUTH_REFUSED: the token was used before, has
 * expired, or never existed, or its key is no longer valid. AUTH_UNAVAILABLE, or AUTH_OK with the
 * caller whose session it is. */
enum auth_outcome sessions_start(const struct sessions *sessions,
                                 const struct session_request *request, struct caller *out,
                                 char text[SECRET_DIGITS + 1], struct error *err);

/* A secret that a request brought. */
struct session_question {
    struct slice secret;
    int64_t now;
    struct arena *arena;
};

/* Identifies the caller by the secret; asks the database each time, so that the end of a session or
 * of its key holds on all hosts at once. AUTH_REFUSED: malformed, or no session has it.
 * AUTH_EXPIRED: the session or its key has ended. The last use, of the session and of its key, is
 * stored when the session's stored one is SESSION_TOUCH_S old or older; a failure to store it is
 * ignored. */
enum auth_outcome sessions_check(const struct sessions *sessions,
                                 const struct session_question *question, struct caller *out,
                                 struct error *err);

/* Writes the text that proves that a request comes from a page which could read it (a CSRF token):
 * derived from the secret, which it does not reveal. */
void sessions_csrf(struct slice secret, char out[SECRET_DIGITS + 1]);

/* The first second in which the session has ended, if it is not used again. */
int64_t sessions_end_of(const struct sessions *sessions, const struct session *session);

/* Whose sessions are listed, and when. */
struct session_owner {
    uint32_t user_id;
    int64_t now;
    struct arena *arena;
};

/* The user's sessions that have not ended, the one that was used last first. */
enum outcome sessions_list(const struct sessions *sessions, const struct session_owner *owner,
                           struct session_list *out, struct error *err);

/* Ends a session of the user, or all for an id of 0. */
enum outcome sessions_end(const struct sessions *sessions, uint32_t user_id, uint32_t session_id,
                          struct error *err);

/* Stores the hash of a token for the key token->key_id that is valid until token->expires_at, and
 * writes its text. `secret` is SECRET_BYTES random bytes. */
enum db_result sessions_offer(struct db *db, struct sign_in *token,
                              const unsigned char secret[SECRET_BYTES],
                              char text[SECRET_DIGITS + 1], struct error *err);
