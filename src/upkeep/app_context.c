/* SPDX-License-Identifier: MIT */
/* Opens the parts in one order, closes them in reverse, and makes the services from them. */
#include "upkeep/app_context.h"

#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "cache/memcached.h"
#include "runtime/reserved_words.h"

enum {
    /* The text of the reserved words, and their list. */
    RULES_ARENA_MAX = 3 * RESERVED_WORDS_MAX,
    RING_PATH_BYTES = 1100,
};

/* --- the parts: each returns false with the reason only if the process cannot do without it --- */

/* Logs that the process goes on without a part. */
static bool do_without(const struct app_context *app, const char *event, const struct error *err)
{
    if (app->log)
        log_error(app->log, event, err->text);
    return true;
}

static bool is_opened(const void *part, struct error *err)
{
    if (!part)
        error_set(err, "out of memory");
    return part != NULL;
}

static bool open_segment(struct app_context *app, struct error *err)
{
    if (segment_open(&app->config->segment, &app->segment, err) == PRIVATE_FILE_OK)
        return true;
    app->segment = NULL;
    return do_without(app, "segment_unavailable", err);
}

/* Opening it read-only first ensures that no segment is made or replaced. */
struct segment *app_segment_find(const struct config *config)
{
    struct segment *segment = NULL;
    struct error err = { "" };
    const struct segment_options *options = &config->segment;
    if (!options->path || !*options->path || access(options->path, R_OK | W_OK) != 0 ||
        segment_open_to_read(options, &segment, &err) != PRIVATE_FILE_OK)
        return NULL;
    segment_close(&segment);
    return segment_open(options, &segment, &err) == PRIVATE_FILE_OK ? segment : NULL;
}

uint64_t app_ids_end(const struct config *config)
{
    const struct segment_options *options = &config->segment;
    struct segment *segment = NULL;
    struct error err;
    uint64_t end = 0;
    if (options->path && *options->path &&
        segment_open_to_read(options, &segment, &err) == PRIVATE_FILE_OK)
        end = segment_id_end(segment, config->links.sequence);
    segment_close(&segment);
    return end;
}

static bool find_segment(struct app_context *app, struct error *err)
{
    (void)err;
    app->segment = app_segment_find(app->config);
    return true;
}

/* Opens the segment's buckets, or this worker's own if that fails: a limit that each worker counts
 * for itself is better than none. */
static bool open_buckets(struct app_context *app, struct error *err)
{
    app->buckets = buckets_open(app->segment, err);
    if (!app->buckets && app->segment) {
        do_without(app, "shared_limits_unavailable", err);
        app->buckets = buckets_open(NULL, err);
    }
    return app->buckets != NULL;
}

static bool open_meters(struct app_context *app, struct error *err)
{
    struct breaker_options options = app->config->breaker;
    app->metrics = metrics_open(app->segment, err);
    options.metrics = app->metrics;
    app->breakers = app->metrics ? breakers_open(app->segment, &options, err) : NULL;
    return app->breakers && open_buckets(app, err);
}

/* Opens the local cache: that of the segment, or a worker's own. */
static void open_local_cache(struct app_context *app)
{
    struct error err = { "" };
    if (app->config->segment.local_bytes == 0 || !(app->segment || app->needs & APP_SEGMENT))
        return;
    app->local = local_cache_open(app->segment, LOCAL_BYTES_MIN, &err);
    if (!app->local)
        do_without(app, "local_cache_unavailable", &err);
}

/* Absent entries are fresh no longer than links. */
static struct local_policy local_policy_of(const struct config_cache *cache)
{
    unsigned negative_ms =
        cache->negative_ttl_ms < cache->local_ttl_ms ? cache->negative_ttl_ms : cache->local_ttl_ms;
    return (struct local_policy){
        .ttl_ms = cache->local_ttl_ms,
        .negative_ttl_ms = negative_ms,
        .stale_ms = cache->stale_ms,
    };
}

static bool open_caches(struct app_context *app, struct error *err)
{
    const struct config_cache *config = &app->config->cache;
    struct memcached_options memcached = app->config->memcached;
    memcached.breakers = app->breakers;
    memcached.code_key = &app->code_key;
    app->remote = *memcached.servers ? memcached_open(&memcached, err) : NULL;
    if (*memcached.servers && !app->remote)
        return false;
    open_local_cache(app);
    if (app->segment && app->remote)
        app->invalidations = invalidation_queue_open(app->segment);
    app->cache = (struct link_cache){
        .remote = app->remote,
        .local = app->local,
        .policy = local_policy_of(config),
        .invalidations = app->invalidations,
        .ttl_s = config->ttl_ms / 1000,
        .negative_ttl_s = config->negative_ttl_ms / 1000,
        .replica_ttl_s = config->local_ttl_ms / 1000,
    };
    return true;
}

/* Opens the spool. Without the shared segment and local cache there is no maintenance thread to
 * replay it, and no reserved ids. */
