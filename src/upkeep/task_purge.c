/* SPDX-License-Identifier: MIT */
/* The purge task: one batch per call, with pauses that limit the load on the database. */
#include "os/clock.h"
#include "os/monotonic.h"
#include "upkeep/tasks.h"

enum {
    ROUND_MS = 60 * 1000, /* between two rounds, and after a failure */
};

/* Logs a failure once, not with every batch. */
static void note_result(struct tasks *tasks, enum db_result result, const struct error *err)
{
    if (result != DB_OK && !tasks->purge_failed)
        log_error(tasks->log, "purge_failed", err->text);
    tasks->purge_failed = result != DB_OK;
}

static void task_purge_end_round(struct tasks *tasks)
{
    const struct purge_total *purged = &tasks->purged;
    const struct log_field fields[] = {
        log_number("links", (int64_t)purged->links),
        log_number("idempotency_keys", (int64_t)purged->idempotency_keys),
    };
    if (purged->links || purged->idempotency_keys)
        log_line(tasks->log, LOG_LEVEL_INFO, "purged", fields, 2);
    tasks->purged = (struct purge_total){ 0 };
}

int64_t task_purge(struct tasks *tasks, int64_t now_ms)
{
    struct error err = { "" };
    enum db_result result = purge_step(tasks->app.db, tasks->app.config->links.purge_after_s,
                                       clock_now(), &tasks->purged, &err);
    note_result(tasks, result, &err);
    tasks->done.failed |= result != DB_OK;
    tasks->more = tasks->purged.more;
    if (tasks->more)
        return purge_pause_ms(monotonic_ms() - now_ms, tasks->share);
    tasks->done.links += tasks->purged.links;
    task_purge_end_round(tasks);
    return ROUND_MS;
}
