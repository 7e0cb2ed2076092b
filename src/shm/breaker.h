/* SPDX-License-Identifier: MIT */
/* Circuit breakers (Nygard, "Release It!"): a backend that fails again and again is left alone for
 * a while, so that nobody waits for it. The states are in the shared segment, one for all workers
 * of the host; without a segment each process has its own. No lock, no system call; a worker may be
 * killed at any instruction.
 *
 *   closed ──(failures in a row)──▶ open ──(open_ms later)──▶ probing ──(probes good)──▶ closed
 *                                     ▲                          │
 *                                     └────────(one bad)─────────┘
 *
 * Who keeps house asks an open backend now and then (breaker_wants_probe), so that its return is
 * noticed long before open_ms is over: as many good answers close it, a bad one lets open_ms begin
 * anew, and nobody else has to wait for it to find out. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "shm/metrics.h"
#include "shm/segment.h"

enum {
    BREAKERS_MAX = 96,        /* backends of a host */
    BREAKER_NAME_MAX = 119,   /* bytes of a backend's name; a longer one is cut */
    BREAKER_COUNT_MAX = 1000, /* of the failures and of the probes */
    /* How long a use may take that was let through to see. The place of one that has not been
     * reported by then, because its worker was killed, is given to another. */
    BREAKER_PATIENCE_MS = 5000,
};

enum breaker_state {
    BREAKER_CLOSED,  /* in use */
    BREAKER_OPEN,    /* left alone */
    BREAKER_PROBING, /* some are let through to see */
};

struct breaker_options {
    unsigned failures;       /* in a row, that open it; 0: it never opens */
    unsigned open_ms;        /* how long it stays open */
    unsigned probes;         /* good ones in a row, that close it; 0 counts as 1 */
    struct metrics *metrics; /* where openings are counted; borrowed, may be NULL */
};

/* Five failures open it for 30 seconds, then three good probes close it. */
#define BREAKER_DEFAULTS                             \
    {                                                \
        .failures = 5, .open_ms = 30000, .probes = 3 \
    }

struct breakers;

/* One backend's, as one process holds it. */
struct breaker {
    struct breakers *all; /* NULL: never opens */
    unsigned slot;
};

/* In the segment's region (borrowed), or with NULL in memory of this process. `options` is copied.
 * NULL with the reason when there is no memory. */
struct breakers *breakers_open(struct segment *segment, const struct breaker_options *options,
                               struct error *err);

/* NULL is fine; sets *breakers to NULL. */
void breakers_close(struct breakers **breakers);

/* The breaker of backend `name` ("mysql", "memcached 10.0.0.1:11211"), made if there is none. When
 * there is no room, one that never opens. */
struct breaker breaker_find(struct breakers *breakers, struct slice name);

/* Whether to use the backend now. While it is probing at most `probes` at a time are let through;
 * each one must be reported. `now_ms` is monotonic. One atomic load while it is closed. */
bool breaker_allows(struct breaker breaker, int64_t now_ms);

/* How a use went. Reports of a use that began before the breaker opened do no harm. One atomic load
 * when all is well. */
void breaker_report(struct breaker breaker, bool good, int64_t now_ms);

/* Whether the backend is not closed and should be asked now nevertheless; for the housekeeper, of
 * whom there is one on a host, and who reports what it sees. */
bool breaker_wants_probe(struct breaker breaker, int64_t now_ms);

enum breaker_state breaker_state(struct breaker breaker, int64_t now_ms);

/* "closed", "open", "probing". */
const char *breaker_state_name(enum breaker_state state);

/* Tells about every backend that has a breaker. */
typedef void breakers_each(void *context, unsigned slot, struct slice name,
                           enum breaker_state state);
void breakers_walk(const struct breakers *breakers, int64_t now_ms, breakers_each *each,
                   void *context);

/* Whether the backend has been found through `breakers`: the segment also has those of whatever was
 * configured before. */
bool breakers_use(const struct breakers *breakers, unsigned slot);
