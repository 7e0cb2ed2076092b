/* SPDX-License-Identifier: MIT */
/* The maintenance tasks of a host. One of its workers' maintenance threads calls each task when it
 * is due, one after the other. A task is a function, in the file task_*.c of what it is for,
 * and a row in the table of tasks.c. */
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
#include "upkeep/app_context.h"
#include "upkeep/edge_logs.h"
#include "upkeep/edge_thread.h"

enum {
    TASKS_N = 12,
    /* The primary is probed for its writes, too; then the servers of a cluster. */
    PROBE_DATABASES_MAX = 2 + SQL_SERVERS_MAX + REPLICAS_MAX,
    PROBE_TARGETS_MAX = PROBE_DATABASES_MAX + MEMCACHED_SERVERS_MAX,
};

/* State of task_probe, by server: first the databases, then memcached. */
struct probes {
    struct db *db[PROBE_DATABASES_MAX]; /* connections without a breaker; NULL: none is open */
    int64_t due_ms[PROBE_TARGETS_MAX];
    unsigned next; /* the target that is looked at first */
};

/* State of task_replay. */
struct replaying {
    bool waits;        /* entries were pending at the last look */
    bool failed;       /* the last batch failed although the database answered */
    uint64_t replayed; /* since entries began to be pending */
    uint64_t rejected;
    int64_t count_ms; /* monotonic: when to count the spool again */
};

/* State of task_lag. */
struct lag_state {
    bool is_written;                /* the heartbeat has been written, measure next */
    bool failed[REPLICAS_MAX];      /* the last measurement failed */
    int64_t known_ms[REPLICAS_MAX]; /* when it was last measured (monotonic); 0: never */
    int64_t lag_ms[REPLICAS_MAX];
};

/* Totals since tasks_open. */
struct tasks_done {
    uint64_t clicks;  /* rolled up, bots' included */
    uint64_t created; /* links replayed from the spool */
    uint64_t links;   /* purged */
    bool failed;      /* a task has failed */
};

/* What the tasks use, and their state. Used by one thread only. */
struct tasks {
    struct app_context app; /* stores and services of its own, since connections cannot be shared
                       between threads */
    struct log *log;
    struct arena *arena; /* reset after each call of a task */
    struct probes probes;
    struct lag_state lag;
    uint64_t invalidation_queue_lost; /* value that was logged last */
    bool sequence_went_back;          /* as last logged */
    bool purge_failed;                /* the last batch failed */
    struct purge_total purged;        /* in the current round */
    struct flusher flusher;
    int64_t flush_at_ms; /* monotonic */
    bool flush_failed;   /* the last batch failed */
    struct edge_logs edge_logs;
    bool follow_failed;                  /* the last batch of a log failed */
    bool edge_log_failed;                /* some log could not be read in the last round */
    struct edge_thread *edge_thread;     /* NULL: it does not run */
    bool edge_failed;                    /* it could not be started */
    unsigned char purged_sources;        /* part of the click sources that was purged last */
    bool compact_failed;                 /* the last batch failed */
    struct click_compact_done compacted; /* in the current round */
    struct replaying replaying;
    enum tables_age tables; /* as last logged */
    unsigned share;         /* percent of the time that purging and compaction may take */
    bool is_brief; /* called by upkeep.h: pending work is done at once rather than at the next due
                      time */
    bool more;     /* the last task has more to do at once */
    struct tasks_done done;
};

/* Opens stores and services without connecting yet. `config` and `log` are borrowed. NULL with the
 * reason. */
struct tasks *tasks_open(const struct config *config, struct log *log, struct error *err);

/* Flushes once more and closes everything. NULL is allowed; sets *tasks to NULL. */
void tasks_close(struct tasks **tasks);

/* Calls the tasks that are due at `now_ms` (monotonic); returns the milliseconds, at least 1, until
 * the next one is due. Each call of a task is short: long work is split into several calls. */
int64_t tasks_run(struct tasks *tasks, int64_t now_ms);

/* Calls one task, by its number below TASKS_N, whether it is due or not, and returns the
 * milliseconds until it is due again. Afterwards `more` says whether it has more to do at once. */
int64_t tasks_call(struct tasks *tasks, unsigned task, int64_t now_ms);
const char *tasks_name(unsigned task);

/* Logs a failure of a task once, not with every batch, until the task succeeds again: *was_failed
 * is that of the last batch. */
void tasks_note_failure(const struct tasks *tasks, const char *event, bool failed, bool *was_failed,
                        const struct error *err);

/* --- the tasks; each call does a part of the work and returns the milliseconds until the next
 * one */

/* Deletes expired links and idempotency keys (service/purge.h), and positions of logs that are gone
 * (service/follow.h). */
int64_t task_purge(struct tasks *tasks, int64_t now_ms);

/* Sets the metric of the ids left in the sequence. */
int64_t task_ids(struct tasks *tasks, int64_t now_ms);

/* Logs whether the tables are older or newer than the program (db/migrate.h). */
int64_t task_tables(struct tasks *tasks, int64_t now_ms);

/* Probes the servers whose circuit breaker is open (shm/breaker.h). */
int64_t task_probe(struct tasks *tasks, int64_t now_ms);
void task_probe_end(struct tasks *tasks);

/* Rolls the host's clicks up in the database (service/flush.h); task_flush_end does so once more at
 * the end. */
int64_t task_flush(struct tasks *tasks, int64_t now_ms);
void task_flush_end(struct tasks *tasks);

/* Counts clicks from the access logs of caches in front (service/follow.h). */
int64_t task_follow(struct tasks *tasks, int64_t now_ms);
void task_follow_end(struct tasks *tasks);

/* Has the purge thread run, which tells caches in front of changes (upkeep/edge_thread.h), and
 * bounds the changes that wait for them. */
int64_t task_edge(struct tasks *tasks, int64_t now_ms);
void task_edge_end(struct tasks *tasks);

/* Compacts old roll-ups (service/compact.h). */
int64_t task_compact(struct tasks *tasks, int64_t now_ms);

/* Replays the spool (service/replay.h), and counts its pending entries. */
int64_t task_replay(struct tasks *tasks, int64_t now_ms);

/* Reserves ids, so that links can be created while the database is unavailable. */
int64_t task_reserve(struct tasks *tasks, int64_t now_ms);

/* Works off the invalidation queue: removes its codes from memcached (shm/invalidation_queue.h).
 * Also called by task_probe as soon as a server answers. */
int64_t task_publish(struct tasks *tasks, int64_t now_ms);

/* Writes the heartbeat, and measures the lag of each replica (shm/replica_lag.h). */
int64_t task_lag(struct tasks *tasks, int64_t now_ms);
