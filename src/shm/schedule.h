/* SPDX-License-Identifier: MIT */
/* When each task of the maintenance is due on this host, for processes that live for one request
 * and can remember nothing: in the first page of the segment, all zero at first. Whoever has the
 * turn (shm/leader_lease.h) changes it, anybody reads it. */
#pragma once

#include <stdint.h>

#include "shm/segment.h"

enum {
    SCHEDULE_TASKS_MAX = 16,
};

struct schedule {
    int64_t due_ms[SCHEDULE_TASKS_MAX]; /* monotonic; 0: at once */
    uint64_t begun;                     /* 1 + the task at work; left by who was ended in it */
};

/* The segment's own. */
struct schedule *segment_schedule(const struct segment *segment);
