/* SPDX-License-Identifier: MIT */
/* Codes of which memcached may hold something old, because an author's change could not be
 * published there: a server was away, or did not answer in time. The housekeeper removes them from
 * memcached as soon as their server answers again (app/chore_publish.c); else other hosts would go
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
    UNPUBLISHED_MAX = 4096, /* codes; one more is counted as lost */
    /* How long after a code was removed it is removed once more: a slow reader may have put back
     * what it had read before. */
    UNPUBLISHED_SETTLE_MS = 2000,
};

struct unpublished;

/* NULL when memory is out. The segment is borrowed. */
struct unpublished *unpublished_open(struct segment *segment);

/* NULL is fine; sets *unpublished to NULL. */
void unpublished_close(struct unpublished **unpublished);

/* Notes a code. One that `is_new`, of which memcached has at most that it was not there, is noted
 * only while half of the table is free. False when it is not noted; a change is then counted as
 * lost. Waits for other workers, some milliseconds at most. */
bool unpublished_add(struct unpublished *unpublished, struct slice code, bool is_new);

/* Whether memcached may hold something old of a code: then it is not to be asked about it. A rare
 * true without reason does no harm. Cheap while there are none; takes no lock. */
bool unpublished_has(const struct unpublished *unpublished, struct slice code);

struct unpublished_code {
    unsigned slot;
    unsigned generation; /* another one when the code was noted again */
    bool is_removed;     /* to be filled in by the caller of unpublished_list */
    uint8_t len;
    char bytes[CODE_MAX];
};

/* How many there are, and how many were lost so far; cheap. */
size_t unpublished_count(const struct unpublished *unpublished);
uint64_t unpublished_lost(const struct unpublished *unpublished);

/* The codes that are to be removed at `now_ms` (monotonic), at most `max` of them. Returns how
 * many.
 */
size_t unpublished_list(struct unpublished *unpublished, struct unpublished_code *out, size_t max,
                        int64_t now_ms);

/* Notes which of them were removed: for the first time, and they stay until it is done once more;
 * or for the second time, and they are forgotten. One that was noted again meanwhile stays as it
 * is. */
void unpublished_removed(struct unpublished *unpublished, const struct unpublished_code *codes,
                         size_t n, int64_t now_ms);
