/* SPDX-License-Identifier: MIT */
/* The task that works off the invalidation queue: it removes from memcached the codes that were
 * changed while a server did not answer. */
#include "os/monotonic.h"
#include "shm/invalidation_queue.h"
#include "upkeep/tasks.h"

enum {
    LOOK_MS = 250,
};

static void tell_lost(struct tasks *tasks)
{
    uint64_t lost = invalidation_queue_lost(tasks->app.invalidations);
    if (lost == tasks->invalidation_queue_lost)
        return;
    const struct log_field field = log_number("codes", (int64_t)lost);
    log_line(tasks->log, LOG_LEVEL_WARN, "unpublished_lost", &field, 1);
    tasks->invalidation_queue_lost = lost;
}

/* Removes the codes from memcached. A server that does not answer costs one time-out per call,
 * however many codes it has. */
static void remove_all(struct tasks *tasks, struct invalidation *codes, size_t n)
{
    uint64_t silent = 0;
    for (size_t i = 0; i < n; i++) {
        struct slice code = { codes[i].bytes, codes[i].len };
        codes[i].is_removed = memcached_remove(tasks->app.remote, code, &silent);
    }
    invalidation_queue_removed(tasks->app.invalidations, codes, n, monotonic_ms());
}

int64_t task_publish(struct tasks *tasks, int64_t now_ms)
{
    struct invalidation_queue *invalidations = tasks->app.invalidations;
    if (!invalidations)
        return LOOK_MS;
    if (invalidation_queue_count(invalidations) > 0) {
        struct invalidation *codes = arena_alloc(tasks->arena, INVALIDATIONS_MAX * sizeof(*codes));
        if (codes)
            remove_all(tasks, codes,
                       invalidation_queue_list(invalidations, codes, INVALIDATIONS_MAX, now_ms));
    }
    metrics_set(tasks->app.metrics, METRIC_INVALIDATIONS, (struct metric_labels){ 0 },
                (int64_t)invalidation_queue_count(invalidations));
    tell_lost(tasks);
    return LOOK_MS;
}
