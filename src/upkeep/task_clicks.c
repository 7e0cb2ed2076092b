/* SPDX-License-Identifier: MIT */
/* The tasks for clicks: the flush, and the compaction. */
#include "os/clock.h"
#include "os/monotonic.h"
#include "service/compact.h"
#include "upkeep/tasks.h"

/* --- flush --- */

/* The flush task: flushes the host's clicks every clicks.flush_interval, or earlier when a lane of
 * the ring is half full. */
enum {
    FLUSH_POLL_MS = 250,        /* between two looks at the ring's level */
    FLUSH_RETRY_MS = 60 * 1000, /* between two attempts to open the ring */
    FLUSH_OFF_MS = 3600 * 1000, /* pause while clicks are not counted */
};

/* Logs the first failure and the first success after it. */
static void task_flush_note_result(struct tasks *tasks, enum db_result result,
                                   const struct error *err)
{
    bool failed = result != DB_OK;
    if (!failed && tasks->flush_failed)
        log_line(tasks->log, LOG_LEVEL_INFO, "flush_works_again", NULL, 0);
    tasks_note_failure(tasks, "flush_failed", failed, &tasks->flush_failed, err);
}

static void note_damage(struct log *log, unsigned lanes)
{
    const struct log_field field = log_number("lanes", lanes);
    if (lanes)
        log_line(log, LOG_LEVEL_ERROR, "click_ring_damaged", &field, 1);
}

/* Closes an empty ring whose file was removed, so that the next call opens the current one. Workers
 * that append to the old one until they notice move those clicks themselves (click_log_move). */
static void leave_removed(struct flusher *flusher)
{
    if (flusher->ring && !click_ring_is_current(flusher->ring) &&
        click_ring_level(flusher->ring).pending == 0)
        click_ring_close(&flusher->ring);
}

/* Opens the ring. A failure is not logged, since the workers have logged it; it is tried again
 * later. */
static bool open_flusher(struct tasks *tasks)
{
    struct error err;
    struct flusher *flusher = &tasks->flusher;
    if (flusher->ring)
        return true;
    *flusher = (struct flusher){
        .db = tasks->app.db,
        .ring = app_ring_open(tasks->app.config, &err),
        .spill_dir = tasks->app.config->spool.path,
        .metrics = tasks->app.metrics,
        .arena = tasks->arena,
    };
    return flusher->ring != NULL;
}

int64_t task_flush(struct tasks *tasks, int64_t now_ms)
{
    const struct config_clicks *clicks = &tasks->app.config->clicks;
    struct flusher *flusher = &tasks->flusher;
    struct flush_total total = { 0 };
    struct error err = { "" };
    if (!clicks->enabled)
        return FLUSH_OFF_MS;
    bool hurry = flusher->ring && !tasks->flush_failed && click_ring_level(flusher->ring).half_full;
    if (now_ms < tasks->flush_at_ms && !hurry)
        return FLUSH_POLL_MS;
    bool opened = open_flusher(tasks);
    enum db_result result = flush_step(flusher, clock_now(), &total, &err);
    task_flush_note_result(tasks, result, &err);
    note_damage(tasks->log, total.damaged);
    flush_pending(flusher);
    tasks->done.clicks += total.clicks + total.bots;
    tasks->done.failed |= result != DB_OK;
    tasks->more = result == DB_OK && total.more;
    if (tasks->more)
        return 1;
    if (result == DB_OK)
        leave_removed(flusher);
    int64_t pause_ms = opened ? clicks->flush_interval_ms : FLUSH_RETRY_MS;
    tasks->flush_at_ms = monotonic_ms() + pause_ms;
    return pause_ms < FLUSH_POLL_MS || tasks->is_brief ? pause_ms : FLUSH_POLL_MS;
}

/* Flushes once more: the machine may be shutting down, and the ring is in memory. */
void task_flush_end(struct tasks *tasks)
{
    struct flush_total total = { 0 };
    struct error err;
    if (tasks->flusher.ring && !tasks->flush_failed)
        flush_step(&tasks->flusher, clock_now(), &total, &err);
    click_ring_close(&tasks->flusher.ring);
}

/* --- compact --- */

/* The compaction task: one batch per call, with pauses that limit the load on the database. */
enum {
    COMPACT_ROUND_MS = 600 * 1000, /* between two rounds, and after a failure */
};

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
    tasks_note_failure(tasks, "fold_failed", result != DB_OK, &tasks->compact_failed, &err);
    tasks->compacted.compacted += done.compacted;
    tasks->compacted.merged += done.merged;
    tasks->done.failed |= result != DB_OK;
    tasks->more = result == DB_OK && done.more;
    if (tasks->more)
        return purge_pause_ms(monotonic_ms() - now_ms, tasks->share);
    task_compact_end_round(tasks);
    return COMPACT_ROUND_MS;
}
