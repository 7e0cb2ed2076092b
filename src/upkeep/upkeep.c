/* SPDX-License-Identifier: MIT */
/* Calls the maintenance tasks by the segment's schedule, for 50 ms or until none has more to do. */
#include "upkeep/upkeep.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "os/monotonic.h"
#include "shm/leader_lease.h"
#include "shm/schedule.h"

/* The leader lease, and what its holder works with. */
struct upkeep {
    int lock_fd;
    struct leader_lease lease;
    struct tasks *tasks;
    struct schedule *schedule;
};

static int64_t due(const struct schedule *schedule, unsigned task)
{
    return __atomic_load_n(&schedule->due_ms[task], __ATOMIC_RELAXED);
}

static void set_due(struct schedule *schedule, unsigned task, int64_t at_ms)
{
    __atomic_store_n(&schedule->due_ms[task], at_ms, __ATOMIC_RELAXED);
}

/* The task that has been due for the longest time; TASKS_N when none is due. */
static unsigned most_overdue(const struct schedule *schedule, int64_t now)
{
    unsigned found = TASKS_N;
    int64_t earliest = now;
    for (unsigned i = 0; i < TASKS_N; i++) {
        int64_t at = due(schedule, i);
        if (at <= earliest && (found == TASKS_N || at < earliest)) {
            found = i;
            earliest = at;
        }
    }
    return found;
}

bool upkeep_is_due(const struct segment *segment, int64_t now)
{
    return segment && most_overdue(segment_schedule(segment), now) < TASKS_N;
}

/* Calls a task. Its due time is postponed before the call, so that a task that is interrupted every
 * time does not starve the others. */
static void call(struct upkeep *upkeep, unsigned task)
{
    struct schedule *schedule = upkeep->schedule;
    set_due(schedule, task, monotonic_ms() + UPKEEP_REST_MS);
    __atomic_store_n(&schedule->begun, task + 1, __ATOMIC_RELAXED);
    int64_t pause_ms = tasks_call(upkeep->tasks, task, monotonic_ms());
    __atomic_store_n(&schedule->begun, 0, __ATOMIC_RELAXED);
    if (!upkeep->tasks->more && pause_ms < UPKEEP_REST_MS)
        pause_ms = UPKEEP_REST_MS;
    set_due(schedule, task, monotonic_ms() + pause_ms);
}

static void note_cut(const struct upkeep *upkeep, struct log *log)
{
    uint64_t begun = __atomic_load_n(&upkeep->schedule->begun, __ATOMIC_RELAXED);
    if (begun == 0 || begun > TASKS_N)
        return;
    const struct log_field fields[] = {
        log_text("chore", slice_of(tasks_name((unsigned)begun - 1))),
        log_text("cure", SLICE("run \"curtctl maintain\" every few minutes, by cron")),
    };
    log_line(log, LOG_LEVEL_WARN, "maintenance_cut_off", fields, 2);
}

static bool take_lease(struct upkeep *upkeep, const struct config *config)
{
    int fd = open(config->segment.path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    if (leader_lease_take(&upkeep->lease, fd)) {
        upkeep->lock_fd = fd;
        return true;
    }
    close(fd);
    return false;
}

static bool open_tasks(struct upkeep *upkeep, const struct config *config, struct log *log,
                       struct error *err)
{
    upkeep->tasks = tasks_open(config, log, err);
    if (upkeep->tasks && !upkeep->tasks->app.segment)
        tasks_close(&upkeep->tasks);
    if (!upkeep->tasks)
        return false;
    upkeep->tasks->is_brief = true;
    upkeep->schedule = segment_schedule(upkeep->tasks->app.segment);
    return true;
}

static void leave(struct upkeep *upkeep)
{
    tasks_close(&upkeep->tasks);
    leader_lease_leave(&upkeep->lease);
    if (upkeep->lock_fd >= 0)
        close(upkeep->lock_fd);
}

static void time_is_up(int signal_number)
{
    (void)signal_number;
    _exit(EXIT_SUCCESS);
}

/* Ends the process after UPKEEP_BRIEF_MS. Tasks may be interrupted at any instruction. */
static void limit_time(void)
{
    const struct itimerval limit = { .it_value = { .tv_usec = UPKEEP_BRIEF_MS * 1000 } };
    struct sigaction action = { .sa_handler = time_is_up };
    sigset_t alarms;
    sigemptyset(&action.sa_mask);
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    sigaction(SIGALRM, &action, NULL);
    sigprocmask(SIG_UNBLOCK, &alarms, NULL);
    setitimer(ITIMER_REAL, &limit, NULL);
}

void upkeep_brief(const struct config *config, struct log *log)
{
    struct upkeep upkeep = { .lock_fd = -1 };
    struct error err = { "" };
    limit_time();
    int64_t end_ms = monotonic_ms() + UPKEEP_BRIEF_MS;
    if (!take_lease(&upkeep, config) || !open_tasks(&upkeep, config, log, &err))
        _exit(EXIT_SUCCESS);
    note_cut(&upkeep, log);
    while (monotonic_ms() < end_ms) {
        unsigned task = most_overdue(upkeep.schedule, monotonic_ms());
        if (task == TASKS_N)
            break;
        call(&upkeep, task);
    }
    leave(&upkeep);
    _exit(EXIT_SUCCESS);
}

/* Calls each task once, and again while it has more to do. */
static void call_all(struct upkeep *upkeep)
{
    for (unsigned i = 0; i < TASKS_N; i++) {
        for (;;) {
            leader_lease_renew(&upkeep->lease);
            call(upkeep, i);
            if (!upkeep->tasks->more)
                break;
            int64_t pause_ms = due(upkeep->schedule, i) - monotonic_ms();
            monotonic_sleep_ms(pause_ms);
        }
    }
}

enum upkeep_result upkeep_all(const struct config *config, struct log *log, struct tasks_done *done,
                              struct error *err)
{
    struct upkeep upkeep = { .lock_fd = -1 };
    struct segment *segment = NULL;
    *done = (struct tasks_done){ 0 };
    if (segment_open(&config->segment, &segment, err) != PRIVATE_FILE_OK)
        return UPKEEP_FAILED;
    segment_close(&segment);
    bool taken = take_lease(&upkeep, config);
    for (unsigned i = 1; i < UPKEEP_LEASE_TRIES && !taken; i++) {
        monotonic_sleep_ms(1000);
        taken = take_lease(&upkeep, config);
    }
    if (!taken)
        return UPKEEP_BUSY;
    enum upkeep_result result = UPKEEP_FAILED;
    if (open_tasks(&upkeep, config, log, err)) {
        upkeep.tasks->share = PURGE_SHARE_ALONE;
        call_all(&upkeep);
        *done = upkeep.tasks->done;
        result = done->failed ? UPKEEP_INCOMPLETE : UPKEEP_DONE;
    }
    leave(&upkeep);
    return result;
}
