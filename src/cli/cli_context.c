/* SPDX-License-Identifier: MIT */
/* Opens what the commands on links need, as the configuration says. */
#include "cli/cli_context.h"

#include <errno.h>
#include <unistd.h>

#include "cache/cache_none.h"
#include "cache/link_cache.h"
#include "cache/memcached.h"
#include "cli/command.h"
#include "cli/workers_user.h"
#include "db/db.h"
#include "setup/local_policy.h"

enum {
    ARENA_MAX = 128 * 1024 * 1024,
};

/* Opening it read-only first ensures that no segment is made or replaced. */
struct segment *cli_context_open_segment(const struct config *config)
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

static void open_local(struct cli_context *context, const struct config *config)
{
    struct error err = { "" };
    context->segment = cli_context_open_segment(config);
    if (!context->segment)
        return;
    if (config->segment.local_bytes)
        context->local = local_cache_open(context->segment, LOCAL_BYTES_MIN, &err);
    if (memcached_servers(context->remote) > 0)
        context->invalidations = invalidation_queue_open(context->segment);
}

static bool open_stores(struct cli_context *context, const struct config *config, struct error *err)
{
    struct memcached_options memcached = config->memcached;
    memcached.code_key = &context->code_key;
    context->remote = *memcached.servers ? memcached_open(&memcached, err) : cache_none();
    if (!context->remote)
        return false;
    open_local(context, config);
    context->cache = (struct link_cache){
        .remote = context->remote,
        .local = context->local,
        .policy = local_policy_of(&config->cache),
        .invalidations = context->invalidations,
        .ttl_s = config->cache.ttl_ms / 1000,
    };
    context->db = db_open(&config->mysql);
    context->code_key = (struct code_key_source){ context->db, context->segment };
    if (!context->db)
        error_set(err, "out of memory");
    return context->db != NULL;
}

bool cli_context_open(struct cli_context *context, const struct config *config, struct error *err)
{
    *context = (struct cli_context){ .arena = arena_new(ARENA_MAX) };
    bool open = context->arena != NULL;
    if (!open)
        error_set(err, "out of memory");
    open = open && open_stores(context, config, err);
    const struct shortening_stores stores = { .db = context->db, .cache = &context->cache };
    open = open && shortening_open(&context->shortening, config, &stores, err);
    if (!open)
        cli_context_close(context);
    return open;
}

bool cli_context_leaves_stale(const struct cli_context *context, const struct config *config)
{
    const char *path = config->segment.path;
    struct workers_user workers;
    if (context->local || !config->segment.local_bytes || !path || !*path)
        return false;
    workers_user_find(config, &workers);
    return access(path, F_OK) == 0 || errno == EACCES ||
           (workers.known && workers.uid != geteuid());
}

void cli_context_mind_stale(const struct cli_context *context, const struct config *config)
{
    unsigned ms = config->cache.local_ttl_ms;
    if (ms && cli_context_leaves_stale(context, config))
        cli_complain(
            "done; workers of this host may use the old state for up to %u.%u s (cache.local_ttl)",
            ms / 1000, ms % 1000 / 100);
}

void cli_context_close(struct cli_context *context)
{
    shortening_close(&context->shortening);
    db_close(&context->db);
    invalidation_queue_close(&context->invalidations);
    local_cache_close(&context->local);
    cache_close(&context->remote);
    segment_close(&context->segment);
    arena_free(&context->arena);
}
