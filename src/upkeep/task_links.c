/* SPDX-License-Identifier: MIT */
/* The tasks for links: ids in reserve, the spool, and the purge. */
#include "os/clock.h"
#include "os/monotonic.h"
#include "service/replay.h"
#include "upkeep/tasks.h"

/* --- reserve --- */

/* The task that keeps ids in reserve, and reads the key that codes are made with. */
enum {
    RESERVE_LOOK_MS = 1000,
    RESERVE_AGAIN_MS = 5000, /* after a failure */
    RESERVE_BLOCKS = 16,     /* blocks of ids fetched in one call, at most */
};

int64_t task_reserve(struct tasks *tasks, int64_t now_ms)
{
    struct codes *codes = &tasks->app.codes;
    struct error err = { "" };
    uint64_t left = 0;
    (void)now_ms;
    enum db_result result = sequence_stock_up(&codes->sequence, tasks->app.config->links.id_reserve,
                                              RESERVE_BLOCKS, &left, &err);
    if (left > INT64_MAX)
        left = INT64_MAX;
    const struct metric_labels none = { 0 };
    metrics_set(tasks->app.metrics, METRIC_IDS_RESERVED, none, (int64_t)left);
    bool ready = result == DB_OK && codes_prepare(codes, &err);
    return ready ? RESERVE_LOOK_MS : RESERVE_AGAIN_MS;
}

/* --- ids --- */

/* The task that reads how many ids the sequence has left, and whether it went back: one small
 * statement. */
enum {
    IDS_ROUND_MS = 5000,
};

int64_t task_ids(struct tasks *tasks, int64_t now_ms)
{
    struct app_context *app = &tasks->app;
    struct sequence_row row;
    struct error err;
    (void)now_ms;
    enum db_result result = sequence_check(&app->codes.sequence, &row, &err);
    if (result == DB_OK || result == DB_STALE)
        tasks_note_failure(tasks, "sequence_went_back", result == DB_STALE,
                           &tasks->sequence_went_back, &err);
    if (result != DB_OK)
        return IDS_ROUND_MS; /* other tasks log that the database fails */
    uint64_t left = row.limit_id > row.next_id ? row.limit_id - row.next_id : 0;
    const struct metric_labels none = { 0 };
    metrics_set(app->metrics, METRIC_IDS_LEFT, none, left < INT64_MAX ? (int64_t)left : INT64_MAX);
    return IDS_ROUND_MS;
}

/* --- replay --- */

/* The replay task: one batch per call; logs when the spool gets its first entry and when it is
 * empty again. */
enum {
    REPLAY_LOOK_MS = 500,     /* between two looks for entries, or at the database */
    REPLAY_FAILED_MS = 5000,  /* after a failure that does not pass by itself */
    REPLAY_COUNT_MS = 1000,   /* shortest time between two counts */
    REPLAY_COUNT_SHARE = 100, /* counting takes at most 1/REPLAY_COUNT_SHARE of the time */
};

static void replay_tell_begin(struct tasks *tasks)
{
    struct replaying *replaying = &tasks->replaying;
    if (replaying->waits)
        return;
    *replaying = (struct replaying){ .waits = true };
    log_line(tasks->log, LOG_LEVEL_WARN, "spool_waits", NULL, 0);
}

static void replay_tell_end(struct tasks *tasks)
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
                                    const struct replay_done *done, const struct error *err)
{
    bool failed = result != DB_OK && result != DB_UNAVAILABLE;
    tasks_note_failure(tasks, "replay_failed", failed, &tasks->replaying.failed, err);
    if (done->left_out.text[0])
        log_error(tasks->log, "replay_incomplete", done->left_out.text);
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
    int64_t pause_ms = REPLAY_COUNT_SHARE * (monotonic_ms() - now_ms);
    tasks->replaying.count_ms = now_ms + (pause_ms > REPLAY_COUNT_MS ? pause_ms : REPLAY_COUNT_MS);
    return state.entries;
}

int64_t task_replay(struct tasks *tasks, int64_t now_ms)
{
    struct replaying *replaying = &tasks->replaying;
    struct error err = { "" };
    struct replay_done done;
    if (!tasks->app.spool)
        return REPLAY_FAILED_MS;
    /* Also when the spool is empty: the process that counted last may have been killed before it
     * set the metrics. */
    if (now_ms >= replaying->count_ms && task_replay_count(tasks, now_ms) > 0)
        replay_tell_begin(tasks);
    if (!replaying->waits && spool_is_empty(tasks->app.spool))
        return REPLAY_LOOK_MS;
    enum db_result result =
        replay_step(&tasks->app.services.shortener, clock_now(), monotonic_ms(), &done, &err);
    task_replay_note_result(tasks, result, &done, &err);
    if (done.replayed + done.rejected > 0)
        replay_tell_begin(tasks); /* also entries that came and went between two counts */
    replaying->replayed += done.replayed;
    replaying->rejected += done.rejected;
    tasks->done.created += done.replayed;
    tasks->done.failed |= result != DB_OK;
    tasks->more = result == DB_OK && done.more;
    if (result != DB_OK)
        return result == DB_UNAVAILABLE ? REPLAY_LOOK_MS : REPLAY_FAILED_MS;
    if (tasks->more)
        return 1;
    replay_tell_end(tasks);
    task_replay_count(tasks, monotonic_ms());
    return REPLAY_LOOK_MS;
}

/* --- purge --- */

/* The purge task: one batch per call, with pauses that limit the load on the database. */
enum {
    PURGE_ROUND_MS = 60 * 1000, /* between two rounds, and after a failure */
};

static void task_purge_end_round(struct tasks *tasks)
{
    const struct purge_total *purged = &tasks->purged;
    const struct log_field fields[] = {
        log_number("links", (int64_t)purged->links),
        log_number("idempotency_keys", (int64_t)purged->idempotency_keys),
        log_number("sessions", (int64_t)purged->sessions),
        log_number("destination_changes", (int64_t)purged->changes),
    };
    if (purged->links || purged->idempotency_keys || purged->sessions || purged->changes)
        log_line(tasks->log, LOG_LEVEL_INFO, "purged", fields, 4);
    tasks->purged = (struct purge_total){ 0 };
}

/* Purges a 256th of the click sources: all of them every few hours. */
static void task_purge_sources(struct tasks *tasks)
{
    struct error unheard; /* the purge of links meets the same database */
    tasks->purged_sources++;
    follow_purge(tasks->app.db, tasks->purged_sources, tasks->app.config->edge.logs_max_age_s,
                 clock_now(), &unheard);
}

int64_t task_purge(struct tasks *tasks, int64_t now_ms)
{
    struct error err = { "" };
    const struct config *config = tasks->app.config;
    const struct purge_rules rules = {
        .links_s = config->links.purge_after_s,
        .deleted_s = config->links.restore_window_s,
        .sessions_s = config->pages.session_idle_s,
        .changes_s = config->links.history_keep_s,
    };
    enum db_result result = purge_step(tasks->app.db, &rules, clock_now(), &tasks->purged, &err);
    tasks_note_failure(tasks, "purge_failed", result != DB_OK, &tasks->purge_failed, &err);
    tasks->done.failed |= result != DB_OK;
    tasks->more = tasks->purged.more;
    if (tasks->more)
        return purge_pause_ms(monotonic_ms() - now_ms, tasks->share);
    tasks->done.links += tasks->purged.links;
    if (result == DB_OK)
        task_purge_sources(tasks);
    task_purge_end_round(tasks);
    return PURGE_ROUND_MS;
}
