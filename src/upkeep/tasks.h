/* SPDX-License-Identifier: MIT */
/* What a host needs done now and then, by one of its workers: the housekeeper calls each chore when
 * it is due, one after the other. A chore is a function in a file of its own, chore_*.c, and a line
 * in the table of chores.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "cache/memcached.h"
#include "db/migrate.h"
#include "runtime/config.h"
#include "runtime/log.h"
#include "service/flush.h"
#include "service/purge.h"
#include "upkeep/wiring.h"

enum {
    TASKS_N = 10,
    PROBE_DATABASES_MAX = 1 + REPLICAS_MAX,
    PROBE_TARGETS_MAX = PROBE_DATABASES_MAX + MEMCACHED_SERVERS_MAX,
};

/* What task_probe remembers of the servers that it looks after: first the databases, then
 * memcached.
 */
struct probes {
    struct db *db[PROBE_DATABASES_MAX]; /* not subject to any breaker; NULL: not in need */
    int64_t due_ms[PROBE_TARGETS_MAX];
    unsigned next; /* the one that is looked at first */
};

/* What task_replay remembers. */
struct replaying {
    bool waits;        /* something did when it last looked */
    bool failed;       /* the last batch, for another reason than that the database is away */
    uint64_t replayed; /* since something began to wait */
    uint64_t rejected;
    int64_t count_ms; /* monotonic: when the spool is counted again */
};

/* What task_lag remembers. */
struct lag_state {
    bool is_written;                /* the heartbeat that is to be looked for now */
    bool failed[REPLICAS_MAX];      /* could not be measured the last time */
    int64_t known_ms[REPLICAS_MAX]; /* when it was measured last (monotonic); 0: never */
    int64_t lag_ms[REPLICAS_MAX];
};

/* What was done since tasks_open. */
struct tasks_done {
    uint64_t clicks;  /* rolled up, those of programs too */
    uint64_t created; /* links of the spool */
    uint64_t links;   /* purged */
    bool failed;      /* one of the chores */
};

/* What the chores work with and remember. Everything here is the housekeeper's thread's alone. */
struct tasks {
    struct app app; /* its own stores and services: connections are not for two threads */
    struct log *log;
    struct arena *arena; /* emptied after each call of a chore */
    struct probes probes;
    struct lag_state lag;
    uint64_t invalidation_queue_lost; /* so many were told of */
    bool purge_failed;                /* the last batch */
    struct purge_total purged;        /* in the round at hand */
    struct flusher flusher;
    int64_t flush_at_ms;                 /* monotonic */
    bool flush_failed;                   /* the last batch */
    bool compact_failed;                 /* likewise */
    struct click_compact_done compacted; /* in the round at hand */
    struct replaying replaying;
    enum tables_age tables; /* as was told last */
    unsigned share;         /* percent of the time that purging and folding may take */
    bool is_brief; /* there are no calls at leisure (upkeep.h): what waits is done at once */
    bool more;     /* the last chore has more to do at once */
    struct tasks_done done;
};

/* Opens stores and services; connects to nothing yet. `config` and `log` are borrowed. NULL with
 * the reason. */
struct tasks *tasks_open(const struct config *config, struct log *log, struct error *err);

/* NULL is fine; sets *chores to NULL. */
void tasks_close(struct tasks **tasks);

/* Calls the chores that are due at `now_ms` (monotonic); returns in how many milliseconds, at least
 * 1, the next one will be. Each call of a chore is short: what takes long is done in parts. */
int64_t tasks_run(struct tasks *tasks, int64_t now_ms);

/* One chore, by its number below TASKS_N, whether it is due or not; `more` tells afterwards
 * whether it should be called again soon. */
int64_t tasks_call(struct tasks *tasks, unsigned task, int64_t now_ms);
const char *tasks_name(unsigned task);

/* --- the chores; each does a part of its work and returns in how many milliseconds it wants to be
 * called again */

/* Deletes what expired long ago (service/purge.h). */
int64_t task_purge(struct tasks *tasks, int64_t now_ms);

/* Tells the metrics how many ids the sequence has left. */
int64_t task_ids(struct tasks *tasks, int64_t now_ms);

/* Looks whether the tables are older or newer than the program (db/migrate.h). */
int64_t task_tables(struct tasks *tasks, int64_t now_ms);

/* Asks the servers that are left alone whether they are back (shm/breaker.h). */
int64_t task_probe(struct tasks *tasks, int64_t now_ms);
void task_probe_end(struct tasks *tasks);

/* Rolls the host's clicks up in the database (service/flush.h); once more at the end. */
int64_t task_flush(struct tasks *tasks, int64_t now_ms);
void task_flush_end(struct tasks *tasks);

/* Folds roll-ups of long ago (service/compact.h). */
int64_t task_compact(struct tasks *tasks, int64_t now_ms);

/* Replays the spool (service/replay.h), and counts what waits in it. */
int64_t task_replay(struct tasks *tasks, int64_t now_ms);

/* Keeps ids at hand, so that links can be made while the database is away. */
int64_t task_reserve(struct tasks *tasks, int64_t now_ms);

/* Removes from memcached what it could not be told (shm/invalidation_queue.h); also called by
 * task_probe as soon as a server answers. */
int64_t task_publish(struct tasks *tasks, int64_t now_ms);

/* Writes the heartbeat, and looks how far each replica is behind (shm/replica_lag.h). */
int64_t task_lag(struct tasks *tasks, int64_t now_ms);
