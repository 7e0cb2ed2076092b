/* SPDX-License-Identifier: MIT */
/* Curt's own prefork parent, for web servers that do not spawn FastCGI processes (nginx,
 * mod_proxy_fcgi). The parent listens and manages; the children touch traffic. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "runtime/log.h"

/* What crosses the fork. */
struct prefork {
    const char *listen; /* "unix:/path" or "tcp:host:port" */
    unsigned workers;
    struct log *log;
    /* Runs in each child with the listening socket; its return value is the exit status. */
    int (*serve)(void *context, int listen_fd);
    /* Called in the parent at SIGHUP, before any worker is replaced: reads and checks the new
     * configuration for the children to come. False keeps everything as it was. */
    bool (*reload)(void *context, struct error *err);
    void *context;
};

/* Listens, forks the workers and looks after them until SIGTERM or SIGINT: a worker that ends is
 * replaced, with growing pauses (100 ms to 10 s) when workers die right after their start; SIGHUP
 * replaces them one by one, each new one before its old one is asked to go; SIGTERM drains: workers
 * finish the request at hand. Returns the exit status of the program. */
int prefork_run(const struct prefork *prefork);
