/* SPDX-License-Identifier: MIT */
/* Hash tables with open addressing: a series takes a slot by compare-and-swap and keeps it; its
 * value is added to atomically. Each process adds to the table selected by its pid. Gauges, which
 * are set and not added to, are in the first table. */
#include "shm/metrics.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "shm/segment_layout.h"

enum {
    SERIES_BITS = 12,
    PROBES = 128, /* slots that are probed for a series, which bounds the cost of a full table */
    GAUGES = 0,   /* the table of the gauges */
    HOLDER_LOCKS = 1,
    HELD_MAX = 1 << 20, /* maximum of one holder; a higher value is damaged and counts as this
                         * one */
};

static_assert((int)METRICS_SERIES_MAX == 1 << SERIES_BITS,
              "a slot's number is some bits of a hash");

const int64_t METRICS_BOUNDS_US[METRICS_BUCKETS - 1] = {
    1000, 2500, 5000, 10000, 15000, 25000, 50000, 100000, 250000, 500000, 1000000,
};

struct metrics {
    struct segment *segment; /* NULL: the tables are private to this process */
    struct segment_metrics *tables;
    struct segment_series *mine;
    unsigned holder; /* this process's slot among the holders; METRICS_HOLDERS: none */
};

/* Locks a free holder slot and clears it; METRICS_HOLDERS when all are taken. */
static unsigned find_holder(const struct metrics *metrics)
{
    unsigned at = 0;
    while (metrics->segment && at < METRICS_HOLDERS &&
           !segment_try_lock(metrics->segment, SEGMENT_METRICS, HOLDER_LOCKS + at))
        at++;
    if (at < METRICS_HOLDERS)
        memset(&metrics->tables->holders[at], 0, sizeof(metrics->tables->holders[at]));
    return at;
}

