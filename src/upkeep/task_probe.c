/* SPDX-License-Identifier: MIT */
/* The task that probes servers whose circuit breaker is open, so that no request has to wait for a
 * time-out to find out. It probes one server per call, so that a hanging one delays the other tasks
 * by at most one time-out. */
#include "db/db.h"
#include "os/monotonic.h"
#include "upkeep/tasks.h"

enum {
    LOOK_MS = 250,  /* between two looks at a server's breaker */
    AGAIN_MS = 500, /* after a probe without an answer */
    SOON_MS = 75,   /* after an answer, until there have been enough of them */
};

/* Probes a database if its breaker is open, over a connection without a breaker, which is closed
 * when the breaker is. Returns the milliseconds until the next look. */
static int64_t probe_database(const struct sql_options *mysql, struct db **db, int64_t now_ms)
{
    struct error err = { "" };
    if (!breaker_wants_probe(mysql->breaker, now_ms)) {
        db_close(db);
        return LOOK_MS;
    }
    struct sql_options options = *mysql;
    options.breaker = (struct breaker){ .all = NULL };
    if (!*db)
        *db = db_open(&options);
    bool good = *db && db_ping(*db, &err) == DB_OK;
    breaker_report(mysql->breaker, good, monotonic_ms());
    return good ? SOON_MS : AGAIN_MS;
}

/* Probes a memcached server if its breaker is open. When it answers, the invalidation queue is
 * worked off before requests use the server again. */
static int64_t probe_memcached(struct tasks *tasks, size_t i, int64_t now_ms)
{
    switch (memcached_probe(tasks->app.remote, i, now_ms)) {
    case MEMCACHED_ANSWERS:
        task_publish(tasks, now_ms);
        return SOON_MS;
    case MEMCACHED_SILENT:
        return AGAIN_MS;
    case MEMCACHED_IN_USE:
        break;
    }
    return LOOK_MS;
}

/* The number of databases: the primary and its replicas. */
static unsigned databases_of(const struct app_context *app)
{
    return 1 + replicas_count(app->replicas);
}

static int64_t probe(struct tasks *tasks, unsigned target, int64_t now_ms)
{
    const struct app_context *app = &tasks->app;
    unsigned databases = databases_of(app);
    if (target >= databases)
        return probe_memcached(tasks, target - databases, now_ms);
    const struct sql_options *mysql =
        target == 0 ? &app->mysql : replicas_server(app->replicas, target - 1);
    return probe_database(mysql, &tasks->probes.db[target], now_ms);
}

int64_t task_probe(struct tasks *tasks, int64_t now_ms)
{
    struct probes *probes = &tasks->probes;
    unsigned n = databases_of(&tasks->app) + (unsigned)memcached_servers(tasks->app.remote);
    int64_t rest_ms = LOOK_MS;
    for (unsigned i = 0; i < n; i++) {
        unsigned target = (probes->next + i) % n;
        int64_t *due_ms = &probes->due_ms[target];
        if (*due_ms <= now_ms) {
            int64_t pause_ms = probe(tasks, target, now_ms);
            bool asked = pause_ms != LOOK_MS;
            *due_ms = (asked ? monotonic_ms() : now_ms) + pause_ms;
            if (asked) {
                tasks->more = pause_ms == SOON_MS;
                probes->next = target + 1;
                return 1;
            }
        }
        if (*due_ms - now_ms < rest_ms)
            rest_ms = *due_ms - now_ms;
    }
    return rest_ms;
}

void task_probe_end(struct tasks *tasks)
{
    for (unsigned i = 0; i < PROBE_DATABASES_MAX; i++)
        db_close(&tasks->probes.db[i]);
}
