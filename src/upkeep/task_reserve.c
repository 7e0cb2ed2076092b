/* SPDX-License-Identifier: MIT */
/* The task that keeps ids in reserve, and reads the key that codes are made with. */
#include "upkeep/tasks.h"

enum {
    LOOK_MS = 1000,
    AGAIN_MS = 5000, /* after a failure */
    BLOCKS = 16,     /* blocks of ids fetched in one call, at most */
};

int64_t task_reserve(struct tasks *tasks, int64_t now_ms)
{
    struct codes *codes = &tasks->app.codes;
    struct error err = { "" };
    uint64_t left = 0;
    (void)now_ms;
    enum db_result result = sequence_stock_up(&codes->sequence, tasks->app.config->links.id_reserve,
                                              BLOCKS, &left, &err);
    if (left > INT64_MAX)
        left = INT64_MAX;
    const struct metric_labels none = { 0 };
    metrics_set(tasks->app.metrics, METRIC_IDS_RESERVED, none, (int64_t)left);
    bool ready = result == DB_OK && codes_prepare(codes, &err) == CODES_OK;
    return ready ? LOOK_MS : AGAIN_MS;
}
