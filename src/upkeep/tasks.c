/* SPDX-License-Identifier: MIT */
/* The table of maintenance tasks, and their schedule. */
#include "upkeep/tasks.h"

#include <assert.h>
#include <stdlib.h>

#include "os/monotonic.h"
#include "shm/schedule.h"

enum {
    ARENA_MAX = 64 << 20, /* bytes that one call of a task may allocate */
};

typedef int64_t task_run(struct tasks *tasks, int64_t now_ms);

struct task {
    const char *name;
    task_run *run;
    int64_t first_ms; /* delay of the first call */
};

/* clang-format off */
static const struct task TASKS[] = {
    { "publish", task_publish, 0 },
    { "probe", task_probe, 0 },
    { "replay", task_replay, 0 },
    { "reserve", task_reserve, 0 },
    { "flush", task_flush, 0 },
    { "ids", task_ids, 0 },
    { "lag", task_lag, 0 },
    { "purge", task_purge, 3000 },
    { "fold", task_compact, 10000 },
    { "tables", task_tables, 500 },
    { "follow", task_follow, 0 },
    { "edge", task_edge, 0 },
};
/* clang-format on */

static_assert(sizeof(TASKS) / sizeof(TASKS[0]) == TASKS_N, "the table has every task");
static_assert((int)TASKS_N <= (int)SCHEDULE_TASKS_MAX, "the segment has room for each");

struct timetable {
    struct tasks tasks;
    int64_t due_ms[TASKS_N];
};

struct tasks *tasks_open(const struct config *config, struct log *log, struct error *err)
{
    struct timetable *table = calloc(1, sizeof(*table));
    if (!table) {
        error_set(err, "out of memory");
        return NULL;
    }
    struct tasks *tasks = &table->tasks;
    tasks->log = log;
    tasks->share = PURGE_SHARE_BACKGROUND;
    tasks->arena = arena_new(ARENA_MAX);
    if (!tasks->arena)
        error_set(err, "out of memory");
    if (!tasks->arena || !app_context_open(&tasks->app, config, APP_WORKER, log, err)) {
        tasks_close(&tasks);
        return NULL;
    }
    int64_t now_ms = monotonic_ms();
    for (unsigned i = 0; i < TASKS_N; i++)
        table->due_ms[i] = now_ms + TASKS[i].first_ms;
    return tasks;
}

void tasks_close(struct tasks **tasks)
{
    if (!*tasks)
        return;
    task_edge_end(*tasks);
    task_flush_end(*tasks);
    task_follow_end(*tasks);
    task_probe_end(*tasks);
    app_context_close(&(*tasks)->app);
    arena_free(&(*tasks)->arena);
    free((struct timetable *)*tasks);
    *tasks = NULL;
}

int64_t tasks_call(struct tasks *tasks, unsigned task, int64_t now_ms)
{
    tasks->more = false;
    int64_t pause_ms = TASKS[task].run(tasks, now_ms);
    arena_reset(tasks->arena);
    return pause_ms;
}

void tasks_note_failure(const struct tasks *tasks, const char *event, bool failed, bool *was_failed,
                        const struct error *err)
{
    if (failed && !*was_failed)
        log_error(tasks->log, event, err->text);
    *was_failed = failed;
}

const char *tasks_name(unsigned task)
{
    return TASKS[task].name;
}

int64_t tasks_run(struct tasks *tasks, int64_t now_ms)
{
    struct timetable *table = (struct timetable *)tasks;
    int64_t next_ms = INT64_MAX;
    for (unsigned i = 0; i < TASKS_N; i++) {
        if (table->due_ms[i] <= now_ms) {
            int64_t pause_ms = tasks_call(tasks, i, now_ms);
            now_ms = monotonic_ms();
            table->due_ms[i] = now_ms + pause_ms;
        }
        if (table->due_ms[i] < next_ms)
            next_ms = table->due_ms[i];
    }
    app_context_close_idle(&tasks->app, now_ms);
    return next_ms > now_ms ? next_ms - now_ms : 1;
}
