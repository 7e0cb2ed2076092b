/* SPDX-License-Identifier: MIT */
/* The follow task: counts clicks from the access logs of [edge], one batch of one log per call. */
#include "os/monotonic.h"
#include "upkeep/tasks.h"

enum {
    FOLLOW_SHARE = 50,           /* percent of the time, while there is more to read */
    FOLLOW_FAILED_MS = 5000,     /* pause after a failure of the database */
    FOLLOW_OFF_MS = 3600 * 1000, /* pause without logs to read */
};

static bool reads_logs(const struct config *config)
{
    return config->clicks.enabled && *config->edge.logs && !config->edge.logs_by_command;
}

/* Logs a file that cannot be read when it is the first one. */
static void task_follow_note_round(struct tasks *tasks)
{
    const struct edge_round *round = &tasks->edge_logs.round;
    tasks_note_failure(tasks, "access_log_unreadable", round->n_failed > 0, &tasks->edge_log_failed,
                       &round->fault);
}

int64_t task_follow(struct tasks *tasks, int64_t now_ms)
{
    struct edge_logs *logs = &tasks->edge_logs;
    struct follow_total total = { .files = 0 };
    struct error err = { "" };
    if (!reads_logs(tasks->app.config))
        return FOLLOW_OFF_MS;
    logs->config = tasks->app.config;
    logs->db = tasks->app.db;
    logs->metrics = tasks->app.metrics;
    logs->arena = tasks->arena;
    logs->batches_max = 1;
    enum db_result result = edge_logs_step(logs, &total, &err);
    tasks_note_failure(tasks, "follow_failed", result != DB_OK, &tasks->follow_failed, &err);
    tasks->done.clicks += total.clicks + total.bots;
    tasks->done.failed |= result != DB_OK;
    if (result != DB_OK)
        return FOLLOW_FAILED_MS;
    if (logs->round.is_over)
        task_follow_note_round(tasks);
    tasks->more = logs->round.more || !logs->round.is_over;
    return tasks->more ? purge_pause_ms(monotonic_ms() - now_ms, FOLLOW_SHARE)
                       : tasks->app.config->edge.logs_interval_ms;
}

void task_follow_end(struct tasks *tasks)
{
    edge_logs_close(&tasks->edge_logs);
}
