/* SPDX-License-Identifier: MIT */
/* The compaction task: one batch per call, with pauses that limit the load on the database. */
#include "os/clock.h"
#include "os/monotonic.h"
#include "service/compact.h"
#include "upkeep/tasks.h"

enum {
    ROUND_MS = 600 * 1000, /* between two rounds, and after a failure */
};

/* Logs a failure once, not with every batch. */
static void note_result(struct tasks *tasks, enum db_result result, const struct error *err)
{
    if (result != DB_OK && !tasks->compact_failed)
        log_error(tasks->log, "fold_failed", err->text);
    tasks->compact_failed = result != DB_OK;
}

static void task_compact_end_round(struct tasks *tasks)
{
    const struct log_field fields[] = {
        log_number("days", (int64_t)tasks->compacted.compacted),
        log_number("into_months", (int64_t)tasks->compacted.merged),
    };
    if (tasks->compacted.compacted || tasks->compacted.merged)
        log_line(tasks->log, LOG_LEVEL_INFO, "clicks_folded", fields, 2);
    tasks->compacted = (struct click_compact_done){ 0 };
}

int64_t task_compact(struct tasks *tasks, int64_t now_ms)
{
    const struct config_clicks *clicks = &tasks->app.config->clicks;
    const struct retention policy = { clicks->keep_hourly_s, clicks->keep_daily_s };
    struct click_compact_done done = { 0 };
    struct error err = { "" };
    enum db_result result = compact_step(tasks->app.db, &policy, clock_now(), &done, &err);
    note_result(tasks, result, &err);
    tasks->compacted.compacted += done.compacted;
    tasks->compacted.merged += done.merged;
    tasks->done.failed |= result != DB_OK;
    tasks->more = result == DB_OK && done.more;
    if (tasks->more)
        return purge_pause_ms(monotonic_ms() - now_ms, tasks->share);
    task_compact_end_round(tasks);
    return ROUND_MS;
}
