/* SPDX-License-Identifier: MIT */
/* Circuit breakers (Nygard, "Release It!"): after repeated failures a backend is not used for a
 * while, so that requests do not wait for it. The states are in the shared segment, common to all
 * workers of the host; without a segment each process has its own. No lock, no system call; a
 * worker may be killed at any instruction.
 *
 *   closed ──(failures in a row)──▶ open ──(open_ms later)──▶ probing ──(probes good)──▶ closed
 *                                     ▲                          │
 *                                     └────────(one bad)─────────┘
 *
 * The maintenance thread also probes an open backend (breaker_wants_probe), so that a recovery is
 * found before open_ms is over: `probes` successes in a row close the breaker, a failure restarts
 * open_ms, and no request has to wait for such a probe. */
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
    /* The maximum duration of a probe. If it is not reported by then, because its worker was
     * killed, another probe is allowed in its place. */
    BREAKER_PATIENCE_MS = 5000,
};

enum breaker_state {
    BREAKER_CLOSED,  /* in use */
    BREAKER_OPEN,    /* not used */
    BREAKER_PROBING, /* a limited number of uses is allowed, as probes */
};

struct breaker_options {
    unsigned failures;       /* consecutive failures that open it; 0: it never opens */
    unsigned open_ms;        /* how long it stays open */
    unsigned probes;         /* consecutive successful probes that close it, and the maximum of
                              * concurrent probes; 0 counts as 1 */
    struct metrics *metrics; /* counts openings; borrowed, may be NULL */
};

/* For breakers that have no configuration; workers take [breaker] of theirs. Five consecutive
 * failures open it for 30 seconds; then three successful probes close it. */
#define BREAKER_DEFAULTS                             \
    {                                                \
        .failures = 5, .open_ms = 30000, .probes = 3 \
    }

struct breakers;

/* A process's handle of one backend's breaker. */
struct breaker {
    struct breakers *all; /* NULL: never opens */
    unsigned slot;
};

/* The breakers in `segment` (borrowed), or this process's own ones if `segment` is NULL. `options`
 * is copied. NULL, with the reason, when out of memory. */
struct breakers *breakers_open(struct segment *segment, const struct breaker_options *options,
                               struct error *err);

/* Frees; sets *breakers to NULL. *breakers may be NULL. */
void breakers_close(struct breakers **breakers);

/* The breaker of backend `name` ("mysql", "memcached 10.0.0.1:11211"), created if it does not
 * exist. If all BREAKERS_MAX slots are used, the breaker returned never opens. */
struct breaker breaker_find(struct breakers *breakers, struct slice name);

/* Whether the backend may be used now. While the breaker is probing, at most `probes` concurrent
 * uses are allowed. The caller must report the result of each use that was allowed. `now_ms` is
 * monotonic. One atomic load while the breaker is closed. */
bool breaker_allows(struct breaker breaker, int64_t now_ms);

/* Reports whether a use of the backend succeeded. A report of a use that began before the breaker
 * opened is ignored. One atomic load for a success while the breaker is closed and has counted no
 * failure. */
void breaker_report(struct breaker breaker, bool good, int64_t now_ms);

/* Opens the breaker after one failure, for those that would keep the next use waiting as long. */
void breaker_open(struct breaker breaker, int64_t now_ms);

/* Whether the maintenance thread should probe the backend now: true for an open breaker, and for a
 * probing one while another probe is allowed. The caller must report the result. At most one
 * process of a host calls this at a time. */
bool breaker_wants_probe(struct breaker breaker, int64_t now_ms);

enum breaker_state breaker_state(struct breaker breaker, int64_t now_ms);

/* "closed", "open", "probing". */
const char *breaker_state_name(enum breaker_state state);

/* Called for each backend that has a breaker. */
typedef void breakers_each(void *context, unsigned slot, struct slice name,
                           enum breaker_state state);
void breakers_walk(const struct breakers *breakers, int64_t now_ms, breakers_each *each,
                   void *context);

/* Whether this process has called breaker_find for the slot. The segment may also have breakers of
 * an earlier configuration. */
bool breakers_use(const struct breakers *breakers, unsigned slot);
