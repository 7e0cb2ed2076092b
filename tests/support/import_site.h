/* SPDX-License-Identifier: MIT */
/* A site over the in-memory database that imports make links for. */
#pragma once

#include "fakes/db_fake.h"
#include "support/codes_key.h"
#include "transfer/import.h"

/* A database, the rules, and what a test reports of an import. */
struct import_site {
    struct db *db;
    struct link_cache links;
    struct codes codes;
    struct shortener shortener;
    struct arena *arena;
    struct buf reported;
};

/* `room` is the size of the arena in bytes. */
static inline void import_site_open(struct import_site *site, size_t room)
{
    *site = (struct import_site){ .db = db_fake_new(1000000, 1000) };
    codes_key_store(site->db, CODE_KEY);
    site->codes = (struct codes){ .db = site->db,
                                  .sequence = { .name = "default", .db = site->db },
                                  .length = 7 };
    site->shortener = (struct shortener){
        .cache = &site->links,
        .db = site->db,
        .codes = &site->codes,
        .aliases = { .min_length = 3, .max_length = 50 },
        .default_status = 302,
        .max_lifetime_s = INT64_C(1) << 40,
    };
    site->arena = arena_new(room);
    site->reported = buf_in(site->arena, 65536);
}

static inline void import_site_close(struct import_site *site)
{
    db_close(&site->db);
    arena_free(&site->arena);
}
