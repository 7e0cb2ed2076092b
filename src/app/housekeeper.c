/* SPDX-License-Identifier: MIT */
/* The thread, the host's lock, and the rounds. */
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

#include "runtime/clock.h"
#include "service/purge.h"
#include "store/db_sql.h"
#include "store/sql.h"

enum {
    FIRST_ROUND_MS = 3000,
    ROUND_MS = 60 * 1000, /* between two rounds, and between two tries for the lock */
    LET_GO_MS = 1000,     /* a rest as long as this is none of a connection's */
    STACK_BYTES = 512 * 1024,
};

/* The byte of the segment's file that is locked: far behind its end, where nobody else locks. The
 * kernel lets go of it when the process ends, whatever way it ends. */
#define LOCK_AT (INT64_C(1) << 40)

struct housekeeper {
    const struct config *config;
    struct log *log;
    int lock_fd; /* -1: somebody else is at work, as far as we know */
    bool failed; /* the last batch */
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

/* Whether what was locked is still the host's segment, and no file that was replaced by another. */
static bool is_current(const struct housekeeper *keeper)
{
    struct stat ours;
    struct stat current;
    return fstat(keeper->lock_fd, &ours) == 0 &&
           stat(keeper->config->segment.path, &current) == 0 && ours.st_dev == current.st_dev &&
           ours.st_ino == current.st_ino;
}

static void give_lock(struct housekeeper *keeper)
{
    if (keeper->lock_fd >= 0)
        close(keeper->lock_fd);
    keeper->lock_fd = -1;
}

/* Whether this is the one housekeeper of the host, which it stays as long as its process. */
static bool has_lock(struct housekeeper *keeper)
{
    if (keeper->lock_fd >= 0 && is_current(keeper))
        return true;
    give_lock(keeper);
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_AT, .l_len = 1 };
    int fd = open(keeper->config->segment.path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0 && fcntl(fd, F_OFD_SETLK, &lock) == 0) {
        keeper->lock_fd = fd;
        return true;
    }
    if (fd >= 0)
        close(fd);
    return false;
}

/* Told once when it begins, not with every batch. */
static void note(struct housekeeper *keeper, enum db_result result, const struct error *err)
{
    if (result != DB_OK && !keeper->failed)
        log_error(keeper->log, "purge_failed", err->text);
    keeper->failed = result != DB_OK;
}

/* One batch, over a connection that is kept for the next one if that comes soon; how long to rest.
 */
static int64_t purge_batch(struct housekeeper *keeper, struct db **db, struct purge_total *total)
{
    struct error err = { "out of memory" };
    if (!*db)
        *db = db_sql_open(&keeper->config->mysql);
    int64_t begin_us = clock_monotonic_us();
    enum db_result result = DB_FAILED;
    total->more = false;
    if (*db)
        result = purge_step(*db, keeper->config->links.purge_after_s, clock_now(), total, &err);
    note(keeper, result, &err);
    int64_t took_ms = (clock_monotonic_us() - begin_us) / 1000;
    int64_t pause_ms = purge_pause_ms(took_ms, PURGE_SHARE_BACKGROUND);
    if (!total->more || pause_ms >= LET_GO_MS)
        db_close(db);
    return pause_ms;
}

/* Purges until there is nothing left, the database fails, or it is time to stop. */
static void purge(struct housekeeper *keeper)
{
    struct purge_total total = { .more = true };
    struct db *db = NULL;
    while (total.more) {
        int64_t pause_ms = purge_batch(keeper, &db, &total);
        total.more = total.more && rest(keeper, pause_ms);
    }
    db_close(&db);
    if (total.links == 0 && total.idempotency_keys == 0)
        return;
    const struct log_field fields[] = {
        log_number("links", (int64_t)total.links),
        log_number("idempotency_keys", (int64_t)total.idempotency_keys),
    };
    log_line(keeper->log, LOG_LEVEL_INFO, "purged", fields, sizeof(fields) / sizeof(fields[0]));
}

static void *run(void *context)
{
    struct housekeeper *keeper = context;
    int64_t pause = FIRST_ROUND_MS;
    while (rest(keeper, pause)) {
        pause = ROUND_MS;
        if (has_lock(keeper))
            purge(keeper);
    }
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
