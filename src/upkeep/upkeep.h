/* SPDX-License-Identifier: MIT */
/* Maintenance without a maintenance thread, for plain CGI where each process serves one request: a
 * little after an answer, and all of it by cron. The segment stores when each task is due. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "runtime/config.h"
#include "runtime/log.h"
#include "shm/segment.h"
#include "upkeep/tasks.h"

enum {
    UPKEEP_BRIEF_MS =
        50, /* longest time after an answer; the process then exits, even within a task */
    UPKEEP_REST_MS = 5000,   /* shortest time between two calls of a task that has no more to do */
    UPKEEP_LEASE_TRIES = 20, /* attempts of upkeep_all to take the leader lease, one a second */
};

/* Whether a task is due. No system call. NULL: false. */
bool upkeep_is_due(const struct segment *segment, int64_t now_ms);

/* Calls the tasks that are due, the longest overdue first, if no other process holds the leader
 * lease, and exits: after UPKEEP_BRIEF_MS at the latest, even within a task, which may be
 * interrupted at any instruction. The next call logs an interrupted task, which is tried again
 * UPKEEP_REST_MS later. `config` and `log` are borrowed. */
_Noreturn void upkeep_brief(const struct config *config, struct log *log);

enum upkeep_result {
    UPKEEP_DONE,
    UPKEEP_INCOMPLETE, /* a task failed, the log says which */
    UPKEEP_BUSY,   /* a worker's maintenance thread, or another process, holds the leader lease */
    UPKEEP_FAILED, /* no segment or no memory: the reason is in *err */
};

/* Calls every task until it has no more to do. */
enum upkeep_result upkeep_all(const struct config *config, struct log *log, struct tasks_done *done,
                              struct error *err);
