/* SPDX-License-Identifier: MIT */
/* The tasks for servers: probes, the invalidation queue, replication lag, and the age of the
 * tables. */
#include "db/db.h"
#include "db/migrate.h"
#include "os/monotonic.h"
#include "shm/invalidation_queue.h"
#include "upkeep/tasks.h"

/* --- probe --- */

/* The task that probes servers whose circuit breaker is open, so that no request has to wait for a
 * time-out to find out. It probes one server per call, so that a hanging one delays the other tasks
 * by at most one time-out. */
enum {
    PROBE_LOOK_MS = 250,  /* between two looks at a server's breaker */
    PROBE_AGAIN_MS = 500, /* after a probe without an answer */
    PROBE_SOON_MS = 75,   /* after an answer, until there have been enough of them */
};

/* A database: how to connect to it, and the breaker that is looked at. */
struct probed {
    struct sql_options mysql;
    struct breaker breaker;
    bool writes; /* it has to take a write */
};

static bool probe_asks(struct db *db, bool writes)
{
    struct error err = { "" };
    int64_t at_ms;
    return db && (writes ? db_heartbeat_write(db, &at_ms, &err) : db_ping(db, &err)) == DB_OK;
}

/* Probes a database if its breaker is open, over a connection without a breaker, which is closed
 * when the breaker is. Returns the milliseconds until the next look. */
static int64_t probe_database(struct probed *probed, struct db **db, int64_t now_ms)
{
    if (!breaker_wants_probe(probed->breaker, now_ms)) {
        db_close(db);
        return PROBE_LOOK_MS;
    }
    probed->mysql.breaker = probed->mysql.writes = (struct breaker){ .all = NULL };
    if (!*db)
        *db = db_open(&probed->mysql);
    bool good = probe_asks(*db, probed->writes);
    breaker_report(probed->breaker, good, monotonic_ms());
    return good ? PROBE_SOON_MS : PROBE_AGAIN_MS;
}

/* Probes a memcached server if its breaker is open. When it answers, the invalidation queue is
 * worked off before requests use the server again. */
static int64_t probe_memcached(struct tasks *tasks, size_t i, int64_t now_ms)
{
    switch (memcached_probe(tasks->app.remote, i, now_ms)) {
    case MEMCACHED_ANSWERS:
        task_publish(tasks, now_ms);
        return PROBE_SOON_MS;
    case MEMCACHED_SILENT:
        return PROBE_AGAIN_MS;
    case MEMCACHED_IN_USE:
        break;
    }
    return PROBE_LOOK_MS;
}

/* The number of databases: the primary, the primary's writes, the servers of a cluster, and the
 * replicas. */
static unsigned databases_of(const struct app_context *app)
{
    return 2 + app->servers.n + replicas_count(app->replicas);
}

/* One server of a cluster is in use if it takes writes: one that has left its cluster, or is
 * read-only, answers otherwise. */
static struct probed probed_server(const struct app_context *app, unsigned i)
{
    const struct sql_server *server = &app->servers.at[i];
    struct probed probed = { .mysql = app->mysql, .breaker = server->breaker, .writes = true };
    bool by_socket = server->address.port == 0;
    probed.mysql.servers = NULL;
    probed.mysql.host = by_socket ? NULL : server->address.host;
    probed.mysql.port = server->address.port;
    probed.mysql.socket = by_socket ? server->address.host : NULL;
    return probed;
}

static struct probed probed_database(const struct app_context *app, unsigned i)
{
    if (i < 2)
        return (struct probed){ .mysql = app->mysql,
                                .breaker = i == 0 ? app->mysql.breaker : app->mysql.writes,
                                .writes = i == 1 };
    if (i < 2 + app->servers.n)
        return probed_server(app, i - 2);
    const struct sql_options *replica = replicas_server(app->replicas, i - 2 - app->servers.n);
    return (struct probed){ .mysql = *replica, .breaker = replica->breaker };
}

static int64_t probe(struct tasks *tasks, unsigned target, int64_t now_ms)
{
    const struct app_context *app = &tasks->app;
    unsigned databases = databases_of(app);
    if (target >= databases)
        return probe_memcached(tasks, target - databases, now_ms);
    struct probed probed = probed_database(app, target);
    return probe_database(&probed, &tasks->probes.db[target], now_ms);
}

