/* SPDX-License-Identifier: MIT */
/* When each maintenance task is due on this host, for processes that serve one request and keep no
 * state. In the first page of the segment, all zero at first. Only the holder of the leader lease
 * (shm/leader_lease.h) writes it; all processes may read it. */
#pragma once

#include <stdint.h>

#include "shm/segment.h"

enum {
    SCHEDULE_TASKS_MAX = 16,
};

struct schedule {
    int64_t due_ms[SCHEDULE_TASKS_MAX]; /* monotonic; 0: due now */
    uint64_t begun;                     /* 1 + the running task; stays set if its process was
                                         * killed */
};

/* The schedule in the segment. */
struct schedule *segment_schedule(const struct segment *segment);
