/* SPDX-License-Identifier: MIT */
/* Opens the stores and services of a worker or of its maintenance tasks from the configuration. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "db/code_key.h"
#include "runtime/config.h"
#include "runtime/log.h"
#include "setup/shortening.h"
#include "shm/local_cache.h"
#include "shm/segment.h"
#include "spool/spool.h"
#include "web/exchange.h"

/* Its members point at one another: do not move it. */
struct app {
    const struct config *config;
    struct spool *spool;                      /* NULL: none configured, or not available */
    struct segment *segment;                  /* NULL: none configured, or not available */
    struct metrics *metrics;                  /* in the segment, or this worker's own */
    struct breakers *breakers;                /* in the segment, or this worker's own */
    struct buckets *buckets;                  /* in the segment, or this worker's own */
    struct local_cache *local;                /* NULL: none configured, or not available */
    struct cache *remote;                     /* memcached, or the cache that is always empty */
    struct invalidation_queue *invalidations; /* NULL without a segment or without memcached */
    struct link_cache cache;                  /* over both */
    struct sql_options mysql;                 /* the configured options, with breaker and metrics */
    struct db *db;
    struct code_key_source code_key;
    struct replica_lags *lags;
    struct replicas *replicas; /* NULL: none configured */
    struct shortening shortening;
    struct site site;
    struct services services;
};

/* Opens everything without connecting yet. `config` and `log` are borrowed. A segment, local cache
 * or spool that cannot be opened is logged, and app_open goes on without it; any other failure is
 * an error, and what was opened is closed. */
bool app_open(struct app *app, const struct config *config, struct log *log, struct error *err);

/* For a worker without a segment: reads from the database what it needs to answer from memcached
 * while the database is unavailable. With a segment the host remembers that. */
void app_prepare(struct app *app);

/* Closes database connections that have been idle for the configured time; `now_ms` is
 * monotonic. */
void app_close_idle(struct app *app, int64_t now_ms);

/* Closes what app_open opened. An all-zero app is allowed. */
void app_close(struct app *app);
