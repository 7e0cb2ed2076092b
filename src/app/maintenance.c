/* SPDX-License-Identifier: MIT */
/* The maintenance thread: acquires the leader lease, runs the tasks, and checks for a new segment
 * or program. */
#include "app/maintenance.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "db/sql.h"
#include "os/monotonic.h"
#include "shm/leader_lease.h"
#include "upkeep/tasks.h"

enum {
    LOOK_MS = 1000, /* between two checks of the lease */
    WAKE_MS = 100,  /* between two signals to a worker that should restart */
    STACK_BYTES = 512 * 1024,
};

struct maintenance {
    struct maintenance_options options;
    const struct config *config; /* options.config */
    struct log *log;             /* options.log */
    pthread_t worker;
    atomic_int renewal; /* enum renewal */
    int lock_fd;        /* of the segment file; -1: this process does not hold the lease */
    struct leader_lease lease;
    struct tasks *tasks; /* NULL without the lease */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool stop;
};

/* Waits; false when the thread is to stop. */
static bool maintenance_rest(struct maintenance *maintenance, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + ms % 1000 * 1000000;
    until.tv_sec += (time_t)(ms / 1000 + ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    pthread_mutex_lock(&maintenance->mutex);
    int result = 0;
    while (!maintenance->stop && result != ETIMEDOUT)
        result = pthread_cond_timedwait(&maintenance->wake, &maintenance->mutex, &until);
    bool go_on = !maintenance->stop;
    pthread_mutex_unlock(&maintenance->mutex);
    return go_on;
}

/* Whether the locked file is still the host's segment and has not been replaced. A file that was
 * only removed counts as current: until a worker starts and makes a new one no process can lock
 * another, and the tasks must go on. */
static bool is_current(const struct maintenance *maintenance)
{
    struct stat ours;
    struct stat current;
    if (fstat(maintenance->lock_fd, &ours) < 0)
        return false;
    if (stat(maintenance->config->segment.path, &current) < 0)
        return errno == ENOENT;
    return ours.st_dev == current.st_dev && ours.st_ino == current.st_ino;
}

static void give_lock(struct maintenance *maintenance)
{
    leader_lease_leave(&maintenance->lease);
    if (maintenance->lock_fd >= 0)
        close(maintenance->lock_fd);
    maintenance->lock_fd = -1;
}

/* Whether the tasks may use the segment that is there. They would replace a segment of another
 * layout, which a program must not do once its successor is installed: the successor may have made
 * it. */
static bool may_use(const struct maintenance *maintenance, int fd)
{
    const struct program *program = maintenance->options.program;
    return !program || segment_fits(&maintenance->config->segment, fd) ||
           !program_is_outdated(program);
}

/* Renews the leader lease, or tries to acquire it; returns whether this process holds it. */
static bool has_lock(struct maintenance *maintenance)
{
    if (maintenance->lock_fd >= 0 && is_current(maintenance) &&
        leader_lease_renew(&maintenance->lease))
        return true;
    give_lock(maintenance);
    const char *path = maintenance->config->segment.path;
    int fd = path && *path ? open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : -1;
    if (fd >= 0 && may_use(maintenance, fd) && leader_lease_take(&maintenance->lease, fd)) {
        maintenance->lock_fd = fd;
        return true;
    }
    if (fd >= 0)
        close(fd);
    return false;
}

/* Opens or closes the tasks as the lease is acquired or lost. */
static void look_for_work(struct maintenance *maintenance)
{
    struct error err = { "" };
    if (!has_lock(maintenance)) {
        tasks_close(&maintenance->tasks);
    } else if (!maintenance->tasks) {
        maintenance->tasks = tasks_open(maintenance->config, maintenance->log, &err);
        if (!maintenance->tasks)
            log_error(maintenance->log, "housekeeper_failed", err.text);
    }
}

static enum renewal maintenance_look_for_program(struct maintenance *maintenance, int64_t now_ms)
{
    struct error err;
    struct program *program = maintenance->options.program;
    if (!program || !maintenance->options.follows_program)
        return RENEWAL_NONE;
    switch (program_look(program, now_ms, &err)) {
    case PROGRAM_READY:
        return RENEWAL_PROGRAM;
    case PROGRAM_REFUSED:
        log_error(maintenance->log, "program_refused", err.text);
        break;
    case PROGRAM_SAME:
        break;
    }
    return RENEWAL_NONE;
}

static enum renewal look_for_renewal(struct maintenance *maintenance, int64_t now_ms)
{
    const struct segment *segment = maintenance->options.segment;
    if (segment && segment_was_replaced(segment, &maintenance->config->segment))
        return RENEWAL_SEGMENT;
    return maintenance_look_for_program(maintenance, now_ms);
}

/* Runs the tasks until the thread is to stop or the worker should restart. It looks for the lease
 * at once: clicks have no visitor until a host's first flush has written the secret to the ring. */
static enum renewal maintain(struct maintenance *maintenance)
{
    enum renewal renewal = RENEWAL_NONE;
    int64_t pause_ms = 0;
    int64_t looked_ms = 0; /* 0: not yet; what has just started is not renewed */
    while (renewal == RENEWAL_NONE && maintenance_rest(maintenance, pause_ms)) {
        int64_t now_ms = monotonic_ms();
        if (now_ms - looked_ms >= LOOK_MS) {
            renewal = looked_ms ? look_for_renewal(maintenance, now_ms) : RENEWAL_NONE;
            looked_ms = now_ms;
            if (renewal == RENEWAL_NONE)
                look_for_work(maintenance);
        }
        bool works = maintenance->tasks && renewal == RENEWAL_NONE;
        pause_ms = works ? tasks_run(maintenance->tasks, now_ms) : LOOK_MS;
        if (pause_ms > LOOK_MS)
            pause_ms = LOOK_MS;
    }
    return renewal;
}

static void note_renewal(const struct maintenance *maintenance, enum renewal renewal)
{
    struct log_field path = log_text("path", slice_of(maintenance->config->segment.path));
    if (renewal == RENEWAL_PROGRAM)
        path = log_text("path", slice_of(maintenance->options.program->path));
    log_line(maintenance->log, LOG_LEVEL_INFO,
             renewal == RENEWAL_PROGRAM ? "program_replaced" : "segment_replaced", &path, 1);
}

/* The thread's main function. The tasks end before the worker is signalled, so that it need not
 * wait for them. The signal is sent repeatedly, since one that arrives just before the worker waits
 * for a request has no effect. */
static void *maintenance_run(void *context)
{
    struct maintenance *maintenance = context;
    enum renewal renewal = maintain(maintenance);
    tasks_close(&maintenance->tasks);
    give_lock(maintenance);
    sql_thread_end();
    if (renewal != RENEWAL_NONE) {
        note_renewal(maintenance, renewal);
        atomic_store(&maintenance->renewal, renewal);
        do
            pthread_kill(maintenance->worker, SIGUSR2);
        while (maintenance_rest(maintenance, WAKE_MS));
    }
    return NULL;
}

/* Starts the thread with every signal blocked: the main thread handles signals. */
static int start_thread(struct maintenance *maintenance)
{
    sigset_t all;
    sigset_t before;
    pthread_attr_t attributes;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int error = pthread_create(&maintenance->thread, &attributes, maintenance_run, maintenance);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

struct maintenance *maintenance_start(const struct maintenance_options *options, struct error *err)
{
    struct maintenance *maintenance = calloc(1, sizeof(*maintenance));
    if (!maintenance) {
        error_set(err, "out of memory");
        return NULL;
    }
    maintenance->options = *options;
    maintenance->config = options->config;
    maintenance->log = options->log;
    maintenance->worker = pthread_self();
    maintenance->lock_fd = -1;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&maintenance->mutex, NULL);
    pthread_cond_init(&maintenance->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    int error = start_thread(maintenance);
    if (error) {
        error_set(err, "starting the maintenance thread: %s", strerror(error));
        pthread_cond_destroy(&maintenance->wake);
        pthread_mutex_destroy(&maintenance->mutex);
        free(maintenance);
        return NULL;
    }
    return maintenance;
}

enum renewal maintenance_renewal(const struct maintenance *maintenance)
{
    return maintenance
               ? (enum renewal)atomic_load_explicit(&maintenance->renewal, memory_order_acquire)
               : RENEWAL_NONE;
}

void maintenance_stop(struct maintenance **at)
{
    struct maintenance *maintenance = *at;
    if (!maintenance)
        return;
    pthread_mutex_lock(&maintenance->mutex);
    maintenance->stop = true;
    pthread_cond_signal(&maintenance->wake);
    pthread_mutex_unlock(&maintenance->mutex);
    pthread_join(maintenance->thread, NULL);
    pthread_cond_destroy(&maintenance->wake);
    pthread_mutex_destroy(&maintenance->mutex);
    free(maintenance);
    *at = NULL;
}
