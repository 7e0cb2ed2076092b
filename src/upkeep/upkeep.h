/* SPDX-License-Identifier: MIT */
/* Maintenance where no worker lives long enough to have a housekeeper (plain CGI): a little of it
 * after an answer, all of it by cron. When each chore is due is remembered in the segment. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "runtime/config.h"
#include "runtime/log.h"
#include "shm/segment.h"
#include "upkeep/tasks.h"

enum {
    UPKEEP_BRIEF_MS = 50,   /* after an answer, at most; then the process ends, wherever it is */
    UPKEEP_REST_MS = 5000,  /* between two calls of a chore that has nothing more to do, at least */
    UPKEEP_TURN_TRIES = 20, /* of upkeep_all to get the host's turn, once a second */
};

/* Whether a chore is overdue. No system call. NULL: there is nothing to maintain. */
bool upkeep_is_due(const struct segment *segment, int64_t now_ms);

/* Calls the chores that are overdue, the longest overdue first, if nobody else does, and ends the
 * process: after UPKEEP_BRIEF_MS at the latest, in the middle of a chore if need be, which is
 * sound. A chore that was cut off is logged by the next one to get here, and tried again
 * UPKEEP_REST_MS later. `config` and `log` are borrowed. */
_Noreturn void upkeep_brief(const struct config *config, struct log *log);

enum upkeep_result {
    UPKEEP_DONE,
    UPKEEP_INCOMPLETE, /* a chore failed, the log says which */
    UPKEEP_BUSY,       /* a worker's housekeeper, or another process, does it */
    UPKEEP_FAILED,     /* there is no segment, or no memory: the reason is in *err */
};

/* Calls every chore until none has more to do. */
enum upkeep_result upkeep_all(const struct config *config, struct log *log, struct tasks_done *done,
                              struct error *err);
