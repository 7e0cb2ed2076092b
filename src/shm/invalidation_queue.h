/* SPDX-License-Identifier: MIT */
/* The invalidation queue: codes whose entry in memcached may be outdated, because a change of the
 * link could not be published there (the server was unreachable or timed out). The maintenance
 * thread deletes these entries when the server answers again (task_publish, upkeep/task_servers.c);
 * otherwise other hosts would use the old entries until they expire. The queue is in the shared
 * segment, so that it outlives the worker that added the code. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "link/code.h"
#include "shm/segment.h"

enum {
    INVALIDATIONS_MAX = 4096, /* codes; further ones are counted as lost */
    /* An entry is deleted a second time after this pause, because a slow reader may have stored
     * again what it had read before the first deletion. */
    INVALIDATION_REPEAT_MS = 2000,
};

struct invalidation_queue;

/* The queue in `segment` (borrowed); NULL when memory is out. */
struct invalidation_queue *invalidation_queue_open(struct segment *segment);

/* Frees; sets *invalidations to NULL. *invalidations may be NULL. */
void invalidation_queue_close(struct invalidation_queue **invalidations);

/* Adds a code. With `is_new` (the link has just been created, so memcached has at most an absent
 * entry) the code is added only while the table is less than half full. False when it is not added;
 * without `is_new` it is then counted as lost. Waits at most 50 ms for the table's lock. */
bool invalidation_queue_add(struct invalidation_queue *invalidations, struct slice code,
                            bool is_new);

/* Whether memcached may have an outdated entry of a code: then memcached must not be read for it.
 * May rarely return true for another code. Fast while the queue is empty; takes no lock. */
bool invalidation_queue_has(const struct invalidation_queue *invalidations, struct slice code);

struct invalidation {
    unsigned slot;
    unsigned generation; /* changes when the code is added again */
    bool is_removed;     /* set by the caller of invalidation_queue_list */
    uint8_t len;
    char bytes[CODE_MAX];
};

/* The number of codes in the queue, and of codes lost so far. Fast; no lock. */
size_t invalidation_queue_count(const struct invalidation_queue *invalidations);
uint64_t invalidation_queue_lost(const struct invalidation_queue *invalidations);

/* Lists the codes whose entries are to be deleted at `now_ms` (monotonic), at most `max`. Returns
 * their number. */
size_t invalidation_queue_list(struct invalidation_queue *invalidations, struct invalidation *out,
                               size_t max, int64_t now_ms);

/* Records which of the listed codes were deleted from memcached (`is_removed`). After the first
 * deletion a code stays in the queue, to be deleted again INVALIDATION_REPEAT_MS later; after the
 * second it is removed from the queue. A code that was added again meanwhile is unchanged. */
void invalidation_queue_removed(struct invalidation_queue *invalidations,
                                const struct invalidation *codes, size_t n, int64_t now_ms);
