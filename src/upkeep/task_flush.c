/* SPDX-License-Identifier: MIT */
/* The flush task: flushes the host's clicks every clicks.flush_interval, or earlier when a lane of
 * the ring is half full. */
#include "os/clock.h"
#include "os/monotonic.h"
#include "upkeep/tasks.h"

enum {
    POLL_MS = 250,        /* between two looks at the ring's level */
    RETRY_MS = 60 * 1000, /* between two attempts to open the ring */
    OFF_MS = 3600 * 1000, /* pause while clicks are not counted */
};

/* Logs the first failure and the first success after it. */
static void task_flush_note_result(struct tasks *tasks, enum db_result result,
                                   const struct error *err)
{
    bool failed = result != DB_OK;
    if (failed && !tasks->flush_failed)
        log_error(tasks->log, "flush_failed", err->text);
    if (!failed && tasks->flush_failed)
        log_line(tasks->log, LOG_LEVEL_INFO, "flush_works_again", NULL, 0);
    tasks->flush_failed = failed;
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
        return OFF_MS;
    bool hurry = flusher->ring && !tasks->flush_failed && click_ring_level(flusher->ring).half_full;
    if (now_ms < tasks->flush_at_ms && !hurry)
        return POLL_MS;
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
    int64_t pause_ms = opened ? clicks->flush_interval_ms : RETRY_MS;
    tasks->flush_at_ms = monotonic_ms() + pause_ms;
    return pause_ms < POLL_MS || tasks->is_brief ? pause_ms : POLL_MS;
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
