/* SPDX-License-Identifier: MIT */
/* Tells the caches of `edge.purge` of changed links: for the purge thread of the maintenance, and
 * for curtctl edge purge. */
#pragma once

#include "base/arena.h"
#include "edge/cache_folder.h"
#include "edge/curl.h"
#include "edge/edge_request.h"
#include "runtime/config.h"
#include "runtime/log.h"
#include "service/edge_changes.h"
#include "shm/metrics.h"

enum {
    EDGE_ARENA_MAX = 8 << 20,  /* bytes that a step needs */
    EDGE_BUSY_MS = 20,         /* between two looks at a request that runs */
    EDGE_BACKOFF_MIN_MS = 250, /* pause after a failure, doubled with each */
    EDGE_BACKOFF_MAX_MS = 5000,
    EDGE_DATABASE_MS = 1000, /* pause after a failure of the database */
    EDGE_LOOK_MS = 60000,    /* between two looks at the files of a cache without changes */
};

/* A cache, and how far it is. */
struct edge_purging {
    struct edge_target target;
    char place[EDGE_PLACE_MAX + 1];
    struct edge_changes changes;
    struct cache_folder folder; /* of a folder; of the others: */
    struct curl_run curl;
    size_t n_requests;

    size_t n_taken;
    int64_t taken_ms;  /* monotonic */
    int64_t due_ms;    /* the next step */
    int64_t looked_ms; /* at the files of the folder; 0: never */
    unsigned failures; /* in a row */
    bool has_failed;   /* as it was logged */
};

/* Logs that a cache cannot be told of changes (`error` is the reason), and, with NULL, that it can
 * again. */
typedef void edge_purger_note(void *context, const struct edge_target *target, const char *error);

/* The caller sets the first members, which are borrowed; the rest starts as zero. */
struct edge_purger {
    const struct config *config;
    struct db *db;
    struct metrics *metrics; /* NULL: not counted */
    struct arena *arena;     /* of EDGE_ARENA_MAX; reset with every step */
    edge_purger_note *note;
    void *context;

    struct edge_purging targets[EDGE_TARGETS_MAX];
    unsigned n;
};

/* Takes the targets off the configuration. */
void edge_purger_open(struct edge_purger *purger);

/* Does what is due, and returns the milliseconds until something else may be. `now_ms` is
 * monotonic.
 */
int64_t edge_purger_step(struct edge_purger *purger, int64_t now_ms);

/* Whether every cache was told of all changes, twice. */
bool edge_purger_is_done(const struct edge_purger *purger);

/* Ends requests that run, and frees. */
void edge_purger_close(struct edge_purger *purger);
