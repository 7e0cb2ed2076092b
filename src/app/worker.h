/* SPDX-License-Identifier: MIT */
/* The worker: one process, one request at a time. */
#pragma once

#include "fcgi/cgi.h"
#include "runtime/config.h"
#include "runtime/log.h"
#include "runtime/program.h"

enum worker_status {
    WORKER_USED_UP = 3,  /* another should take its place: it has served server.max_requests, or the
                          * host has another segment */
    WORKER_OUTDATED = 4, /* another program, options.program->path, should take its place */
};

/* All borrowed. */
struct worker_options {
    const struct config *config;
    struct log *log;
    int listen_fd;
    struct program *program; /* NULL: it does not matter what is installed */
    bool follows_program;    /* WORKER_OUTDATED is what the caller can do something about */
};

/* Serves FastCGI requests from `listen_fd` until it is told to stop (SIGTERM, SIGINT, SIGUSR1) or
 * another should take its place. The request at hand is always finished. Returns the exit status,
 * or an enum worker_status; a signal to stop that comes from then on stays pending, for whoever
 * follows in this process. */
int worker_run(const struct worker_options *options);

/* Serves the one request of `cgi`, to which there is an answer in any case, and ends: without a
 * housekeeper, but for what is overdue of its work (upkeep/upkeep.h), after the answer. Signals to
 * stop are ignored, since web servers send them to whoever has answered and has not ended yet.
 * Returns the exit status. */
int worker_run_once(const struct config *config, struct log *log, struct cgi *cgi);
