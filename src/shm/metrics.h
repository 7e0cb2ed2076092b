/* SPDX-License-Identifier: MIT */
/* Counters, gauges and histograms of the whole host, in the shared segment: every worker adds to
 * them, and any worker can read them all. An addition takes no lock and no system call; a worker
 * may be killed at any instruction. Without a segment each process has its own.
 *
 * A struct metrics may be used by all threads of the process that opened it.
 *
 * A series is a metric and up to three labels, all of them small numbers; web/exposition.h defines
 * their meaning and writes them in Prometheus's format. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "shm/segment.h"

enum metric {
    METRIC_NONE,                  /* marks a free slot */
    METRIC_HTTP_REQUESTS,         /* a: enum http_method's bit number, b: route, c: status */
    METRIC_HTTP_DURATION,         /* histogram; a: route, b: cache level */
    METRIC_CACHE_HITS,            /* a: cache level */
    METRIC_CACHE_MISSES,          /* redirects that no cache could answer */
    METRIC_DB_QUERY_DURATION,     /* histogram; a: statement */
    METRIC_DB_CONNECTIONS_OPENED, /* connections opened */
    METRIC_DB_CONNECTIONS_CLOSED, /* connections closed */
    METRIC_DB_ERRORS,             /* a: enum sql_result */
    METRIC_RATE_LIMITED,          /* a: enum limit kind */
    METRIC_BREAKER_OPENED,        /* a: backend slot */
    METRIC_REPLICATION_LAG_MS,    /* gauge; a: replica */
    METRIC_IDS_LEFT,              /* gauge */
    METRIC_SPOOL_ENTRIES,         /* gauge: creates waiting for the database */
    METRIC_SPOOL_BYTES,           /* gauge */
    METRIC_SPOOL_ACCEPTED,        /* creates put into the spool */
    METRIC_SPOOL_REFUSED,         /* creates refused because it was full */
    METRIC_SPOOL_REPLAYED,        /* creates stored in the database */
    METRIC_SPOOL_REJECTED,        /* creates that the database refused */
    METRIC_INVALIDATIONS,         /* gauge: codes in the invalidation queue */
    METRIC_CLICKS_RECORDED,       /* a: 0 human, 1 bot */
    METRIC_CLICKS_SPILLED,        /* written to a spill file because the ring was full */
    METRIC_CLICKS_LOST,           /* not counted: the spill was full, too */
    METRIC_CLICKS_FLUSHED,        /* stored in the database */
    METRIC_CLICKS_PENDING,        /* gauge: in ring and spill */
    METRIC_FLUSHES,               /* a: 0 succeeded, 1 failed */
    METRIC_FLUSHED_AT,            /* gauge: seconds since the epoch, when everything was last
                                   * flushed */
    METRIC_WORKERS_STARTED,
    METRIC_IDS_RESERVED,        /* gauge: ids reserved for creates while the database is
                                 * unavailable */
    METRIC_SPOOL_REJECTED_KEPT, /* gauge: lines of rejected.tsv */
    METRIC_UNTRUSTED_PROXY,     /* requests counted for rate limits by the address of an untrusted
                                 * proxy */
    METRIC_LOG_LINES,           /* lines of access logs; a: enum log_kind, b: enum follow_result */
    METRIC_LOG_BEHIND,          /* gauge: bytes of access logs still to be read; a: enum log_kind */
    METRIC_LOG_UNREADABLE,      /* gauge: access logs that cannot be read; a: enum log_kind */
    METRIC_EDGE_PURGES,  /* codes that a cache in front was told of; a: enum edge_kind, b: number of
                          * the cache, c: 0 done, 1 failed */
    METRIC_EDGE_PENDING, /* gauge: codes that it was not told of yet; a, b: likewise */
    METRIC_EDGE_OLDEST_MS, /* gauge: how long the oldest of them has waited; a, b: likewise */
    METRIC_N,
};

enum {
    METRICS_SERIES_MAX = 4096, /* per table; metrics_dropped counts additions that find no slot */
    METRICS_SHARDS = 16,       /* tables, so that workers rarely share a cache line */
    METRICS_BUCKETS = 12,      /* buckets of a histogram; the last has no upper bound */
    METRICS_HOLDERS = 2048,    /* processes and threads with held values; those of further ones are
                                * not counted */
};

/* Values that a process holds while it lives: they end with the process. */
enum metric_holding {
    HOLDING_WORKERS,        /* 1 for each worker */
    HOLDING_DB_CONNECTIONS, /* open connections */
    HOLDING_DB_STATEMENTS,  /* running statements */
    HOLDING_N,
};

/* Upper bounds of the histograms' buckets in microseconds, inclusive; the last bucket has none. */
extern const int64_t METRICS_BOUNDS_US[METRICS_BUCKETS - 1];

struct metrics;

struct metric_labels {
    uint8_t a;
    uint8_t b;
    uint16_t c;
};

/* The metrics in `segment` (borrowed; call it once for each struct segment), or in memory of this
 * process when it is NULL. NULL with the reason when memory is out. */
struct metrics *metrics_open(struct segment *segment, struct error *err);

/* Frees; sets *metrics to NULL. *metrics may be NULL. */
void metrics_close(struct metrics **metrics);

/* Adds to a counter. Does nothing when `metrics` is NULL. */
void metrics_add(struct metrics *metrics, enum metric metric, struct metric_labels labels,
                 uint64_t amount);

static inline void metrics_count(struct metrics *metrics, enum metric metric, uint8_t a)
{
    metrics_add(metrics, metric, (struct metric_labels){ .a = a }, 1);
}

/* Sets a gauge of the host. */
void metrics_set(struct metrics *metrics, enum metric metric, struct metric_labels labels,
                 int64_t value);

/* Adds an observation in microseconds to a histogram. Label c is replaced by the bucket. */
void metrics_observe_us(struct metrics *metrics, enum metric metric, struct metric_labels labels,
                        int64_t us);

/* A series, summed over the shards. values[0] is the value of a counter or gauge; a histogram has
 * the counts of its buckets (not cumulative), then the sum in microseconds. */
struct metric_reading {
    enum metric metric;
    struct metric_labels labels;
    uint64_t values[METRICS_BUCKETS + 1];
};
typedef void metrics_each(void *context, const struct metric_reading *reading);

/* Calls `each` for every series, in no particular order. False without any call when memory is out.
 * `metrics` may be NULL: there are no series. */
bool metrics_walk(const struct metrics *metrics, metrics_each *each, void *context);

/* The number of additions on the host that found no slot for their series. */
uint64_t metrics_dropped(const struct metrics *metrics);

/* The value of one counter or gauge; 0 if it was never changed. */
int64_t metrics_get(const struct metrics *metrics, enum metric metric, struct metric_labels labels);

/* Adds `amount` (may be negative) to a held value, for one thread at a time. It counts until it is
 * subtracted again or the process ends in any way. `metrics` may be NULL. */
void metrics_hold(struct metrics *metrics, enum metric_holding holding, int64_t amount);

/* The sum of a held value over all live processes of the host. */
int64_t metrics_held(const struct metrics *metrics, enum metric_holding holding);
