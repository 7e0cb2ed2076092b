/* SPDX-License-Identifier: MIT */
/* Wiring: the store and the services of one worker, opened as the configuration says. */
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

/* Its parts point at one another: it stays where it was opened. */
struct app {
    const struct config *config;
    struct spool *spool;                      /* NULL: none configured, or none to be had */
    struct segment *segment;                  /* NULL: none configured, or none to be had */
    struct metrics *metrics;                  /* in the segment, or this worker's own */
    struct breakers *breakers;                /* in the segment, or this worker's own */
    struct buckets *buckets;                  /* in the segment, or this worker's own */
    struct local_cache *local;                /* NULL: none configured, or none to be had */
    struct cache *remote;                     /* memcached, or none */
    struct invalidation_queue *invalidations; /* NULL without a segment or without memcached */
    struct cache *cache;                      /* all of that together */
    struct sql_options mysql; /* of the database: the configuration's, with breaker and metrics */
    struct db *db;
    struct code_key_source code_key;
    struct replica_lags *lags;
    struct replicas *replicas; /* NULL: none configured */
    struct shortening shortening;
    struct site site;
    struct services services;
};

/* Opens everything; connects to nothing yet. `config` and `log` are borrowed. A segment that cannot
 * be had is logged and done without; everything else that fails is an error, and what was opened is
 * closed again. */
bool app_open(struct app *app, const struct config *config, struct log *log, struct error *err);

/* Gives connections back that were not used for the configured idle time; `now_ms` is monotonic. */
void app_close_idle(struct app *app, int64_t now_ms);

/* Closes what app_open opened. Fine on an app that is all zero. */
void app_close(struct app *app);
