/* SPDX-License-Identifier: MIT */
/* Finds the owners of imported links: maps names of users to ids, and creates missing users if
 * requested. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"
#include "transfer/import_seen.h"

enum {
    IMPORT_OWNERS_MAX = 64, /* users whose ids are cached */
};

/* The id, in a dry run, of a user that the import would create. */
#define IMPORT_OWNER_NEW (DB_OWNER_ANY - 1)

struct import_owner {
    char name[USER_NAME_MAX + 1];
    uint32_t id;
};

/* The caller sets the members above `n_made`; the rest is zero. */
struct import_owners {
    struct db *db;
    bool make;                /* create missing users, with the role user and without a key */
    bool dry_run;             /* only count them */
    struct import_seen *seen; /* remembers users in a dry run */
    int64_t now;              /* their created_at */
    uint64_t n_made;          /* users created so far */
    struct import_owner known[IMPORT_OWNERS_MAX];
    unsigned n_known;
};

/* Finds the id of the user; the empty name has id 0, no owner. DB_MISSING with a sentence in *err:
 * there is no such user, or the name is invalid. `arena` is scratch. */
enum db_result import_owner_find(struct import_owners *owners, struct slice name,
                                 struct arena *arena, uint32_t *id, struct error *err);
