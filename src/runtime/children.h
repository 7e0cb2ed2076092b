/* SPDX-License-Identifier: MIT */
/* The workers of a prefork parent: who lives, of which generation, and what to do next. Decides by
 * the time it is told; forking and killing are the caller's. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    CHILDREN_UP_MS = 10000, /* a worker that has lived so long has started, if it said nothing */
    CHILDREN_PAUSE_MIN_MS = 100, /* before the next start, when a worker died while starting */
    CHILDREN_PAUSE_MAX_MS = 10000,
    CHILDREN_DRAIN_MS = 30000, /* for the request at hand, before a worker is killed */
};

struct child {
    struct child *next;
    pid_t pid;
    unsigned generation;
    int64_t started_at_ms;
    bool told;           /* it said that it has started */
    int64_t asked_at_ms; /* when it was asked to go; 0: it was not */
    bool killed;
};

struct children {
    struct child *first; /* the newest first */
    unsigned wanted;
    unsigned generation;   /* those of earlier ones are to be replaced */
    unsigned failures;     /* deaths while starting, in a row */
    int64_t not_before_ms; /* no start before then */
};

enum children_step {
    CHILDREN_WAIT,  /* nothing to do for `wait_ms` */
    CHILDREN_START, /* fork one, then children_add */
    CHILDREN_ASK,   /* SIGTERM `child`, then set its asked_at_ms */
    CHILDREN_KILL,  /* SIGKILL `child`, then set `killed` */
    CHILDREN_NONE,  /* none is left, and none is wanted */
};

/* What to do at `now_ms` (monotonic). Call again after doing it. A `wanted` of 0 drains. */
enum children_step children_next(const struct children *children, int64_t now_ms,
                                 struct child **child, int64_t *wait_ms);

/* A worker was forked. False when memory is out. */
bool children_add(struct children *children, pid_t pid, int64_t now_ms);

/* Worker `pid` says that it has started. */
void children_started(struct children *children, pid_t pid);

/* Worker `pid` ended; `failed` says that it did so by a signal or with an exit status other than 0.
 * *early: it failed while it started, so that the next start waits. False: no worker of ours. */
bool children_remove(struct children *children, pid_t pid, bool failed, int64_t now_ms,
                     bool *early);

void children_free(struct children *children);
