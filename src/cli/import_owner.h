/* SPDX-License-Identifier: MIT */
/* Whose the links of an import are: names of users become ids, and users who are not there are made
 * where that is wished. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"

enum {
    IMPORT_OWNERS_MAX = 64, /* users whose ids are remembered */
};

struct import_owner {
    char name[USER_NAME_MAX + 1];
    uint32_t id;
};

/* Start it with the first three members set and the rest zero. */
struct import_owners {
    struct db *db;
    bool make;       /* users who are not there, with the role user and without a key */
    int64_t now;     /* when they are made */
    uint64_t n_made; /* so far */
    struct import_owner known[IMPORT_OWNERS_MAX];
    unsigned n_known;
};

/* The id of the user of this name; that of the empty name is 0, nobody's. DB_MISSING with a
 * sentence in *err: there is none, or none can have that name. `arena` is scratch. */
enum db_result import_owner_find(struct import_owners *owners, struct slice name,
                                 struct arena *arena, uint32_t *id, struct error *err);
