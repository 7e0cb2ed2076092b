/* SPDX-License-Identifier: MIT */
/* From the configuration to what the commands on links need. */
#include "cli/workshop.h"

#include "store/cache_none.h"
#include "store/db_sql.h"
#include "store/memcached.h"

enum {
    ARENA_MAX = 128 * 1024 * 1024,
};

static bool open_stores(struct workshop *workshop, const struct config *config, struct error *err)
{
    workshop->cache =
        *config->memcached.servers ? memcached_open(&config->memcached, err) : cache_none();
    if (!workshop->cache)
        return false;
    workshop->db = db_sql_open(&config->mysql);
    if (!workshop->db)
        error_set(err, "out of memory");
    return workshop->db != NULL;
}

bool workshop_open(struct workshop *workshop, const struct config *config, struct error *err)
{
    *workshop = (struct workshop){ .arena = arena_new(ARENA_MAX) };
    bool open = workshop->arena != NULL;
    if (!open)
        error_set(err, "out of memory");
    open = open && open_stores(workshop, config, err);
    const struct shortening_stores stores = { .db = workshop->db, .cache = workshop->cache };
    open = open && shortening_open(&workshop->shortening, config, &stores, err);
    if (!open)
        workshop_close(workshop);
    return open;
}

void workshop_close(struct workshop *workshop)
{
    shortening_close(&workshop->shortening);
    db_close(&workshop->db);
    cache_close(&workshop->cache);
    arena_free(&workshop->arena);
}
