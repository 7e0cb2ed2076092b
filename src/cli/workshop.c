/* SPDX-License-Identifier: MIT */
/* From the configuration to what the commands on links need. */
#include "cli/workshop.h"

#include <errno.h>
#include <unistd.h>

#include "cache/cache_none.h"
#include "cache/cache_pair.h"
#include "cache/memcached.h"
#include "cli/command.h"
#include "cli/workers_user.h"
#include "db/db_sql.h"
#include "setup/local_policy.h"

enum {
    ARENA_MAX = 128 * 1024 * 1024,
};

/* Opening it only to read first makes sure that none is made or replaced. */
struct segment *workshop_open_segment(const struct config *config)
{
    struct segment *segment = NULL;
    struct error err = { "" };
    const struct segment_options *options = &config->segment;
    if (!options->path || !*options->path || access(options->path, R_OK | W_OK) != 0 ||
        segment_open_to_read(options, &segment, &err) != SEGMENT_OK)
        return NULL;
    segment_close(&segment);
    return segment_open(options, &segment, &err) == SEGMENT_OK ? segment : NULL;
}

static void open_local(struct workshop *workshop, const struct config *config)
{
    struct error err = { "" };
    workshop->segment = workshop_open_segment(config);
    if (!workshop->segment)
        return;
    if (config->segment.local_bytes)
        workshop->local = local_cache_open(workshop->segment, LOCAL_BYTES_MIN, &err);
    if (memcached_servers(workshop->remote) > 0)
        workshop->invalidations = invalidation_queue_open(workshop->segment);
}

static bool open_stores(struct workshop *workshop, const struct config *config, struct error *err)
{
    struct memcached_options memcached = config->memcached;
    memcached.code_key = &workshop->code_key;
    workshop->remote = *memcached.servers ? memcached_open(&memcached, err) : cache_none();
    if (!workshop->remote)
        return false;
    open_local(workshop, config);
    const struct cache_pair_parts parts = {
        .remote = workshop->remote,
        .local = workshop->local,
        .policy = local_policy_of(&config->cache),
        .invalidations = workshop->invalidations,
    };
    workshop->cache = cache_pair_open(&parts);
    workshop->db = db_sql_open(&config->mysql);
    workshop->code_key = (struct code_key_source){ workshop->db, workshop->segment };
    if (!workshop->db || !workshop->cache)
        error_set(err, "out of memory");
    return workshop->db && workshop->cache;
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

bool workshop_leaves_stale(const struct workshop *workshop, const struct config *config)
{
    const char *path = config->segment.path;
    struct workers_user workers;
    if (workshop->local || !config->segment.local_bytes || !path || !*path)
        return false;
    workers_user_find(config, &workers);
    return access(path, F_OK) == 0 || errno == EACCES ||
           (workers.known && workers.uid != geteuid());
}

void workshop_mind_stale(const struct workshop *workshop, const struct config *config)
{
    unsigned ms = config->cache.local_ttl_ms;
    if (ms && workshop_leaves_stale(workshop, config))
        cli_complain("done; visitors may get what was before for %u.%u s more (cache.local_ttl)",
                     ms / 1000, ms % 1000 / 100);
}

void workshop_close(struct workshop *workshop)
{
    shortening_close(&workshop->shortening);
    db_close(&workshop->db);
    cache_close(&workshop->cache);
    invalidation_queue_close(&workshop->invalidations);
    local_cache_close(&workshop->local);
    cache_close(&workshop->remote);
    segment_close(&workshop->segment);
    arena_free(&workshop->arena);
}
