/* SPDX-License-Identifier: MIT */
/* Taking out of memcached what an author has changed while a server there was away. */
#include "runtime/clock.h"
#include "shm/invalidation_queue.h"
#include "upkeep/chores.h"

enum {
    LOOK_MS = 250,
};

static void tell_lost(struct chores *chores)
{
    uint64_t lost = invalidation_queue_lost(chores->app.invalidations);
    if (lost == chores->invalidation_queue_lost)
        return;
    const struct log_field field = log_number("codes", (int64_t)lost);
    log_line(chores->log, LOG_LEVEL_WARN, "unpublished_lost", &field, 1);
    chores->invalidation_queue_lost = lost;
}

/* A server that does not answer costs one time-out a round, however many codes are its. */
static void remove_all(struct chores *chores, struct invalidation *codes, size_t n)
{
    uint64_t silent = 0;
    for (size_t i = 0; i < n; i++) {
        struct slice code = { codes[i].bytes, codes[i].len };
        codes[i].is_removed = memcached_remove(chores->app.remote, code, &silent);
    }
    invalidation_queue_removed(chores->app.invalidations, codes, n, clock_monotonic_us() / 1000);
}

int64_t chore_publish(struct chores *chores, int64_t now_ms)
{
    struct invalidation_queue *invalidations = chores->app.invalidations;
    if (!invalidations)
        return LOOK_MS;
    if (invalidation_queue_count(invalidations) > 0) {
        struct invalidation *codes = arena_alloc(chores->arena, INVALIDATIONS_MAX * sizeof(*codes));
        if (codes)
            remove_all(chores, codes,
                       invalidation_queue_list(invalidations, codes, INVALIDATIONS_MAX, now_ms));
    }
    metrics_set(chores->app.metrics, METRIC_INVALIDATIONS, (struct metric_labels){ 0 },
                (int64_t)invalidation_queue_count(invalidations));
    tell_lost(chores);
    return LOOK_MS;
}
