/* SPDX-License-Identifier: MIT */
/* Creating, listing and revoking API keys: admins may do so for all users, users for themselves.
 * service/users.h has the users. */
#pragma once

#include "service/auth.h"
#include "service/outcome.h"

/* A key to be created. */
struct key_fields {
    struct slice user; /* empty: the caller */
    struct slice name; /* of the key; may be empty */
    bool role_given;
    enum user_role role; /* for a new user; an existing user keeps its role */
    enum key_scope scope;
    int64_t expires_at;                     /* in the future; 0: never */
    unsigned char secret[KEY_SECRET_BYTES]; /* random bytes */
};

struct new_key {
    struct api_key key;
    char text[KEY_TEXT_MAX]; /* the key itself; shown only once */
};

/* The caller, and when. */
struct keys_request {
    struct caller caller;
    int64_t now;
    unsigned
        max_keys; /* valid keys that a user may have, unless an admin creates them; 0: any number */
    struct arena *arena;
};

/* Why the name of a user is invalid: empty, longer than USER_NAME_MAX, or not UTF-8 on one line.
 * NULL: it is valid. */
const char *user_name_fault(struct slice name);

/* Creates a key; OUTCOME_FORBIDDEN, OUTCOME_OUTLIVES and OUTCOME_INVALID_FIELD have a sentence for
 * the caller in `err`. Concurrent requests of one user may exceed max_keys by their number. */
enum outcome keys_create(struct db *db, const struct keys_request *request,
                         const struct key_fields *fields, struct new_key *out, struct error *err);

/* Returns the page of keys that `page` selects, revoked keys included; page->user_id is ignored. */
enum outcome keys_list(struct db *db, const struct keys_request *request,
                       const struct key_query *page, struct key_page *out, struct error *err);

/* Revokes a key; OUTCOME_MISSING: the caller has no such key. Processes with the segment of `auth`
 * refuse it at once, others within their remember_s. */
enum outcome keys_revoke(struct auth *auth, const struct keys_request *request, uint32_t key_id,
                         struct error *err);