int64_t task_probe(struct tasks *tasks, int64_t now_ms)
{
    struct probes *probes = &tasks->probes;
    unsigned n = databases_of(&tasks->app) + (unsigned)memcached_servers(tasks->app.remote);
    int64_t rest_ms = PROBE_LOOK_MS;
    for (unsigned i = 0; i < n; i++) {
        unsigned target = (probes->next + i) % n;
        int64_t *due_ms = &probes->due_ms[target];
        if (*due_ms <= now_ms) {
            int64_t pause_ms = probe(tasks, target, now_ms);
            bool asked = pause_ms != PROBE_LOOK_MS;
            *due_ms = (asked ? monotonic_ms() : now_ms) + pause_ms;
            if (asked) {
                tasks->more = pause_ms == PROBE_SOON_MS;
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

/* --- publish --- */

/* The task that works off the invalidation queue: it removes from memcached the codes that were
 * changed while a server did not answer. */
enum {
    PUBLISH_LOOK_MS = 250,
};

static void log_lost_invalidations(struct tasks *tasks)
{
    uint64_t lost = invalidation_queue_lost(tasks->app.invalidations);
    if (lost == tasks->invalidation_queue_lost)
        return;
    const struct log_field field = log_number("codes", (int64_t)lost);
    log_line(tasks->log, LOG_LEVEL_WARN, "unpublished_lost", &field, 1);
    tasks->invalidation_queue_lost = lost;
}

/* Removes the codes from memcached. A server that does not answer costs one time-out per call,
 * however many codes it has. */
static void remove_all(struct tasks *tasks, struct invalidation *codes, size_t n)
{
    uint64_t silent = 0;
    for (size_t i = 0; i < n; i++) {
        struct slice code = { codes[i].bytes, codes[i].len };
        codes[i].is_removed = memcached_remove(tasks->app.remote, code, &silent);
    }
    invalidation_queue_removed(tasks->app.invalidations, codes, n, monotonic_ms());
}

int64_t task_publish(struct tasks *tasks, int64_t now_ms)
{
    struct invalidation_queue *invalidations = tasks->app.invalidations;
    if (!invalidations)
        return PUBLISH_LOOK_MS;
    if (invalidation_queue_count(invalidations) > 0) {
        struct invalidation *codes = arena_alloc(tasks->arena, INVALIDATIONS_MAX * sizeof(*codes));
        if (codes)
            remove_all(tasks, codes,
                       invalidation_queue_list(invalidations, codes, INVALIDATIONS_MAX, now_ms));
    }
    metrics_set(tasks->app.metrics, METRIC_INVALIDATIONS, (struct metric_labels){ 0 },
                (int64_t)invalidation_queue_count(invalidations));
    log_lost_invalidations(tasks);
    return PUBLISH_LOOK_MS;
}

/* --- lag --- */

/* The task that measures replication lag: it writes a heartbeat, and half a period later reads it
 * from each replica. */
enum {
    LAG_HALF_MS = REPLICA_BEAT_MS / 2,
    LAG_NONE_MS = 60 * 1000, /* pause without replicas */
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
        return LAG_NONE_MS;
    tasks->lag.is_written = !tasks->lag.is_written;
    if (tasks->lag.is_written) {
        write_heartbeat(app);
        return LAG_HALF_MS;
    }
    for (unsigned i = 0; i < n; i++) {
        struct error err = { "" };
        int64_t lag_ms = replicas_measure(app->replicas, i, &err);
        task_lag_note_failure(tasks, i, lag_ms < 0, &err);
        task_lag_show(tasks, i, lag_ms);
    }
    return LAG_HALF_MS;
}

/* --- tables --- */

/* The task that compares the database's migrations with the program's and logs a difference: a
 * statement that fails names the missing column, not the remedy. */
enum {
    TABLES_ROUND_MS = 600 * 1000,
    TABLES_AGAIN_MS = 10 * 1000, /* while they do not fit */
};

static void task_tables_note(struct tasks *tasks, enum tables_age age, unsigned newest)
{
    static const struct {
        enum log_level level;
        const char *event;
        const char *cure;
    } LINES[] = {
        [TABLES_FIT] = { LOG_LEVEL_INFO, "tables_fit", NULL },
        [TABLES_MISSING] = { LOG_LEVEL_ERROR, "tables_missing", "run curtctl db migrate" },
        [TABLES_OLDER] = { LOG_LEVEL_ERROR, "tables_older", "run curtctl db migrate" },
        [TABLES_NEWER] = { LOG_LEVEL_WARN, "tables_newer",
                           "install the version of Curt that made them, or a later one" },
    };
    const struct log_field fields[] = {
        log_number("migration", newest),
        log_number("program", MIGRATION_NEWEST),
        log_text("cure", slice_of(LINES[age].cure ? LINES[age].cure : "")),
    };
    log_line(tasks->log, LINES[age].level, LINES[age].event, fields, LINES[age].cure ? 3 : 2);
}

int64_t task_tables(struct tasks *tasks, int64_t now_ms)
{
    unsigned newest;
    struct error unheard; /* others log that the database does not answer */
    (void)now_ms;
    if (migrate_newest(&tasks->app.mysql, &newest, &unheard) != MIGRATE_OK)
        return TABLES_AGAIN_MS;
    enum tables_age age = tables_age(newest);
    if (age != tasks->tables)
        task_tables_note(tasks, age, newest);
    tasks->tables = age;
    tasks->done.failed |= age == TABLES_MISSING || age == TABLES_OLDER;
    return age == TABLES_FIT ? TABLES_ROUND_MS : TABLES_AGAIN_MS;
}
