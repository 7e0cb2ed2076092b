/* SPDX-License-Identifier: MIT */
/* Users and their API keys. */
#pragma once

#include <stdint.h>

#include "base/slice.h"

enum {
    USER_NAME_MAX = 100, /* bytes */
    KEY_NAME_MAX = 100,  /* bytes */
    KEY_HASH_BYTES = 32,
};

enum user_role {
    ROLE_USER = 0,
    ROLE_ADMIN = 1,
};

/* What a key permits, within what its user may do. Stored in the database, so never renumbered; a
 * higher number permits less. A number that this version does not know permits nothing. */
enum key_scope {
    KEY_SCOPE_MANAGE = 0, /* everything */
    KEY_SCOPE_CREATE = 1, /* create links, and read */
    KEY_SCOPE_READ = 2,   /* read links and statistics */
};

/* A user's limits for new links; 0: none. */
struct user_policy {
    int64_t default_ttl_s;
    int64_t max_ttl_s;
};

struct user {
    uint32_t id;
    struct slice name;
    enum user_role role;
    int64_t created_at;
    struct user_policy policy;
};

struct api_key {
    uint32_t id;         /* set by db_key_insert */
    uint32_t user_id;    /* set by db_key_insert */
    struct slice user;   /* the user's name */
    enum user_role role; /* the user's */
    struct slice name;   /* the key's; may be empty */
    unsigned char hash[KEY_HASH_BYTES];
    int64_t created_at;
    int64_t expires_at; /* the first second in which it is no longer valid; 0: never */
    enum key_scope scope;
    int64_t revoked_at;        /* 0: not revoked */
    int64_t last_used_at;      /* 0: never; as stored by db_key_touch */
    struct user_policy policy; /* the user's; db_key_insert ignores it */
};
