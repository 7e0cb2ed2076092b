/* SPDX-License-Identifier: MIT */
/* The thread, and the host's lock. */
#include "app/housekeeper.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/chores.h"
#include "runtime/clock.h"
#include "store/sql.h"
#include "store/turn.h"

enum {
    LOOK_MS = 1000, /* between two looks whether the lock is free, or still ours */
    STACK_BYTES = 512 * 1024,
};

struct housekeeper {
    const struct config *config;
    struct log *log;
    int lock_fd; /* of the segment; -1: somebody else is at work, as far as we know */
    struct turn turn;
    struct chores *chores; /* NULL without the lock */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool stop;
};

/* Rests; false when it is time to stop. */
static bool rest(struct housekeeper *keeper, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + ms % 1000 * 1000000;
    until.tv_sec += (time_t)(ms / 1000 + ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    pthread_mutex_lock(&keeper->mutex);
    int result = 0;
    while (!keeper->stop && result != ETIMEDOUT)
        result = pthread_cond_timedwait(&keeper->wake, &keeper->mutex, &until);
    bool go_on = !keeper->stop;
    pthread_mutex_unlock(&keeper->mutex);
    return go_on;
}

/* Whether what was locked is still the host's segment, and no file that was replaced by another.
 * One that was just removed is: until a worker starts there is no other that anybody could lock,
 * and the work has to go on. */
static bool is_current(const struct housekeeper *keeper)
{
    struct stat ours;
    struct stat current;
    if (fstat(keeper->lock_fd, &ours) < 0)
        return false;
    if (stat(keeper->config->segment.path, &current) < 0)
        return errno == ENOENT;
    return ours.st_dev == current.st_dev && ours.st_ino == current.st_ino;
}

static void give_lock(struct housekeeper *keeper)
{
    turn_leave(&keeper->turn);
    if (keeper->lock_fd >= 0)
        close(keeper->lock_fd);
    keeper->lock_fd = -1;
}

/* Whether this is the one housekeeper of the host, which it stays as long as its process lives and
 * does not stand still. */
static bool has_lock(struct housekeeper *keeper)
{
    if (keeper->lock_fd >= 0 && is_current(keeper) && turn_keep(&keeper->turn))
        return true;
    give_lock(keeper);
    int fd = open(keeper->config->segment.path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0 && turn_take(&keeper->turn, fd)) {
        keeper->lock_fd = fd;
        return true;
    }
    if (fd >= 0)
        close(fd);
    return false;
}

/* Opens or closes what the chores need, as the lock is gained or lost. */
static void look_for_work(struct housekeeper *keeper)
{
    struct error err = { "" };
    if (!has_lock(keeper)) {
        chores_close(&keeper->chores);
    } else if (!keeper->chores) {
        keeper->chores = chores_open(keeper->config, keeper->log, &err);
        if (!keeper->chores)
            log_error(keeper->log, "housekeeper_failed", err.text);
    }
}

static void *run(void *context)
{
    struct housekeeper *keeper = context;
    int64_t pause_ms = LOOK_MS;
    int64_t looked_ms = 0;
    while (rest(keeper, pause_ms)) {
        int64_t now_ms = clock_monotonic_us() / 1000;
        if (now_ms - looked_ms >= LOOK_MS) {
            looked_ms = now_ms;
            look_for_work(keeper);
        }
        pause_ms = keeper->chores ? chores_run(keeper->chores, now_ms) : LOOK_MS;
        if (pause_ms > LOOK_MS)
            pause_ms = LOOK_MS;
    }
    chores_close(&keeper->chores);
    give_lock(keeper);
    sql_thread_end();
    return NULL;
}

/* Starts the thread with every signal blocked: signals are the main thread's business. */
static int start_thread(struct housekeeper *keeper)
{
    sigset_t all;
    sigset_t before;
    pthread_attr_t attributes;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int error = pthread_create(&keeper->thread, &attributes, run, keeper);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

struct housekeeper *housekeeper_start(const struct config *config, struct log *log,
                                      struct error *err)
{
    *err = (struct error){ "" };
    if (!config->segment.path || !*config->segment.path)
        return NULL;
    struct housekeeper *keeper = calloc(1, sizeof(*keeper));
    if (!keeper) {
        error_set(err, "out of memory");
        return NULL;
    }
    keeper->config = config;
    keeper->log = log;
    keeper->lock_fd = -1;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&keeper->mutex, NULL);
    pthread_cond_init(&keeper->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    int error = start_thread(keeper);
    if (error) {
        error_set(err, "starting the housekeeper: %s", strerror(error));
        pthread_cond_destroy(&keeper->wake);
        pthread_mutex_destroy(&keeper->mutex);
        free(keeper);
        return NULL;
    }
    return keeper;
}

void housekeeper_stop(struct housekeeper **housekeeper)
{
    struct housekeeper *keeper = *housekeeper;
    if (!keeper)
        return;
    pthread_mutex_lock(&keeper->mutex);
    keeper->stop = true;
    pthread_cond_signal(&keeper->wake);
    pthread_mutex_unlock(&keeper->mutex);
    pthread_join(keeper->thread, NULL);
    pthread_cond_destroy(&keeper->wake);
    pthread_mutex_destroy(&keeper->mutex);
    free(keeper);
    *housekeeper = NULL;
}