struct metrics *metrics_open(struct segment *segment, struct error *err)
{
    struct metrics *metrics = calloc(1, sizeof(*metrics));
    if (!metrics) {
        error_set(err, "out of memory");
        return NULL;
    }
    void *tables = segment ? segment_region(segment, SEGMENT_METRICS)
                           : mmap(NULL, sizeof(*metrics->tables), PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (tables == MAP_FAILED) {
        error_set(err, "metrics: %s", strerror(errno));
        free(metrics);
        return NULL;
    }
    metrics->tables = tables;
    metrics->segment = segment;
    metrics->mine = metrics->tables->shards[(unsigned)getpid() % METRICS_SHARDS];
    metrics->holder = find_holder(metrics);
    return metrics;
}

void metrics_close(struct metrics **metrics)
{
    if (!*metrics)
        return;
    if (!(*metrics)->segment)
        munmap((*metrics)->tables, sizeof(*(*metrics)->tables));
    else if ((*metrics)->holder < METRICS_HOLDERS)
        segment_unlock_byte((*metrics)->segment, SEGMENT_METRICS,
                            HOLDER_LOCKS + (*metrics)->holder);
    free(*metrics);
    *metrics = NULL;
}

/* --- keys: the metric, then its labels; never 0 --- */

static uint64_t key_of(enum metric metric, struct metric_labels labels)
{
    return (uint64_t)metric << 32 | (uint64_t)labels.a << 24 | (uint64_t)labels.b << 16 | labels.c;
}

static bool is_histogram(enum metric metric)
{
    return metric == METRIC_HTTP_DURATION || metric == METRIC_DB_QUERY_DURATION;
}

/* Decodes a key; false for one that no metric has. */
static bool metrics_read_key(uint64_t key, enum metric *metric, struct metric_labels *labels)
{
    uint64_t number = key >> 32;
    if (number == METRIC_NONE || number >= METRIC_N)
        return false;
    *metric = (enum metric)number;
    *labels = (struct metric_labels){ (uint8_t)(key >> 24), (uint8_t)(key >> 16), (uint16_t)key };
    return !is_histogram(*metric) || labels->c <= METRICS_BUCKETS;
}

/* The slot where probing starts (Fibonacci hashing: Knuth, The Art of Computer Programming 3,
 * 6.4). */
static unsigned place_of(uint64_t key)
{
    return (unsigned)(key * 0x9e3779b97f4a7c15U >> (64 - SERIES_BITS));
}

/* --- adding --- */

/* The slot of `key`, which is taken if it has none; NULL when all slots that are probed belong to
 * other keys. All processes probe in the same order and slots are never released, so a key never
 * has two. */
static struct segment_series *metrics_claim(struct segment_series *table, uint64_t key)
{
    unsigned at = place_of(key);
    for (unsigned i = 0; i < PROBES; i++, at = (at + 1) % METRICS_SERIES_MAX) {
        uint64_t found = __atomic_load_n(&table[at].key, __ATOMIC_RELAXED);
        if (found == 0)
            __atomic_compare_exchange_n(&table[at].key, &found, key, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED);
        if (found == key || found == 0)
            return &table[at];
    }
    return NULL;
}

static void add(struct metrics *metrics, uint64_t key, uint64_t amount)
{
    struct segment_series *series = metrics_claim(metrics->mine, key);
    __atomic_fetch_add(series ? &series->value : &metrics->tables->dropped, series ? amount : 1,
                       __ATOMIC_RELAXED);
}

void metrics_add(struct metrics *metrics, enum metric metric, struct metric_labels labels,
                 uint64_t amount)
{
    if (metrics)
        add(metrics, key_of(metric, labels), amount);
}

void metrics_set(struct metrics *metrics, enum metric metric, struct metric_labels labels,
                 int64_t value)
{
    if (!metrics)
        return;
    struct segment_series *series =
        metrics_claim(metrics->tables->shards[GAUGES], key_of(metric, labels));
    if (series)
        __atomic_store_n(&series->value, (uint64_t)value, __ATOMIC_RELAXED);
    else
        __atomic_fetch_add(&metrics->tables->dropped, 1, __ATOMIC_RELAXED);
}

void metrics_observe_us(struct metrics *metrics, enum metric metric, struct metric_labels labels,
                        int64_t us)
{
    unsigned bucket = 0;
    if (!metrics)
        return;
    while (bucket < METRICS_BUCKETS - 1 && us > METRICS_BOUNDS_US[bucket])
        bucket++;
    labels.c = (uint16_t)bucket;
    add(metrics, key_of(metric, labels), 1);
    labels.c = METRICS_BUCKETS;
    add(metrics, key_of(metric, labels), us > 0 ? (uint64_t)us : 0);
}

/* --- reading --- */

static uint64_t value_in(const struct segment_series *table, uint64_t key)
{
    unsigned at = place_of(key);
    for (unsigned i = 0; i < PROBES; i++, at = (at + 1) % METRICS_SERIES_MAX) {
        uint64_t found = __atomic_load_n(&table[at].key, __ATOMIC_RELAXED);
        if (found == key)
            return __atomic_load_n(&table[at].value, __ATOMIC_RELAXED);
        if (found == 0)
            return 0;
    }
    return 0;
}

int64_t metrics_get(const struct metrics *metrics, enum metric metric, struct metric_labels labels)
{
    uint64_t sum = 0;
    for (unsigned i = 0; metrics && i < METRICS_SHARDS; i++)
        sum += value_in(metrics->tables->shards[i], key_of(metric, labels));
    return (int64_t)sum;
}

uint64_t metrics_dropped(const struct metrics *metrics)
{
    return metrics ? __atomic_load_n(&metrics->tables->dropped, __ATOMIC_RELAXED) : 0;
}

/* The sums over all tables: a hash table of readings by key, as large as one table. */
struct sums {
    struct {
        uint64_t key; /* without a histogram's bucket number */
        struct metric_reading reading;
    } places[METRICS_SERIES_MAX];
};

static void sum_up(struct sums *sums, uint64_t key, uint64_t value)
{
    enum metric metric;
    struct metric_labels labels;
    if (!metrics_read_key(key, &metric, &labels))
        return;
    unsigned part = 0;
    if (is_histogram(metric)) {
        part = labels.c;
        labels.c = 0;
    }
    key = key_of(metric, labels);
    unsigned at = place_of(key);
    for (unsigned i = 0; i < METRICS_SERIES_MAX; i++, at = (at + 1) % METRICS_SERIES_MAX) {
        if (sums->places[at].key != 0 && sums->places[at].key != key)
            continue;
        sums->places[at].key = key;
        sums->places[at].reading.metric = metric;
        sums->places[at].reading.labels = labels;
        sums->places[at].reading.values[part] += value;
        return;
    }
}

bool metrics_walk(const struct metrics *metrics, metrics_each *each, void *context)
{
    if (!metrics)
        return true;
    struct sums *sums = calloc(1, sizeof(*sums));
    if (!sums)
        return false;
    const struct segment_series *all = metrics->tables->shards[0];
    for (size_t i = 0; i < (size_t)METRICS_SHARDS * METRICS_SERIES_MAX; i++) {
        uint64_t key = __atomic_load_n(&all[i].key, __ATOMIC_RELAXED);
        if (key != 0)
            sum_up(sums, key, __atomic_load_n(&all[i].value, __ATOMIC_RELAXED));
    }
    for (unsigned i = 0; i < METRICS_SERIES_MAX; i++) {
        if (sums->places[i].key != 0)
            each(context, &sums->places[i].reading);
    }
    free(sums);
    return true;
}

/* --- holding --- */

void metrics_hold(struct metrics *metrics, enum metric_holding holding, int64_t amount)
{
    if (metrics && metrics->holder < METRICS_HOLDERS)
        __atomic_fetch_add(&metrics->tables->holders[metrics->holder].held[holding], amount,
                           __ATOMIC_RELAXED);
}

static int64_t sound_held(int64_t held)
{
    if (held < 0)
        return 0;
    return held < HELD_MAX ? held : HELD_MAX;
}

/* The values of a process that died are still in its slot, but the slot is not locked any more, so
 * they do not count. */
int64_t metrics_held(const struct metrics *metrics, enum metric_holding holding)
{
    int64_t sum = 0;
    for (unsigned i = 0; metrics && i < METRICS_HOLDERS; i++) {
        int64_t held =
            __atomic_load_n(&metrics->tables->holders[i].held[holding], __ATOMIC_RELAXED);
        bool lives =
            held != 0 && (i == metrics->holder ||
                          (metrics->segment &&
                           segment_is_locked(metrics->segment, SEGMENT_METRICS, HOLDER_LOCKS + i)));
        sum += lives ? sound_held(held) : 0;
    }
    return sum;
}
