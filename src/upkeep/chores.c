/* SPDX-License-Identifier: MIT */
/* The table of chores, and when each is due. */
#include "upkeep/chores.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/clock.h"
#include "shm/schedule.h"

enum {
    ARENA_MAX = 64 << 20, /* bytes that one call of a chore may take */
};

typedef int64_t chore_run(struct chores *chores, int64_t now_ms);

struct chore {
    const char *name;
    chore_run *run;
    int64_t first_ms; /* how long after the housekeeper began */
};

/* clang-format off */
static const struct chore CHORES[] = {
    { "publish", chore_publish, 0 },
    { "probe", chore_probe, 0 },
    { "replay", chore_replay, 0 },
    { "reserve", chore_reserve, 0 },
    { "flush", chore_flush, 0 },
    { "ids", chore_ids, 1000 },
    { "lag", chore_lag, 0 },
    { "purge", chore_purge, 3000 },
    { "fold", chore_fold, 10000 },
    { "tables", chore_tables, 500 },
};
/* clang-format on */

static_assert(sizeof(CHORES) / sizeof(CHORES[0]) == CHORES_N, "the table has every chore");
static_assert((int)CHORES_N <= (int)SCHEDULE_TASKS_MAX, "the segment has a place for each");

struct timetable {
    struct chores chores;
    int64_t due_ms[CHORES_N];
};

struct chores *chores_open(const struct config *config, struct log *log, struct error *err)
{
    struct timetable *table = calloc(1, sizeof(*table));
    if (!table) {
        error_set(err, "out of memory");
        return NULL;
    }
    struct chores *chores = &table->chores;
    chores->log = log;
    chores->share = PURGE_SHARE_BACKGROUND;
    chores->arena = arena_new(ARENA_MAX);
    if (!chores->arena)
        error_set(err, "out of memory");
    if (!chores->arena || !app_open(&chores->app, config, log, err)) {
        chores_close(&chores);
        return NULL;
    }
    int64_t now_ms = clock_monotonic_us() / 1000;
    for (unsigned i = 0; i < CHORES_N; i++)
        table->due_ms[i] = now_ms + CHORES[i].first_ms;
    return chores;
}

void chores_close(struct chores **chores)
{
    if (!*chores)
        return;
    chore_flush_end(*chores);
    chore_probe_end(*chores);
    app_close(&(*chores)->app);
    arena_free(&(*chores)->arena);
    free((struct timetable *)*chores);
    *chores = NULL;
}

int64_t chores_call(struct chores *chores, unsigned chore, int64_t now_ms)
{
    chores->more = false;
    int64_t pause_ms = CHORES[chore].run(chores, now_ms);
    arena_reset(chores->arena);
    return pause_ms;
}

const char *chores_name(unsigned chore)
{
    return CHORES[chore].name;
}

int64_t chores_run(struct chores *chores, int64_t now_ms)
{
    struct timetable *table = (struct timetable *)chores;
    int64_t next_ms = INT64_MAX;
    for (unsigned i = 0; i < CHORES_N; i++) {
        if (table->due_ms[i] <= now_ms) {
            int64_t pause_ms = chores_call(chores, i, now_ms);
            now_ms = clock_monotonic_us() / 1000;
            table->due_ms[i] = now_ms + pause_ms;
        }
        if (table->due_ms[i] < next_ms)
            next_ms = table->due_ms[i];
    }
    app_close_idle(&chores->app, now_ms);
    return next_ms > now_ms ? next_ms - now_ms : 1;
}
