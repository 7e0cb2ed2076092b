/* SPDX-License-Identifier: MIT */
/* Opens stores and wires services as the configuration says. */
#include "upkeep/wiring.h"

#include <sys/random.h>

#include "cache/cache_none.h"
#include "cache/link_cache.h"
#include "cache/memcached.h"
#include "db/db.h"
#include "setup/local_policy.h"

/* Opens the segment's buckets, or this worker's own if that fails: a limit that each worker counts
 * for itself is better than none. */
static bool open_buckets(struct app *app, struct log *log, struct error *err)
{
    app->buckets = buckets_open(app->segment, err);
    if (!app->buckets && app->segment) {
        log_error(log, "shared_limits_unavailable", err->text);
        app->buckets = buckets_open(NULL, err);
    }
    return app->buckets != NULL;
}

static bool open_breakers(struct app *app, struct error *err)
{
    struct breaker_options options = app->config->breaker;
    options.metrics = app->metrics;
    app->breakers = breakers_open(app->segment, &options, err);
    return app->breakers != NULL;
}

/* Opens the local cache; logs a failure and goes on without. */
static void open_local_cache(struct app *app, struct log *log)
{
    struct error err = { "" };
    size_t bytes = app->config->segment.local_bytes;
    if (bytes == 0)
        return;
    app->local = local_cache_open(app->segment, LOCAL_BYTES_MIN, &err);
    if (!app->local)
        log_error(log, "local_cache_unavailable", err.text);
}

/* Opens memcached, the local cache and the invalidation queue, and the link cache over them. */
static bool open_caches(struct app *app, struct log *log, struct error *err)
{
    const struct config *config = app->config;
    struct memcached_options memcached = config->memcached;
    memcached.breakers = app->breakers;
    memcached.code_key = &app->code_key;
    app->remote = *memcached.servers ? memcached_open(&memcached, err) : cache_none();
    if (!app->remote)
        return false;
    open_local_cache(app, log);
    if (app->segment && memcached_servers(app->remote) > 0)
        app->invalidations = invalidation_queue_open(app->segment);
    app->cache = (struct link_cache){
        .remote = app->remote,
        .local = app->local,
        .policy = local_policy_of(&config->cache),
        .invalidations = app->invalidations,
        .ttl_s = config->cache.ttl_ms / 1000,
        .negative_ttl_s = config->cache.negative_ttl_ms / 1000,
        .replica_ttl_s = config->cache.local_ttl_ms / 1000,
    };
    return true;
}

static bool wiring_open_database(struct app *app, struct error *err)
{
    app->mysql = app->config->mysql;
    app->mysql.metrics = app->metrics;
    app->mysql.breaker = breaker_find(app->breakers, SLICE("mysql"));
    app->db = db_open(&app->mysql);
    if (!app->db)
        error_set(err, "out of memory");
    return app->db != NULL;
}

/* Opens the spool. Without the shared segment and local cache there is no maintenance thread to
 * replay it, and no reserved ids. */
static void open_spool(struct app *app, struct log *log)
{
    struct error err = { "" };
    const struct spool_options *options = &app->config->spool;
    if (!*options->path || !app->segment || !app->local)
        return;
    app->spool = spool_open(options, &err);
    if (!app->spool)
        log_error(log, "spool_unavailable", err.text);
}

static bool open_replicas(struct app *app, struct error *err)
{
    struct replicas_options options = app->config->replicas;
    if (!*options.servers)
        return true;
    app->lags = replica_lags_open(app->segment, err);
    if (!app->lags)
        return false;
    options.primary = &app->mysql;
    options.breakers = app->breakers;
    options.lags = app->lags;
    app->replicas = replicas_open(&options, err);
    return app->replicas != NULL;
}

