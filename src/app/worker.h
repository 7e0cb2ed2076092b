/* SPDX-License-Identifier: MIT */
/* The worker: one process, one request at a time. */
#pragma once

#include "fcgi/cgi.h"
#include "runtime/config.h"
#include "runtime/log.h"
#include "runtime/program.h"

enum worker_status {
    WORKER_USED_UP =
        3, /* to be replaced: it has served server.max_requests, or the host has another segment */
    WORKER_OUTDATED = 4, /* to be replaced by another program, options.program->path */
};

/* All borrowed. */
struct worker_options {
    const struct config *config;
    struct log *log;
    int listen_fd;
    struct program *program; /* NULL: ignore what is installed */
    bool follows_program;    /* the caller can handle WORKER_OUTDATED */
};

/* Serves FastCGI requests from `listen_fd` until a signal stops it (SIGTERM, SIGINT, SIGUSR1) or it
 * is to be replaced. A request that has begun is always finished. Returns the exit status, or an
 * enum worker_status; with the latter, stop signals that arrive from then on stay pending for the
 * program that this process executes next. */
int worker_run(const struct worker_options *options);

/* Serves the one request of `cgi`, which is always answered, and ends. There is no maintenance
 * thread; overdue maintenance tasks run for a moment after the answer (upkeep/upkeep.h). Stop
 * signals are ignored, since web servers send them to a CGI program that has answered and not yet
 * ended. Returns the exit status. */
int worker_run_once(const struct config *config, struct log *log, struct cgi *cgi);
