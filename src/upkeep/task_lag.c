/* SPDX-License-Identifier: MIT */
/* The task that measures replication lag: it writes a heartbeat, and half a period later reads it
 * from each replica. */
#include "os/monotonic.h"
#include "upkeep/tasks.h"

enum {
    HALF_MS = REPLICA_BEAT_MS / 2,
    NONE_MS = 60 * 1000, /* pause without replicas */
};

/* Writes the heartbeat. If the primary is unavailable, the last one remains the reference. */
static void write_heartbeat(struct app_context *app)
{
    struct error err = { "" };
    int64_t beat_ms = 0;
    if (db_heartbeat_write(app->db, &beat_ms, &err) == DB_OK)
        replica_lags_beat(app->lags, beat_ms, monotonic_ms());
}

/* Sets the metric. A replica whose lag cannot be measured counts as its last lag plus the time
 * since. */
static void task_lag_show(struct tasks *tasks, unsigned i, int64_t lag_ms)
{
    struct lag_state *lag = &tasks->lag;
    int64_t now_ms = monotonic_ms();
    if (lag_ms >= 0) {
        lag->known_ms[i] = now_ms;
        lag->lag_ms[i] = lag_ms;
    } else if (lag->known_ms[i]) {
        lag_ms = lag->lag_ms[i] + now_ms - lag->known_ms[i];
    } else {
        return;
    }
    metrics_set(tasks->app.metrics, METRIC_REPLICATION_LAG_MS,
                (struct metric_labels){ .a = (uint8_t)i }, lag_ms);
}

/* Logs a failure once, not every second. */
static void task_lag_note_failure(struct tasks *tasks, unsigned i, bool failed,
                                  const struct error *err)
{
    if (failed && !tasks->lag.failed[i]) {
        const struct log_field fields[] = {
            log_number("replica", i),
            log_text("error", slice_of(err->text)),
        };
        log_line(tasks->log, LOG_LEVEL_WARN, "replica_lag_unknown", fields, 2);
    }
    tasks->lag.failed[i] = failed;
}

int64_t task_lag(struct tasks *tasks, int64_t now_ms)
{
    (void)now_ms;
    struct app_context *app = &tasks->app;
    unsigned n = replicas_count(app->replicas);
    if (n == 0)
        return NONE_MS;
    tasks->lag.is_written = !tasks->lag.is_written;
    if (tasks->lag.is_written) {
        write_heartbeat(app);
        return HALF_MS;
    }
    for (unsigned i = 0; i < n; i++) {
        struct error err = { "" };
        int64_t lag_ms = replicas_measure(app->replicas, i, &err);
        task_lag_note_failure(tasks, i, lag_ms < 0, &err);
        task_lag_show(tasks, i, lag_ms);
    }
    return HALF_MS;
}
