/* SPDX-License-Identifier: MIT */
/* Taking out of memcached what an author has changed while a server there was away. */
#include "runtime/clock.h"
#include "shm/unpublished.h"
#include "upkeep/chores.h"

enum {
    LOOK_MS = 250,
};

static void tell_lost(struct chores *chores)
{
    uint64_t lost = unpublished_lost(chores->app.unpublished);
    if (lost == chores->unpublished_lost)
        return;
    const struct log_field field = log_number("codes", (int64_t)lost);
    log_line(chores->log, LOG_LEVEL_WARN, "unpublished_lost", &field, 1);
    chores->unpublished_lost = lost;
}

/* A server that does not answer costs one time-out a round, however many codes are its. */
static void remove_all(struct chores *chores, struct unpublished_code *codes, size_t n)
{
    uint64_t silent = 0;
    for (size_t i = 0; i < n; i++) {
        struct slice code = { codes[i].bytes, codes[i].len };
        codes[i].is_removed = memcached_remove(chores->app.remote, code, &silent);
    }
    unpublished_removed(chores->app.unpublished, codes, n, clock_monotonic_us() / 1000);
}

int64_t chore_publish(struct chores *chores, int64_t now_ms)
{
    struct unpublished *unpublished = chores->app.unpublished;
    if (!unpublished)
        return LOOK_MS;
    if (unpublished_count(unpublished) > 0) {
        struct unpublished_code *codes =
            arena_alloc(chores->arena, UNPUBLISHED_MAX * sizeof(*codes));
        if (codes)
            remove_all(chores, codes,
                       unpublished_list(unpublished, codes, UNPUBLISHED_MAX, now_ms));
    }
    metrics_set(chores->app.metrics, METRIC_UNPUBLISHED, (struct metric_labels){ 0 },
                (int64_t)unpublished_count(unpublished));
    tell_lost(chores);
    return LOOK_MS;
}
