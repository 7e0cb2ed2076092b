/* SPDX-License-Identifier: MIT */
/* The replay task: one batch per call; logs when the spool gets its first entry and when it is
 * empty again. */
#include "os/clock.h"
#include "os/monotonic.h"
#include "service/replay.h"
#include "upkeep/tasks.h"

enum {
    LOOK_MS = 500,     /* between two looks for entries, or at the database */
    FAILED_MS = 5000,  /* after a failure that does not pass by itself */
    COUNT_MS = 1000,   /* shortest time between two counts */
    COUNT_SHARE = 100, /* counting takes at most 1/COUNT_SHARE of the time */
};

static void tell_begin(struct tasks *tasks)
{
    struct replaying *replaying = &tasks->replaying;
    if (replaying->waits)
        return;
    *replaying = (struct replaying){ .waits = true };
    log_line(tasks->log, LOG_LEVEL_WARN, "spool_waits", NULL, 0);
}

static void tell_end(struct tasks *tasks)
{
    struct replaying *replaying = &tasks->replaying;
    const struct log_field fields[] = {
        log_number("replayed", (int64_t)replaying->replayed),
        log_number("rejected", (int64_t)replaying->rejected),
    };
    if (replaying->waits)
        log_line(tasks->log, LOG_LEVEL_INFO, "spool_replayed", fields, 2);
    *replaying = (struct replaying){ .waits = false };
}

/* Logs failures, except that the database is unavailable, which others log. */
static void task_replay_note_result(struct tasks *tasks, enum db_result result,
                                    const struct error *err)
{
    bool failed = result != DB_OK && result != DB_UNAVAILABLE;
    if (failed && !tasks->replaying.failed)
        log_error(tasks->log, "replay_failed", err->text);
    if (result == DB_OK && err->text[0])
        log_error(tasks->log, "replay_incomplete", err->text);
    tasks->replaying.failed = failed;
}

/* Counts the spool's entries and sets the metrics; this reads the whole spool. */
static uint64_t task_replay_count(struct tasks *tasks, int64_t now_ms)
{
    struct spool_state state;
    spool_look(tasks->app.spool, &state);
    const struct metric_labels none = { 0 };
    metrics_set(tasks->app.metrics, METRIC_SPOOL_ENTRIES, none, (int64_t)state.entries);
    metrics_set(tasks->app.metrics, METRIC_SPOOL_BYTES, none, (int64_t)state.bytes);
    metrics_set(tasks->app.metrics, METRIC_SPOOL_REJECTED_KEPT, none, (int64_t)state.rejected);
    int64_t pause_ms = COUNT_SHARE * (monotonic_ms() - now_ms);
    tasks->replaying.count_ms = now_ms + (pause_ms > COUNT_MS ? pause_ms : COUNT_MS);
    return state.entries;
}

int64_t task_replay(struct tasks *tasks, int64_t now_ms)
{
    struct replaying *replaying = &tasks->replaying;
    struct error err = { "" };
    struct replay_done done;
    if (!tasks->app.spool)
        return FAILED_MS;
    /* Also when the spool is empty: the process that counted last may have been killed before it
     * set the metrics. */
    if (now_ms >= replaying->count_ms && task_replay_count(tasks, now_ms) > 0)
        tell_begin(tasks);
    if (!replaying->waits && spool_is_empty(tasks->app.spool))
        return LOOK_MS;
    enum db_result result =
        replay_step(&tasks->app.services.shortener, clock_now(), monotonic_ms(), &done, &err);
    task_replay_note_result(tasks, result, &err);
    if (done.replayed + done.rejected > 0)
        tell_begin(tasks); /* also entries that came and went between two counts */
    replaying->replayed += done.replayed;
    replaying->rejected += done.rejected;
    tasks->done.created += done.replayed;
    tasks->done.failed |= result != DB_OK;
    tasks->more = result == DB_OK && done.more;
    if (result != DB_OK)
        return result == DB_UNAVAILABLE ? LOOK_MS : FAILED_MS;
    if (tasks->more)
        return 1;
    tell_end(tasks);
    task_replay_count(tasks, monotonic_ms());
    return LOOK_MS;
}
