/* SPDX-License-Identifier: MIT */
/* The worker: one process, one request at a time. */
#pragma once

#include "runtime/config.h"
#include "runtime/log.h"

enum {
    WORKER_USED_UP = 3, /* it has served server.max_requests; another should take its place */
};

/* Serves FastCGI requests from `listen_fd` until it is told to stop (SIGTERM, SIGINT, SIGUSR1) or
 * has served server.max_requests. The request at hand is always finished. Returns the exit status,
 * or WORKER_USED_UP; a signal to stop that comes from then on stays pending, for whoever follows in
 * this process. */
int worker_run(const struct config *config, struct log *log, int listen_fd);
