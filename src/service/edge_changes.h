/* SPDX-License-Identifier: MIT */
/* The changes that one cache in front has still to be told of, each twice: as soon as it is seen,
 * and again when no host's local cache has the answer from before it any more, since another host
 * may have filled the cache with it in between.
 *
 * Changes are read from the database by their ids. A change may appear after others with higher
 * ids, whose transactions ended earlier: so those of the last EDGE_LATE_MS are read again. The
 * stored position is before them: after an end at any moment, what may not have been done is done
 * again. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/db.h"
#include "edge/edge_codes.h"

enum {
    EDGE_WAITING_MAX = 65536, /* changes that are held; more are read when these are done */
    EDGE_LATE_MS = 30000,     /* how much later than a higher id a change may appear */
    EDGE_REREAD_MS = 1000,    /* between two looks for such changes */
    EDGE_AGAIN_MS = 500,      /* how long after local_ttl a cache is told again: for answers on
                               * their way to it */
    EDGE_STORE_MS = 5000,     /* between two writes of the position */
};

/* A change. */
struct edge_waiting {
    uint64_t id;
    int64_t seen_ms;    /* monotonic */
    unsigned char told; /* how often the cache was told: 0 to 2 */
    bool is_taken;      /* by edge_changes_take */
    unsigned char len;
    char code[CODE_MAX];
};

/* The caller sets the first members, which are borrowed; the rest starts as zero. */
struct edge_changes {
    struct db *db;
    uint64_t target;      /* the id of the cache in the database */
    int64_t local_ttl_ms; /* cache.local_ttl */

    bool is_open;
    uint64_t position; /* all changes up to this id are done */
    uint64_t stored;   /* the position in the database */
    int64_t stored_ms, reread_ms;
    struct edge_waiting *waiting; /* in the order of their ids */
    size_t n, room;
};

/* Reads new changes. `arena` is reset. Fails with the database alone. */
enum db_result edge_changes_read(struct edge_changes *changes, struct arena *arena, int64_t now_ms,
                                 struct error *err);

/* Takes codes that are due, at most EDGE_CODES_MAX; their bytes are borrowed until the next call of
 * another function. False when none is due. */
bool edge_changes_take(struct edge_changes *changes, int64_t now_ms, struct edge_codes *out);

/* The cache was told of what was taken, or not: then it is due again. */
void edge_changes_done(struct edge_changes *changes, bool is_told, int64_t now_ms);

/* Forgets what is done, and stores the position. */
enum db_result edge_changes_store(struct edge_changes *changes, int64_t now_ms, struct error *err);

/* How many changes the cache was not told of yet, and for how long the oldest of them has waited.
 */
size_t edge_changes_pending(const struct edge_changes *changes, int64_t now_ms, int64_t *oldest_ms);

/* Whether the cache was told twice of all. */
bool edge_changes_are_done(const struct edge_changes *changes);

/* Frees; the position is not stored. */
void edge_changes_close(struct edge_changes *changes);
