/* SPDX-License-Identifier: MIT */
/* Who may make, see and revoke which API keys: admins all, users their own. */
#pragma once

#include "service/auth.h"

enum keys_outcome {
    KEYS_DONE,
    KEYS_FORBIDDEN, /* a user may make keys only for itself, and never an admin's */
    KEYS_OUTLIVES,  /* a key that ends makes none that ends later, or never */
    KEYS_TOO_MANY,  /* the user has as many valid ones as there may be */
    KEYS_INVALID,   /* `err` is a sentence for the caller */
    KEYS_MISSING,   /* no such key of the caller's */
    KEYS_UNAVAILABLE,
};

/* A key to be made. */
struct key_wishes {
    struct slice user; /* empty: the caller */
    struct slice name; /* of the key; may be empty */
    bool role_given;
    enum user_role role; /* of a user who is new; one who is there has a role already */
    enum key_scope scope;
    int64_t expires_at;                     /* lies ahead; 0: never */
    unsigned char secret[KEY_SECRET_BYTES]; /* randomness that nobody can guess */
};

struct new_key {
    struct api_key key;
    char text[KEY_TEXT_MAX]; /* what opens doors; shown this once */
};

/* Who asks, when. */
struct keys_request {
    struct caller caller;
    int64_t now;
    unsigned max_keys; /* valid ones of a user, unless an admin makes them; 0: any number */
    struct arena *arena;
};

/* Makes a key. Requests of one user that come at the same moment may make as many too many as they
 * are. */
enum keys_outcome keys_create(struct db *db, const struct keys_request *request,
                              const struct key_wishes *wishes, struct new_key *out,
                              struct error *err);

/* The page of keys that `page` asks for, revoked ones too; page->user_id is not looked at. */
enum keys_outcome keys_list(struct db *db, const struct keys_request *request,
                            const struct key_query *page, struct key_page *out, struct error *err);

/* Revokes a key: every process with the segment of `auth` forgets it at once, others within their
 * remember_s. */
enum keys_outcome keys_revoke(struct auth *auth, const struct keys_request *request,
                              uint32_t key_id, struct error *err);
