/* SPDX-License-Identifier: MIT */
/* Counters and gauges of the whole host, in the shared segment: every worker adds to them, any
 * worker can read them all. An addition takes no lock and no system call; a worker may be killed at
 * any instruction. Where there is no segment each process has its own.
 *
 * A struct metrics may be used by all threads of the process that opened it.
 *
 * A series is a metric and up to three labels, all of them small numbers; what they mean, and how
 * they are written for Prometheus, is known to web/exposition.h. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "shm/segment.h"

enum metric {
    METRIC_NONE,                  /* of a free slot */
    METRIC_HTTP_REQUESTS,         /* a: enum http_method's bit number, b: route, c: status */
    METRIC_HTTP_DURATION,         /* histogram; a: route, b: cache level */
    METRIC_CACHE_HITS,            /* a: cache level */
    METRIC_CACHE_MISSES,          /* redirects that no cache could answer */
    METRIC_DB_QUERY_DURATION,     /* histogram; a: statement */
    METRIC_DB_CONNECTIONS_OPENED, /* how often one was opened */
    METRIC_DB_CONNECTIONS_CLOSED, /* how often one was closed; the difference is what is open */
    METRIC_DB_ERRORS,             /* a: enum sql_result */
    METRIC_RATE_LIMITED,          /* a: enum limit kind */
    METRIC_BREAKER_OPENED,        /* a: backend slot */
    METRIC_REPLICATION_LAG_MS,    /* gauge; a: replica */
    METRIC_IDS_LEFT,              /* gauge */
    METRIC_SPOOL_ENTRIES,         /* gauge: creates waiting for the database */
    METRIC_SPOOL_BYTES,           /* gauge */
    METRIC_SPOOL_ACCEPTED,        /* creates put into the spool */
    METRIC_SPOOL_REFUSED,         /* creates for which it had no room */
    METRIC_SPOOL_REPLAYED,        /* creates that have reached the database */
    METRIC_SPOOL_REJECTED,        /* creates that the database did not take */
    METRIC_INVALIDATIONS,         /* gauge: changes that memcached has yet to be told */
    METRIC_CLICKS_RECORDED,       /* a: 0 human, 1 bot */
    METRIC_CLICKS_SPILLED,        /* went to a file because the ring was full */
    METRIC_CLICKS_LOST,           /* counted nowhere: the spill was full, too */
    METRIC_CLICKS_FLUSHED,        /* have reached the database */
    METRIC_CLICKS_PENDING,        /* gauge: in ring and spill */
    METRIC_FLUSHES,               /* a: 0 succeeded, 1 failed */
    METRIC_FLUSHED_AT,            /* gauge: seconds since the epoch, when all was last flushed */
    METRIC_WORKERS_STARTED,
    METRIC_IDS_RESERVED,        /* gauge: at hand for when the database is away */
    METRIC_SPOOL_REJECTED_KEPT, /* gauge: of those the lines of rejected.tsv */
    METRIC_UNTRUSTED_PROXY,     /* limits counted a proxy in place of who asked through it */
    METRIC_N,
};

enum {
    METRICS_SERIES_MAX = 4096, /* of a table; what finds no place is told by metrics_dropped */
    METRICS_SHARDS = 16,       /* tables, so that workers seldom share a cache line */
    METRICS_BUCKETS = 12,      /* of a histogram, the last without a bound */
    METRICS_HOLDERS = 2048,    /* processes and threads that hold something; more hold nothing */
};

/* What a process holds. */
enum metric_holding {
    HOLDING_WORKERS,        /* itself, as a worker */
    HOLDING_DB_CONNECTIONS, /* that are open */
    HOLDING_DB_STATEMENTS,  /* that run */
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

/* In the segment's region (borrowed; once for each struct segment), or with NULL in memory of this
 * process. NULL with the reason when there is no memory. */
struct metrics *metrics_open(struct segment *segment, struct error *err);

/* NULL is fine; sets *metrics to NULL. */
void metrics_close(struct metrics **metrics);

/* Adds to a counter. `metrics` may be NULL: nothing is counted. */
void metrics_add(struct metrics *metrics, enum metric metric, struct metric_labels labels,
                 uint64_t amount);

static inline void metrics_count(struct metrics *metrics, enum metric metric, uint8_t a)
{
    metrics_add(metrics, metric, (struct metric_labels){ .a = a }, 1);
}

/* Sets a gauge, for the whole host. */
void metrics_set(struct metrics *metrics, enum metric metric, struct metric_labels labels,
                 int64_t value);

/* Adds an observation to a histogram; label c is taken for the buckets. */
void metrics_observe_us(struct metrics *metrics, enum metric metric, struct metric_labels labels,
                        int64_t us);

/* Of a series, summed over the shards: of a counter or gauge `values[0]`; of a histogram the counts
 * of its buckets (not cumulated), then the sum in microseconds. Told in no particular order. */
struct metric_reading {
    enum metric metric;
    struct metric_labels labels;
    uint64_t values[METRICS_BUCKETS + 1];
};
typedef void metrics_each(void *context, const struct metric_reading *reading);

/* False when there is no memory for the sums; nothing is told then. `metrics` may be NULL: there is
 * nothing to tell. */
bool metrics_walk(const struct metrics *metrics, metrics_each *each, void *context);

/* How many additions found no place for their series, on the whole host. */
uint64_t metrics_dropped(const struct metrics *metrics);

/* One counter or gauge; 0 when nobody has touched it. */
int64_t metrics_get(const struct metrics *metrics, enum metric metric, struct metric_labels labels);

/* Adds `amount` to what `metrics` holds, for one thread at a time. It is held until it is taken off
 * again, or the process ends, whatever way it ends. `metrics` may be NULL. */
void metrics_hold(struct metrics *metrics, enum metric_holding holding, int64_t amount);

/* How much all of the host that live hold of it. */
int64_t metrics_held(const struct metrics *metrics, enum metric_holding holding);
