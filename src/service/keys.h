/* SPDX-License-Identifier: MIT */
/* Who may make, see and revoke which API keys: admins all, users their own. */
#pragma once

#include "service/auth.h"

enum keys_outcome {
    KEYS_DONE,
    KEYS_FORBIDDEN, /* a user may make keys only for itself, and never an admin's */
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
};

/* Who asks, when. */
struct keys_request {
    struct caller caller;
    int64_t now;
    struct arena *arena;
};

/* Makes a key from KEY_SECRET_BYTES of randomness. `text`, KEY_TEXT_MAX bytes, is shown this once.
 */
enum keys_outcome keys_create(struct db *db, const struct keys_request *request,
                              const struct key_wishes *wishes,
                              const unsigned char secret[KEY_SECRET_BYTES], struct api_key *out,
                              char text[KEY_TEXT_MAX], struct error *err);

/* The keys after `after_id`, revoked ones too, at most `limit`. */
enum keys_outcome keys_list(struct db *db, const struct keys_request *request, uint32_t after_id,
                            unsigned limit, struct key_page *out, struct error *err);

/* Revokes a key: `auth` forgets it at once, other processes within their remember_s. */
enum keys_outcome keys_revoke(struct auth *auth, const struct keys_request *request,
                              uint32_t key_id, struct error *err);
