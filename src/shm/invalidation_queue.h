/* SPDX-License-Identifier: MIT */
/* Codes of which memcached may hold something old, because an author's change could not be
 * published there: a server was away, or did not answer in time. The housekeeper removes them from
 * memcached as soon as their server answers again (app/task_publish.c); else other hosts would go
 * on with the old record until its lifetime ends. In the shared segment, so that it outlives the
 * worker that noted the code. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "link/code.h"
#include "shm/segment.h"

enum {
    INVALIDATIONS_MAX = 4096, /* codes; one more is counted as lost */
    /* How long after a code was removed it is removed once more: a slow reader may have put back
     * what it had read before. */
    INVALIDATION_SETTLE_MS = 2000,
};

struct invalidation_queue;

/* NULL when memory is out. The segment is borrowed. */
struct invalidation_queue *invalidation_queue_open(struct segment *segment);

/* NULL is fine; sets *unpublished to NULL. */
void invalidation_queue_close(struct invalidation_queue **invalidations);

/* Notes a code. One that `is_new`, of which memcached has at most that it was not there, is noted
 * only while half of the table is free. False when it is not noted; a change is then counted as
 * lost. Waits for other workers, some milliseconds at most. */
bool invalidation_queue_add(struct invalidation_queue *invalidations, struct slice code,
                            bool is_new);

/* Whether memcached may hold something old of a code: then it is not to be asked about it. A rare
 * true without reason does no harm. Cheap while there are none; takes no lock. */
bool invalidation_queue_has(const struct invalidation_queue *invalidations, struct slice code);

struct invalidation {
    unsigned slot;
    unsigned generation; /* another one when the code was noted again */
    bool is_removed;     /* to be filled in by the caller of invalidation_queue_list */
    uint8_t len;
    char bytes[CODE_MAX];
};

/* How many there are, and how many were lost so far; cheap. */
size_t invalidation_queue_count(const struct invalidation_queue *invalidations);
uint64_t invalidation_queue_lost(const struct invalidation_queue *invalidations);

/* The codes that are to be removed at `now_ms` (monotonic), at most `max` of them. Returns how
 * many.
 */
size_t invalidation_queue_list(struct invalidation_queue *invalidations, struct invalidation *out,
                               size_t max, int64_t now_ms);

/* Notes which of them were removed: for the first time, and they stay until it is done once more;
 * or for the second time, and they are forgotten. One that was noted again meanwhile stays as it
 * is. */
void invalidation_queue_removed(struct invalidation_queue *invalidations,
                                const struct invalidation *codes, size_t n, int64_t now_ms);