static bool open_spool(struct app_context *app, struct error *err)
{
    const struct spool_options *options = &app->config->spool;
    if (!*options->path || !app->segment || !app->local)
        return true;
    app->spool = spool_open(options, err);
    return app->spool || do_without(app, "spool_unavailable", err);
}

static bool open_database(struct app_context *app, struct error *err)
{
    app->mysql = app->config->mysql;
    app->mysql.metrics = app->metrics;
    app->mysql.keeps_changes = app->config->cache.edge_ttl_s || *app->config->edge.purge;
    app->mysql.breaker = breaker_find(app->breakers, SLICE("mysql"));
    app->mysql.breakers = app->breakers;
    app->mysql.writes = breaker_find(app->breakers, SLICE("mysql writes"));
    if (!sql_servers_read(&app->servers, app->mysql.servers, false, app->breakers, err))
        return false;
    app->db = db_open(&app->mysql);
    app->code_key = (struct code_key_source){ app->db, app->segment };
    return is_opened(app->db, err);
}

static bool open_replicas(struct app_context *app, struct error *err)
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

/* --- the rules of links --- */

/* Splits the space-separated list of schemes; returns how many there are. */
static size_t split_schemes(struct slice list, struct slice schemes[APP_SCHEMES_MAX])
{
    size_t n = 0;
    while (list.len && n < APP_SCHEMES_MAX) {
        size_t end = slice_find(list, ' ');
        if (end)
            schemes[n++] = (struct slice){ list.at, end };
        list = slice_from(list, end + 1);
    }
    return n;
}

/* A command takes no ids from the reserve of the host's workers. */
static void app_set_codes(struct app_context *app)
{
    const struct config_links *links = &app->config->links;
    app->codes = (struct codes){
        .db = app->db,
        .sequence = { .name = links->sequence,
                      .db = app->db,
                      .segment = app->needs & APP_SEGMENT ? app->segment : NULL },
        .reserved = &app->reserved,
        .length = links->code_length,
    };
}

static void app_set_shortener(struct app_context *app)
{
    const struct config_links *links = &app->config->links;
    app->services.shortener = (struct shortener){
        .cache = &app->cache,
        .db = app->db,
        .codes = &app->codes,
        .blocked = &app->blocked,
        .urls = { .schemes = app->schemes,
                  .n_schemes = split_schemes(slice_of(links->allowed_schemes), app->schemes),
                  .allow_credentials = links->allow_credentials,
                  .max_bytes = links->max_url_bytes },
        .aliases = { .min_length = links->alias_min,
                     .max_length = links->alias_max,
                     .reserved = &app->reserved,
                     .ignores_case = links->ignores_alias_case },
        .own = app->config->server.own,
        .default_status = links->redirect_status,
        .max_lifetime_s = links->max_lifetime_s,
        .default_ttl_s = links->default_ttl_s,
        .max_ttl_s = links->max_ttl_s,
        .restore_window_s = links->restore_window_s,
        .spool = app->spool,
        .metrics = app->metrics,
    };
    app->cache.urls = app->services.shortener.urls;
}

/* --- the services --- */

static bool random_bytes(unsigned char *out, size_t n)
{
    return getrandom(out, n, 0) == (ssize_t)n;
}

static void app_set_services(struct app_context *app)
{
    const struct config *config = app->config;
    struct services *services = &app->services;
    services->db = app->db;
    services->metrics = app->metrics;
    services->random_bytes = random_bytes;
    services->resolver = (struct resolver){
        .cache = &app->cache,
        .spool = app->spool,
        .db = app->db,
        .replicas = app->replicas,
        .codes = config->links.ignores_alias_case ? &app->codes : NULL,
    };
    services->readiness = (struct readiness_sources){
        .db = app->db,
        .cache = app->remote,
        .breakers = app->breakers,
        .metrics = app->metrics,
        .wants_segment = config->segment.path && *config->segment.path,
        .has_segment = app->segment != NULL,
        .has_local_cache = app->local != NULL,
    };
    services->auth.db = app->db;
    services->auth.remember_s = config->cache.local_ttl_ms / 1000;
    services->auth.segment = app->segment;
    services->auth.outage_s = config->cache.stale_ms / 1000;
    services->sessions = (struct sessions){
        .db = app->db,
        .idle_s = config->pages.session_idle_s,
        .max_s = config->pages.session_max_s,
    };
    services->limits = (struct limits){
        .buckets = app->buckets,
        .creates_per_user = config->limits.creates_per_user,
        .creates_per_address = config->limits.creates_per_address,
        .misses_per_address = config->limits.misses_per_address,
        .keys_per_user = config->limits.keys_per_user,
    };
}

static struct brand app_brand(const struct config *config)
{
    return (struct brand){
        .imprint_url = slice_of(config->pages.imprint_url),
        .privacy_url = slice_of(config->pages.privacy_url),
        .abuse_url = slice_of(config->pages.abuse),
        .header_logo = slice_of(config->pages.header_logo),
        .icon = slice_of(config->pages.icon),
        .accent = slice_of(config->pages.accent),
    };
}

