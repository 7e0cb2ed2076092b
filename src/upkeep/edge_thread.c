/* SPDX-License-Identifier: MIT */
/* Runs a purger in a thread. */
#include "upkeep/edge_thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "os/monotonic.h"
#include "upkeep/edge_purger.h"

enum {
    STACK_BYTES = 256 * 1024,
    REST_MS = 50, /* the longest time until it notices that it is to end */
};

struct edge_thread {
    pthread_t id;
    atomic_bool stops;
    struct log *log;
    struct sql_options mysql;
    struct db *db;
    struct arena *arena;
    struct edge_purger purger;
};

static void note(void *context, const struct edge_target *target, const char *error)
{
    const struct edge_thread *thread = context;
    const struct log_field fields[] = {
        log_text("cache", slice_of(edge_kind_name(target->kind))),
        log_text("place", target->place),
        log_text("error", slice_of(error)),
    };
    log_line(thread->log, error ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
             error ? "edge_purge_failed" : "edge_purged_again", fields, error ? 3 : 2);
}

static void *edge_thread_run(void *context)
{
    struct edge_thread *thread = context;
    edge_purger_open(&thread->purger);
    while (!atomic_load(&thread->stops)) {
        int64_t rest_ms = edge_purger_step(&thread->purger, monotonic_ms());
        monotonic_sleep_ms(rest_ms < REST_MS ? rest_ms : REST_MS);
    }
    edge_purger_close(&thread->purger);
    db_close(&thread->db);
    sql_thread_end();
    return NULL;
}

static void edge_thread_free(struct edge_thread *thread)
{
    db_close(&thread->db);
    arena_free(&thread->arena);
    free(thread);
}

/* The thread has the signal mask of its parent, the maintenance thread, which blocks all. */
static int create_thread(struct edge_thread *thread)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    int error = pthread_create(&thread->id, &attributes, edge_thread_run, thread);
    pthread_attr_destroy(&attributes);
    return error;
}

struct edge_thread *edge_thread_start(const struct app_context *app, struct log *log,
                                      struct error *err)
{
    struct edge_thread *thread = calloc(1, sizeof(*thread));
    if (!thread) {
        error_set(err, "out of memory");
        return NULL;
    }
    thread->log = log;
    thread->mysql = app->mysql;
    thread->db = db_open(&thread->mysql);
    thread->arena = arena_new(EDGE_ARENA_MAX);
    thread->purger = (struct edge_purger){
        .config = app->config,
        .db = thread->db,
        .metrics = app->metrics,
        .arena = thread->arena,
        .note = note,
        .context = thread,
    };
    int error = thread->db && thread->arena ? create_thread(thread) : ENOMEM;
    if (!error)
        return thread;
    error_set(err, "starting the purge thread: %s", strerror(error));
    edge_thread_free(thread);
    return NULL;
}

void edge_thread_stop(struct edge_thread **at)
{
    struct edge_thread *thread = *at;
    if (!thread)
        return;
    atomic_store(&thread->stops, true);
    pthread_join(thread->id, NULL);
    edge_thread_free(thread);
    *at = NULL;
}
