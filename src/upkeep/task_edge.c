/* SPDX-License-Identifier: MIT */
/* The edge task: has the purge thread run where caches in front are configured, and bounds the
 * changes that wait for them. */
#include "service/edge_changes.h"
#include "upkeep/tasks.h"

enum {
    EDGE_ROUND_MS = 60 * 1000, /* between two looks at what is kept, and after a failure */
    EDGE_MORE_MS = 100,        /* while there is more to delete */
    EDGE_KEPT_S = 600,         /* how much longer changes are kept than caches have answers */
    EDGE_OFF_MS = 3600 * 1000, /* pause where no changes are kept */
};

static void start_thread(struct tasks *tasks)
{
    struct error err = { "" };
    const struct config_edge *edge = &tasks->app.config->edge;
    if (!*edge->purge || edge->purge_by_command || tasks->is_brief || tasks->edge_thread)
        return;
    tasks->edge_thread = edge_thread_start(&tasks->app, tasks->log, &err);
    tasks_note_failure(tasks, "edge_purge_failed", !tasks->edge_thread, &tasks->edge_failed, &err);
}

int64_t task_edge(struct tasks *tasks, int64_t now_ms)
{
    const struct config *config = tasks->app.config;
    const struct edge_bound bound = {
        .max_age_s = config->cache.edge_ttl_s + config->cache.local_ttl_ms / 1000 + EDGE_KEPT_S,
        .max = config->edge.purge_max,
    };
    struct error unheard; /* others log what the database does */
    uint64_t dropped = 0;
    (void)now_ms;
    if (!tasks->app.mysql.keeps_changes)
        return EDGE_OFF_MS;
    start_thread(tasks);
    if (db_edge_changes_bound(tasks->app.db, &bound, &dropped, &unheard) != DB_OK || dropped == 0)
        return EDGE_ROUND_MS;
    const struct log_field field = log_number("changes", (int64_t)dropped);
    log_line(tasks->log, LOG_LEVEL_ERROR, "edge_changes_dropped", &field, 1);
    tasks->more = true;
    return EDGE_MORE_MS;
}

void task_edge_end(struct tasks *tasks)
{
    edge_thread_stop(&tasks->edge_thread);
}
