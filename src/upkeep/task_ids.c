/* SPDX-License-Identifier: MIT */
/* The task that reads how many ids the sequence has left: one small statement a minute. */
#include "upkeep/tasks.h"

enum {
    ROUND_MS = 60 * 1000,
    AGAIN_MS = 5000, /* after a failure, which other tasks log */
};

int64_t task_ids(struct tasks *tasks, int64_t now_ms)
{
    uint64_t left;
    struct error unheard;
    const struct app_context *app = &tasks->app;
    (void)now_ms;
    if (db_range_left(app->db, app->config->links.sequence, &left, &unheard) != DB_OK)
        return AGAIN_MS;
    const struct metric_labels none = { 0 };
    metrics_set(app->metrics, METRIC_IDS_LEFT, none, left < INT64_MAX ? (int64_t)left : INT64_MAX);
    return ROUND_MS;
}