static bool open_store(struct app *app, struct log *log, struct error *err)
{
    const struct config *config = app->config;
    if (segment_open(&config->segment, &app->segment, err) != SEGMENT_OK) {
        log_error(log, "segment_unavailable", err->text);
        app->segment = NULL;
    }
    app->metrics = metrics_open(app->segment, err);
    if (!app->metrics || !open_breakers(app, err) || !open_buckets(app, log, err))
        return false;
    if (!open_caches(app, log, err))
        return false;
    open_spool(app, log);
    if (!wiring_open_database(app, err) || !open_replicas(app, err))
        return false;
    app->code_key = (struct code_key_source){ app->db, app->segment };
    return true;
}

static bool open_shortening(struct app *app, struct error *err)
{
    const struct shortening_stores stores = {
        .db = app->db,
        .cache = &app->cache,
        .segment = app->segment,
    };
    if (!shortening_open(&app->shortening, app->config, &stores, err))
        return false;
    app->cache.urls = app->shortening.shortener.urls;
    app->shortening.shortener.spool = app->spool;
    app->shortening.shortener.metrics = app->metrics;
    app->services.shortener = app->shortening.shortener;
    return true;
}

static bool random_bytes(unsigned char *out, size_t n)
{
    return getrandom(out, n, 0) == (ssize_t)n;
}

static void wire_services(struct app *app)
{
    const struct config *config = app->config;
    app->services.db = app->db;
    app->services.resolver = (struct resolver){
        .cache = &app->cache,
        .spool = app->spool,
        .db = app->db,
        .replicas = app->replicas,
    };
    app->services.metrics = app->metrics;
    app->services.readiness = (struct readiness_sources){
        .db = app->db,
        .cache = app->remote,
        .breakers = app->breakers,
        .metrics = app->metrics,
        .wants_segment = config->segment.path && *config->segment.path,
        .has_segment = app->segment != NULL,
        .has_local_cache = app->local != NULL,
    };
    app->services.auth.db = app->db;
    app->services.random_bytes = random_bytes;
    app->services.auth.remember_s = config->cache.local_ttl_ms / 1000;
    app->services.auth.segment = app->segment;
    app->services.auth.outage_s = config->cache.stale_ms / 1000;
    app->services.limits = (struct limits){
        .buckets = app->buckets,
        .creates_per_user = config->limits.creates_per_user,
        .creates_per_address = config->limits.creates_per_address,
        .misses_per_address = config->limits.misses_per_address,
        .keys_per_user = config->limits.keys_per_user,
    };
    app->site = (struct site){
        .base_url = slice_of(config->server.base_url),
        .base_path = config->server.base_path,
        .anonymous_create = config->api.anonymous_create,
        .edge_ttl_s = config->cache.edge_ttl_s,
        .max_body = config->server.max_body,
        .max_bulk_body = config->api.max_bulk_body,
        .root_url = slice_of(config->pages.root_url),
        .unknown_url = slice_of(config->pages.unknown_url),
        .expired_url = slice_of(config->pages.expired_url),
        .cors_origins = slice_of(config->api.cors_origins),
        .proxies = config->server.trusted_proxies,
        .metrics_allow = config->metrics.allow,
        .metrics_token = slice_of(config->metrics.token),
    };
}

bool app_open(struct app *app, const struct config *config, struct log *log, struct error *err)
{
    *app = (struct app){ .config = config };
    bool open = open_store(app, log, err) && open_shortening(app, err);
    if (open)
        wire_services(app);
    if (!open)
        app_close(app);
    return open;
}

void app_prepare(struct app *app)
{
    if (!app->segment)
        memcached_prepare(app->remote);
}

void app_close_idle(struct app *app, int64_t now_ms)
{
    db_close_idle(app->db, now_ms);
    replicas_close_idle(app->replicas, now_ms);
}

void app_close(struct app *app)
{
    shortening_close(&app->shortening);
    replicas_close(&app->replicas);
    replica_lags_close(&app->lags);
    db_close(&app->db);
    spool_close(&app->spool);
    invalidation_queue_close(&app->invalidations);
    local_cache_close(&app->local);
    cache_close(&app->remote);
    buckets_close(&app->buckets);
    breakers_close(&app->breakers);
    metrics_close(&app->metrics);
    segment_close(&app->segment);
}
