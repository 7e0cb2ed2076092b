/* SPDX-License-Identifier: MIT */
/* The table of a prefork parent's workers: decides which to start, stop or kill next. Time is an
 * argument; the caller forks and kills. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    CHILDREN_UP_MS =
        10000, /* a worker counts as started after this time even if it has not reported so */
    CHILDREN_PAUSE_MIN_MS =
        100, /* shortest pause before the next start after a worker failed while starting */
    CHILDREN_PAUSE_MAX_MS = 10000,
    CHILDREN_DRAIN_MS = 30000, /* for a worker to finish its request before it is killed */
};

struct child {
    struct child *next;
    pid_t pid;
    unsigned generation;
    int64_t started_at_ms;
    bool reported;       /* it has reported that it started */
    int64_t asked_at_ms; /* when SIGTERM was sent; 0: never */
    bool killed;
};

struct children {
    struct child *first; /* newest first */
    unsigned wanted;
    unsigned generation;   /* current generation; workers of earlier ones are replaced */
    unsigned failures;     /* failures while starting, in a row */
    int64_t not_before_ms; /* no worker is started before then */
};

enum children_step {
    CHILDREN_WAIT,  /* nothing to do for `wait_ms` */
    CHILDREN_START, /* fork one, then children_add */
    CHILDREN_ASK,   /* send SIGTERM to `child`, then set its asked_at_ms */
    CHILDREN_KILL,  /* send SIGKILL to `child`, then set `killed` */
    CHILDREN_NONE,  /* no worker is left and none is wanted */
};

/* The next step at `now_ms` (monotonic). Do it, then call again. `wanted` 0 stops all workers. */
enum children_step children_next(const struct children *children, int64_t now_ms,
                                 struct child **child, int64_t *wait_ms);

/* Adds a forked worker. False when memory is exhausted. */
bool children_add(struct children *children, pid_t pid, int64_t now_ms);

/* Notes that worker `pid` has reported its start. */
void children_started(struct children *children, pid_t pid);

/* Removes worker `pid`, which has ended; `failed`: by a signal or with an exit status other than 0.
 * *early: it failed while starting, so the next start is delayed. Returns false when it is not in
 * the table. */
bool children_remove(struct children *children, pid_t pid, bool failed, int64_t now_ms,
                     bool *early);

void children_free(struct children *children);
