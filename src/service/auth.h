/* SPDX-License-Identifier: MIT */
/* API keys: creates them, and identifies the caller by one. A key reads curt_ID_SECRET: the id
 * selects its row, the secret is 256 random bits in base62 (service/secret.h). The database stores
 * only its hash. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/db.h"
#include "shm/key_cache.h"
#include "shm/segment.h"

enum {
    KEY_SECRET_BYTES = 32,
    KEY_TEXT_MAX = 64,    /* bytes of a key's text, with its NUL */
    AUTH_REMEMBERED = 64, /* keys that a process caches */
    AUTH_TOUCH_S = 60,    /* resolution of a key's last use, in seconds */
};

/* The caller of the API. All zero: anonymous. */
struct caller {
    uint32_t user_id;
    uint32_t key_id;
    enum user_role role;
    struct slice user; /* the user's name */
    struct user_policy policy;
    enum key_scope scope;    /* the key's */
    int64_t key_expires_at;  /* 0: never */
    uint32_t session_id;     /* of a browser that has signed in with the key; 0: the key itself */
    int64_t session_ends_at; /* if the session is not used again */
};

enum auth_outcome {
    AUTH_OK,
    AUTH_REFUSED,   /* malformed, unknown, wrong secret, or revoked */
    AUTH_EXPIRED,   /* a known key with the right secret, but expired */
    AUTH_NOT_ASKED, /* not cached, and the database was not to be asked */
    AUTH_UNAVAILABLE,
};

/* A key to be checked. */
struct auth_question {
    struct slice key; /* its text, as received */
    int64_t now;
    bool may_ask; /* whether the database may be asked when the key is not cached in this process */
};

/* A cached key, so that not every request asks the database. It is valid until `until`, remember_s
 * after the database confirmed it. */
struct auth_memory {
    struct caller caller; /* but for `user` */
    int64_t until;
    struct key_stamp stamp; /* taken before the database was asked */
    int64_t touched_at;     /* when the key's last use was last stored */
    unsigned char hash[KEY_HASH_BYTES];
    char user[USER_NAME_MAX + 1];
};

/* The caller sets the members before `remembered`, which starts as zero. A key that is revoked by a
 * process with the same segment is refused at once; one that is revoked elsewhere, at the latest
 * `remember_s` seconds after its revocation. While the database is unavailable, a key is accepted
 * for `outage_s` seconds after the database last confirmed it to any worker of the host, unless one
 * of them has seen it revoked. */
struct auth {
    struct db *db;
    int64_t remember_s;
    struct segment *segment; /* the host's shared key cache; NULL: none */
    int64_t outage_s;
    struct auth_memory remembered[AUTH_REMEMBERED];
};

/* Identifies the holder of the key. The hashes are compared in constant time. A key is refused from
 * the second on in which it expires, cached or not. Its last use is stored when the stored one is
 * AUTH_TOUCH_S old or older; a failure to store it is ignored. */
enum auth_outcome auth_check(struct auth *auth, const struct auth_question *question,
                             struct caller *out, struct error *err);

/* Removes a revoked key from this process's cache and the host's. */
void auth_forget(struct auth *auth, uint32_t key_id);

/* Removes all keys from both caches, because a user has changed. */
void auth_forget_all(struct auth *auth);

/* "user" or "admin". */
const char *auth_role_name(enum user_role role);

/* "manage", "create" or "read"; "unknown" for a scope of a later version. */
const char *auth_scope_name(enum key_scope scope);

/* Parses a scope's name; false when it is none. */
bool auth_scope_parse(struct slice name, enum key_scope *out);

/* Whether a key of scope `has` may make a request that requires scope `needs`. */
bool auth_scope_allows(enum key_scope has, enum key_scope needs);

/* Creates a key for key->user with key->role, key->name, key->scope and key->expires_at, stores its
 * hash, and writes its text, which is stored nowhere, to `text`. `secret` is KEY_SECRET_BYTES
 * random bytes. */
enum db_result auth_key_create(struct db *db, struct api_key *key,
                               const unsigned char secret[KEY_SECRET_BYTES],
                               char text[KEY_TEXT_MAX], struct error *err);
