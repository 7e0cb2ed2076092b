/* SPDX-License-Identifier: MIT */
/* The app context: the stores and services of a process, opened from the configuration. Workers,
 * their maintenance threads and the commands of curtctl each open the parts that they need. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "cache/link_cache.h"
#include "clicklog/click_ring.h"
#include "db/code_key.h"
#include "runtime/config.h"
#include "runtime/log.h"
#include "shm/segment.h"
#include "spool/spool.h"
#include "web/page.h"

/* The parts, in the order in which they are opened. */
enum app_need {
    APP_SEGMENT = 1 << 0,       /* the host's segment, made if there is none */
    APP_FOUND_SEGMENT = 1 << 1, /* only if there is one of this version that this user may write:
                                 * another user's segment would lock the workers out */
    APP_METERS = 1 << 2,        /* metrics, circuit breakers, buckets */
    APP_CACHES = 1 << 3,        /* memcached, local cache, invalidation queue */
    APP_SPOOL = 1 << 4,
    APP_DATABASE = 1 << 5,
    APP_REPLICAS = 1 << 6,
    APP_LINKS = 1 << 7, /* the rules of links, and `services`; needs caches and database */
    APP_WORKER =
        APP_SEGMENT | APP_METERS | APP_CACHES | APP_SPOOL | APP_DATABASE | APP_REPLICAS | APP_LINKS,
    APP_COMMAND = APP_FOUND_SEGMENT | APP_CACHES | APP_DATABASE | APP_LINKS,
};

enum {
    APP_SCHEMES_MAX = 16,
};

/* Its members point at one another: do not move it. What was not needed is NULL or zero. */
struct app_context {
    const struct config *config;
    struct log *log;
    unsigned needs;                           /* set of enum app_need */
    struct segment *segment;                  /* NULL: none configured, or not available */
    struct metrics *metrics;                  /* in the segment, or this worker's own */
    struct breakers *breakers;                /* in the segment, or this worker's own */
    struct buckets *buckets;                  /* in the segment, or this worker's own */
    struct cache *remote;                     /* memcached; NULL: none configured */
    struct local_cache *local;                /* NULL: none configured, or not available */
    struct invalidation_queue *invalidations; /* NULL without a segment or without memcached */
    struct link_cache cache;                  /* over both */
    struct spool *spool;                      /* NULL: none configured, or not available */
    struct sql_options mysql;                 /* the configured options, with breaker and metrics */
    struct sql_servers servers;               /* those of a cluster; may be none */
    struct db *db;
    struct code_key_source code_key;
    struct replica_lags *lags;
    struct replicas *replicas; /* NULL: none configured */
    struct arena *arena;       /* of the reserved words and the base URL */
    struct word_list reserved;
    struct slice schemes[APP_SCHEMES_MAX];
    struct blocked_file blocked;
    struct codes codes;
    struct site site;
    struct page_frame frames[PAGE_LANGUAGES]; /* of site */
    struct services services;
};

/* Opens the parts in `needs` (a set of enum app_need) without connecting yet. `config` and `log`
 * are borrowed. A segment, local cache or spool that cannot be opened is logged, unless `log` is
 * NULL, and app_context_open goes on without it; any other failure is an error, and what was opened
 * is closed. */
bool app_context_open(struct app_context *app, const struct config *config, unsigned needs,
                      struct log *log, struct error *err);

/* Closes database connections that have been idle for the configured time; `now_ms` is
 * monotonic. */
void app_context_close_idle(struct app_context *app, int64_t now_ms);

/* Closes what app_context_open opened. An all-zero context is allowed. */
void app_context_close(struct app_context *app);

/* APP_FOUND_SEGMENT alone; NULL if there is none. The caller closes it. */
struct segment *app_segment_find(const struct config *config);

/* The end of the highest block of ids of `links.sequence` that the workers of this host have had,
 * as its segment says, which may belong to another user; 0: none, or unknown. */
uint64_t app_ids_end(const struct config *config);

/* Opens the click ring beside the shared segment, creating it if needed. NULL with an empty *err
 * where no segment is configured, and with the reason where it cannot be opened. */
struct click_ring *app_ring_open(const struct config *config, struct error *err);

/* Opens the click ring if it exists, without creating it; a missing ring is NULL with an empty
 * *err. */
struct click_ring *app_ring_find(const struct config *config, struct error *err);
