/* SPDX-License-Identifier: MIT */
/* Replaying, a batch a call, and telling the log when something begins to wait and when all is
 * replayed. */
#include "runtime/clock.h"
#include "service/replay.h"
#include "upkeep/chores.h"

enum {
    LOOK_MS = 500,     /* between two looks whether something waits, or the database is back */
    FAILED_MS = 5000,  /* after a failure that will not pass by itself */
    COUNT_MS = 1000,   /* between two counts, at least */
    COUNT_SHARE = 100, /* counting takes at most this part of the time */
};

static void tell_begin(struct chores *chores)
{
    struct replaying *replaying = &chores->replaying;
    if (replaying->waits)
        return;
    *replaying = (struct replaying){ .waits = true };
    log_line(chores->log, LOG_LEVEL_WARN, "spool_waits", NULL, 0);
}

static void tell_end(struct chores *chores)
{
    struct replaying *replaying = &chores->replaying;
    const struct log_field fields[] = {
        log_number("replayed", (int64_t)replaying->replayed),
        log_number("rejected", (int64_t)replaying->rejected),
    };
    if (replaying->waits)
        log_line(chores->log, LOG_LEVEL_INFO, "spool_replayed", fields, 2);
    *replaying = (struct replaying){ .waits = false };
}

/* That the database is away is told by others. */
static void note_result(struct chores *chores, enum db_result result, const struct error *err)
{
    bool failed = result != DB_OK && result != DB_UNAVAILABLE;
    if (failed && !chores->replaying.failed)
        log_error(chores->log, "replay_failed", err->text);
    if (result == DB_OK && err->text[0])
        log_error(chores->log, "replay_incomplete", err->text);
    chores->replaying.failed = failed;
}

/* What waits, for the metrics; reading it takes a while when it is much. */
static uint64_t count(struct chores *chores, int64_t now_ms)
{
    struct spool_state state;
    spool_look(chores->app.spool, &state);
    const struct metric_labels none = { 0 };
    metrics_set(chores->app.metrics, METRIC_SPOOL_ENTRIES, none, (int64_t)state.entries);
    metrics_set(chores->app.metrics, METRIC_SPOOL_BYTES, none, (int64_t)state.bytes);
    metrics_set(chores->app.metrics, METRIC_SPOOL_REJECTED_KEPT, none, (int64_t)state.rejected);
    int64_t pause_ms = COUNT_SHARE * (clock_monotonic_us() / 1000 - now_ms);
    chores->replaying.count_ms = now_ms + (pause_ms > COUNT_MS ? pause_ms : COUNT_MS);
    return state.entries;
}

int64_t chore_replay(struct chores *chores, int64_t now_ms)
{
    struct replaying *replaying = &chores->replaying;
    struct error err = { "" };
    struct replay_done done;
    if (!chores->app.spool)
        return FAILED_MS;
    /* Also when nothing waits: whoever counted last may have been killed before the end. */
    if (now_ms >= replaying->count_ms && count(chores, now_ms) > 0)
        tell_begin(chores);
    if (!replaying->waits && spool_is_empty(chores->app.spool))
        return LOOK_MS;
    enum db_result result = replay_step(&chores->app.services.shortener, clock_now(),
                                        clock_monotonic_us() / 1000, &done, &err);
    note_result(chores, result, &err);
    if (done.replayed + done.rejected > 0)
        tell_begin(chores); /* what came and went between two counts is told, too */
    replaying->replayed += done.replayed;
    replaying->rejected += done.rejected;
    chores->done.created += done.replayed;
    chores->done.failed |= result != DB_OK;
    chores->more = result == DB_OK && done.more;
    if (result != DB_OK)
        return result == DB_UNAVAILABLE ? LOOK_MS : FAILED_MS;
    if (chores->more)
        return 1;
    tell_end(chores);
    count(chores, clock_monotonic_us() / 1000);
    return LOOK_MS;
}
