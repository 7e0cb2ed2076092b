/* SPDX-License-Identifier: MIT */
/* Whether this host can serve, and how each of its backends is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "cache/cache.h"
#include "db/db.h"
#include "shm/breaker.h"
#include "shm/metrics.h"

/* All borrowed. */
struct readiness_sources {
    struct db *db;
    struct cache *cache;             /* memcached, or one that never has anything */
    const struct breakers *breakers; /* NULL: none */
    const struct metrics *metrics;   /* NULL: none */
    bool wants_segment;              /* one is configured */
    bool has_segment;
    bool has_local_cache;
};

enum readiness_status {
    READINESS_READY,
    READINESS_DEGRADED,    /* redirects are served, at least those that a cache knows; or the spool
                              holds what other hosts do not know */
    READINESS_UNAVAILABLE, /* none can be */
};

enum backend_state {
    BACKEND_UP,
    BACKEND_DOWN,    /* does not answer, or is left alone because it did not */
    BACKEND_PROBING, /* some requests try whether it is back */
    BACKEND_NONE,    /* none is configured */
};

/* The backends of one kind, in the order in which they were first used. */
struct readiness_group {
    enum backend_state states[BREAKERS_MAX];
    size_t n;
};

struct readiness {
    enum readiness_status status;
    enum backend_state mysql; /* the primary */
    enum backend_state segment;
    struct readiness_group replicas;
    struct readiness_group memcached;
    int64_t spool_entries;
    int64_t spool_bytes;
    int64_t spool_rejected; /* promised, and not taken by the database */
};

/* Asks the database and memcached one small question each, unless they are left alone at the
 * moment; of each other backend it says how those who last used it fared. `now_ms` is monotonic. */
void readiness_check(const struct readiness_sources *sources, int64_t now_ms, struct arena *arena,
                     struct readiness *out);

/* "ready", "degraded", "unavailable"; "up", "down", "probing", "none". */
const char *readiness_status_name(enum readiness_status status);
const char *backend_state_name(enum backend_state state);
