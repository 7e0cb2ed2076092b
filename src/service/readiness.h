/* SPDX-License-Identifier: MIT */
/* Readiness: whether this host can serve, and the state of each of its backends. */
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
    struct cache *cache;             /* memcached; NULL: none */
    const struct breakers *breakers; /* NULL: none */
    const struct metrics *metrics;   /* NULL: none */
    bool wants_segment;              /* a segment is configured */
    bool has_segment;
    bool has_local_cache;
};

enum readiness_status {
    READINESS_READY,
    READINESS_DEGRADED,    /* redirects are served, at least those of cached codes; or the spool has
                              links that other hosts do not know */
    READINESS_UNAVAILABLE, /* no redirect can be served */
};

enum backend_state {
    BACKEND_UP,
    BACKEND_DOWN,    /* does not answer, or its circuit breaker is open */
    BACKEND_PROBING, /* its breaker is half-open: some requests probe it */
    BACKEND_NONE,    /* none is configured */
};

/* The backends of one kind, in the order of their first use. */
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
    int64_t spool_rejected; /* accepted with 202, then refused by the database */
};

/* Sends the database and memcached one small query each, unless their circuit breakers are open;
 * the state of every other backend is that of its breaker. `now_ms` is monotonic. */
void readiness_check(const struct readiness_sources *sources, int64_t now_ms, struct arena *arena,
                     struct readiness *out);

/* "ready", "degraded", "unavailable"; "up", "down", "probing", "none". */
const char *readiness_status_name(enum readiness_status status);
const char *backend_state_name(enum backend_state state);
