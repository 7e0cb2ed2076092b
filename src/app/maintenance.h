/* SPDX-License-Identifier: MIT */
/* The maintenance thread of each worker. Of those on a host one holds the leader lease and runs the
 * maintenance tasks (upkeep/tasks.h) over connections of its own. When its worker ends, another
 * worker's thread takes over within a second or two; when it makes no progress, after
 * LEADER_LEASE_LOOKS seconds (shm/leader_lease.h). Each thread also checks, once a second, whether
 * its worker should restart. */
#pragma once

#include "base/error.h"
#include "runtime/config.h"
#include "runtime/log.h"
#include "runtime/program.h"
#include "shm/segment.h"

struct maintenance;

/* All borrowed; must outlive the thread. */
struct maintenance_options {
    const struct config *config;
    struct log *log;
    const struct segment *segment; /* the worker's; NULL: none */
    struct program *program;       /* NULL: ignore what is installed */
    bool follows_program;          /* the worker executes a newly installed program */
};

/* Why a worker should restart between two requests. */
enum renewal {
    RENEWAL_NONE,
    RENEWAL_SEGMENT, /* the segment was replaced by another of this program's layout */
    RENEWAL_PROGRAM, /* another program was installed and can take over */
};

/* Starts the thread, which blocks all signals. The caller has opened a database before (sql.h), and
 * calls from the thread that accepts requests: that thread gets SIGUSR2, repeatedly, once there is
 * a reason to restart. Without a shared segment there is no leader lease, and the thread runs no
 * tasks. On failure returns NULL with the reason; the worker can serve without the thread. */
struct maintenance *maintenance_start(const struct maintenance_options *options, struct error *err);

/* The reason to restart. When it is not RENEWAL_NONE, the tasks have ended and the lease is
 * released. NULL is allowed. No system call. */
enum renewal maintenance_renewal(const struct maintenance *maintenance);

/* Stops the thread after its current task. NULL is allowed; sets *at to NULL. */
void maintenance_stop(struct maintenance **at);