/* Sets what requests need of the configuration, with what is the same in all small pages. */
static bool app_set_site(struct app_context *app)
{
    const struct config *config = app->config;
    app->site = (struct site){
        .base_url = slice_of(config->server.base_url),
        .base_path = config->server.base_path,
        .pages_path = slice_of(config->pages.path),
        .anonymous_create = config->api.anonymous_create,
        .extra_path = (enum extra_path)config->links.extra_path,
        .edge_ttl_s = config->cache.edge_ttl_s,
        .max_body = config->server.max_body,
        .max_bulk_body = config->api.max_bulk_body,
        .robots = (enum robots_rule)config->pages.robots,
        .root_page = (enum root_page)config->pages.root,
        .operator_name = slice_of(config->pages.operator),
        .root_url = slice_of(config->pages.root_url),
        .unknown_url = slice_of(config->pages.unknown_url),
        .expired_url = slice_of(config->pages.expired_url),
        .not_started_url = slice_of(config->pages.not_started_url),
        .logo = slice_of(config->pages.logo),
        .preview = config->pages.preview,
        .yourls = {
            .on = config->compat.yourls,
            .charset = (enum yourls_charset)config->compat.yourls_charset,
            .unique_urls = config->compat.yourls_unique_urls,
        },
        .cors_origins = slice_of(config->api.cors_origins),
        .proxies = config->server.trusted_proxies,
        .metrics_allow = config->metrics.allow,
        .metrics_token = slice_of(config->metrics.token),
        .brand = app_brand(config),
    };
    if (!brand_prepare(&app->site.brand, app->arena) ||
        !page_frames_make(&app->site, app->arena, app->frames))
        return false;
    app->site.frames = app->frames;
    return true;
}

/* Reads the reserved words, and adds the first segment of the pages' path. */
static bool load_reserved_words(struct app_context *app, struct error *err)
{
    const struct config *config = app->config;
    struct slice path = slice_from(slice_of(config->pages.path), 1);
    struct slice first = { path.at, slice_find(path, '/') };
    if (!reserved_words_load(config->links.reserved_file, app->arena, &app->reserved, err))
        return false;
    bool is_added = word_list_add(&app->reserved, first, app->arena);
    return is_opened(is_added ? app->arena : NULL, err);
}

static bool open_links(struct app_context *app, struct error *err)
{
    app->arena = arena_new(RULES_ARENA_MAX);
    app->blocked.path = app->config->links.blocked_file;
    if (!is_opened(app->arena, err) || !load_reserved_words(app, err))
        return false;
    app_set_codes(app);
    app_set_shortener(app);
    app_set_services(app);
    return is_opened(app_set_site(app) ? app->arena : NULL, err);
}

/* --- opening and closing --- */

bool app_context_open(struct app_context *app, const struct config *config, unsigned needs,
                      struct log *log, struct error *err)
{
    static const struct {
        enum app_need need;
        bool (*open)(struct app_context *app, struct error *err);
    } parts[] = {
        { APP_SEGMENT, open_segment },   { APP_FOUND_SEGMENT, find_segment },
        { APP_METERS, open_meters },     { APP_CACHES, open_caches },
        { APP_SPOOL, open_spool },       { APP_DATABASE, open_database },
        { APP_REPLICAS, open_replicas }, { APP_LINKS, open_links },
    };
    *app = (struct app_context){ .config = config, .log = log, .needs = needs };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (needs & parts[i].need && !parts[i].open(app, err)) {
            app_context_close(app);
            return false;
        }
    }
    return true;
}

void app_context_close_idle(struct app_context *app, int64_t now_ms)
{
    db_close_idle(app->db, now_ms);
    replicas_close_idle(app->replicas, now_ms);
}

void app_context_close(struct app_context *app)
{
    blocked_file_close(&app->blocked);
    arena_free(&app->arena);
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

/* --- the click ring --- */

typedef enum private_file_result open_ring(const char *path, struct click_ring **out,
                                           struct error *err);

static struct click_ring *app_ring_open_with(open_ring *open, const struct config *config,
                                             struct error *err)
{
    struct click_ring *ring = NULL;
    char path[RING_PATH_BYTES];
    error_set(err, "%s", "");
    if (!config->segment.path || !*config->segment.path)
        return NULL;
    int n = snprintf(path, sizeof(path), "%s.clicks", config->segment.path);
    if (n < 0 || n >= (int)sizeof(path))
        error_set(err, "the name of the click ring beside %.100s is too long",
                  config->segment.path);
    else
        open(path, &ring, err);
    return ring;
}

struct click_ring *app_ring_open(const struct config *config, struct error *err)
{
    return app_ring_open_with(click_ring_open, config, err);
}

struct click_ring *app_ring_find(const struct config *config, struct error *err)
{
    return app_ring_open_with(click_ring_find, config, err);
}
