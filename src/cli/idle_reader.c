/* SPDX-License-Identifier: MIT */
/* The thread, and the handing over of one call at a time. */
#include "cli/idle_reader.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <sys/resource.h>

#include "db/sql.h"

enum {
    IDLE_NICE = 19,
};

/* The call, while there is one. */
struct idle_call {
    struct follow_lines *lines; /* NULL: there is none */
    struct follow_part *part;
    struct follow_counts *counts;
    struct error *err;
    enum db_result result;
};

struct idle_reader {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct idle_call call;
    bool is_to_end;
};

/* On Linux both concern the calling thread alone. Either may be refused, and is then not needed. */
static void become_idle(void)
{
    const struct sched_param none = { .sched_priority = 0 };
    setpriority(PRIO_PROCESS, 0, IDLE_NICE);
    sched_setscheduler(0, SCHED_IDLE, &none);
}

static void *idle_reader_run(void *context)
{
    struct idle_reader *reader = context;
    struct idle_call *call = &reader->call;
    become_idle();
    pthread_mutex_lock(&reader->mutex);
    while (!reader->is_to_end) {
        if (call->lines) {
            pthread_mutex_unlock(&reader->mutex);
            call->result = follow_lines_read(call->lines, call->part, call->counts, call->err);
            pthread_mutex_lock(&reader->mutex);
            call->lines = NULL;
            pthread_cond_broadcast(&reader->changed);
        } else {
            pthread_cond_wait(&reader->changed, &reader->mutex);
        }
    }
    pthread_mutex_unlock(&reader->mutex);
    sql_thread_end();
    return NULL;
}

/* Signals are for the main thread. */
static int start_thread(struct idle_reader *reader)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int error = pthread_create(&reader->thread, NULL, idle_reader_run, reader);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

struct idle_reader *idle_reader_start(struct error *err)
{
    struct idle_reader *reader = calloc(1, sizeof(*reader));
    if (!reader) {
        error_set(err, "out of memory");
        return NULL;
    }
    pthread_mutex_init(&reader->mutex, NULL);
    pthread_cond_init(&reader->changed, NULL);
    int error = start_thread(reader);
    if (!error)
        return reader;
    error_set(err, "starting a thread: %s", strerror(error));
    pthread_cond_destroy(&reader->changed);
    pthread_mutex_destroy(&reader->mutex);
    free(reader);
    return NULL;
}

enum db_result idle_reader_read(void *context, struct follow_lines *lines, struct follow_part *part,
                                struct follow_counts *counts, struct error *err)
{
    struct idle_reader *reader = context;
    pthread_mutex_lock(&reader->mutex);
    reader->call = (struct idle_call){ lines, part, counts, err, DB_OK };
    pthread_cond_broadcast(&reader->changed);
    while (reader->call.lines)
        pthread_cond_wait(&reader->changed, &reader->mutex);
    enum db_result result = reader->call.result;
    pthread_mutex_unlock(&reader->mutex);
    return result;
}

void idle_reader_stop(struct idle_reader **at)
{
    struct idle_reader *reader = *at;
    pthread_mutex_lock(&reader->mutex);
    reader->is_to_end = true;
    pthread_cond_broadcast(&reader->changed);
    pthread_mutex_unlock(&reader->mutex);
    pthread_join(reader->thread, NULL);
    pthread_cond_destroy(&reader->changed);
    pthread_mutex_destroy(&reader->mutex);
    free(reader);
    *at = NULL;
}
