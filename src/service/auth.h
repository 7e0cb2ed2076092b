/* SPDX-License-Identifier: MIT */
/* API keys: making them, and telling who calls. A key reads curt_ID_SECRET: the id finds its row,
 * the secret is 256 random bits in base62. The database keeps only the BLAKE2b-256 hash of the
 * secret; a slow password hash would add nothing to a secret that nobody can guess. */
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
    AUTH_REMEMBERED = 64, /* keys a process remembers */
    AUTH_TOUCH_S = 60,    /* how exact a key's last use is known */
};

/* Who calls. All zero: nobody in particular. */
struct caller {
    uint32_t user_id;
    uint32_t key_id;
    enum user_role role;
    struct slice user; /* the user's name */
    struct user_policy policy;
    enum key_scope scope;   /* the key's */
    int64_t key_expires_at; /* 0: never */
};

enum auth_outcome {
    AUTH_OK,
    AUTH_REFUSED,   /* not a key, not a key of ours, or revoked */
    AUTH_EXPIRED,   /* a key of ours, its secret is right, and its time is over */
    AUTH_NOT_ASKED, /* only the database could tell, and it was not to be asked */
    AUTH_UNAVAILABLE,
};

/* A key that somebody shows. */
struct auth_question {
    struct slice key; /* its text, as it came */
    int64_t now;
    bool may_ask; /* whether the database may be asked, if this process does not remember the key */
};

/* A key seen lately, so that not every call asks the database; it is believed for remember_s. */
struct auth_memory {
    uint32_t key_id;
    uint32_t user_id;
    enum user_role role;
    int64_t until;
    struct key_stamp stamp; /* taken before the database was asked */
    int64_t touched_at;     /* when the key's last use was written down */
    int64_t expires_at;     /* 0: never */
    enum key_scope scope;
    struct user_policy policy;
    unsigned char hash[KEY_HASH_BYTES];
    char user[USER_NAME_MAX + 1];
};

/* Start it with `db` and `remember_s` set and the rest zero or set. A key that a process with the
 * same segment revokes is refused from then on; one that is revoked elsewhere, at the latest
 * `remember_s` seconds after its revocation. While the database is away a key is believed
 * for `outage_s` after it last confirmed it to any worker of the host, unless one has seen it
 * revoked. */
struct auth {
    struct db *db;
    int64_t remember_s;
    struct segment *segment; /* what the host remembers; NULL: nothing */
    int64_t outage_s;
    struct auth_memory remembered[AUTH_REMEMBERED];
};

/* Who holds the key. The hashes are compared in constant time. A key is refused from the
 * second on that it expires in, whatever is remembered of it and wherever. That the key was used is
 * written down when that was last done AUTH_TOUCH_S ago or longer, as far as is known; a failure to
 * do so is nobody's problem. */
enum auth_outcome auth_check(struct auth *auth, const struct auth_question *question,
                             struct caller *out, struct error *err);

/* Forgets what is remembered of a key: it has been revoked. */
void auth_forget(struct auth *auth, uint32_t key_id);

/* "manage", "create" or "read"; "unknown" for a scope of a later version. */
const char *auth_scope_name(enum key_scope scope);

/* The scope of that name; false when there is none. */
bool auth_scope_parse(struct slice name, enum key_scope *out);

/* Whether a key of the scope `has` may do what needs `needs`. */
bool auth_scope_allows(enum key_scope has, enum key_scope needs);

/* Makes a key for key->user with key->role, key->name, key->scope and key->expires_at, stores its
 * hash, and writes its text, which exists nowhere else, to `text`. `secret` is KEY_SECRET_BYTES of
 * randomness. */
enum db_result auth_key_create(struct db *db, struct api_key *key,
                               const unsigned char secret[KEY_SECRET_BYTES],
                               char text[KEY_TEXT_MAX], struct error *err);
