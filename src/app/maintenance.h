/* SPDX-License-Identifier: MIT */
/* The housekeeper: a thread of each worker, of which one on each host is at work. It does the
 * chores (chores.h) over connections of its own; when its worker ends, another's takes over within
 * a second or two, and when it stands still, after LEADER_LEASE_LOOKS seconds (shm/leader_lease.h).
 * Each of them also looks, once a second, whether its worker should begin anew. */
#pragma once

#include "base/error.h"
#include "runtime/config.h"
#include "runtime/log.h"
#include "runtime/program.h"
#include "shm/segment.h"

struct maintenance;

/* Borrowed, and must outlive the thread. */
struct maintenance_options {
    const struct config *config;
    struct log *log;
    const struct segment *segment; /* the worker's; NULL: it has none */
    struct program *program;       /* NULL: it does not matter what is installed */
    bool follows_program;          /* the worker executes the program that takes its place */
};

/* Why a worker should begin anew, between two requests. */
enum renewal {
    RENEWAL_NONE,
    RENEWAL_SEGMENT, /* the host has another segment of this program's layout */
    RENEWAL_PROGRAM, /* another program was installed, and can take over */
};

/* Starts the thread; all signals are left to the caller's. The caller has opened a database before
 * (sql.h), and calls from the thread that accepts requests: that one gets SIGUSR2, again and again,
 * once there is a reason to begin anew. Without a shared segment there is nothing to tell the
 * workers of a host who is at work, and no chores are done. NULL with a text is a failure, which
 * the worker can live with. */
struct maintenance *maintenance_start(const struct maintenance_options *options, struct error *err);

/* Whether to begin anew: by then the chores have ended and the host's lock is given back. NULL is
 * fine. No system call. */
enum renewal maintenance_renewal(const struct maintenance *maintenance);

/* Stops it after the task at hand. NULL is fine; sets *at to NULL. */
void maintenance_stop(struct maintenance **at);
