/* SPDX-License-Identifier: MIT */
/* The prefork parent, for web servers that do not spawn FastCGI processes (nginx, mod_proxy_fcgi).
 * The parent listens and manages workers; only the workers accept requests. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "runtime/log.h"
#include "runtime/program.h"

/* Options of the parent. All pointers are borrowed. */
struct prefork {
    const char *listen; /* "unix:PATH[,mode=0660][,group=NAME]", "tcp:PORT" (of 127.0.0.1) or
                         * "tcp:HOST:PORT" */
    unsigned workers;
    struct log *log;
    /* Runs in each child with the listening socket; its return value is the exit status. */
    int (*serve)(void *context, int listen_fd);
    /* Called in the parent on SIGHUP, before any worker is replaced: reads and checks the new
     * configuration for future workers. On false nothing changes. */
    bool (*reload)(void *context, struct error *err);
    struct program *program; /* NULL: ignore what is installed */
    void *context;
};

/* Listens, forks the workers and manages them until SIGTERM or SIGINT. A worker that ends is
 * replaced, with growing pauses (100 ms to 10 s) when workers fail while starting. SIGHUP replaces
 * workers one by one: each old one is stopped when its replacement has started. SIGTERM stops:
 * workers finish their current request, and are killed when that takes more than 30 s. When the
 * parent itself is killed, its workers get SIGTERM. When another program has been installed in
 * place of `program` and can take over, the parent executes it and hands over the socket and the
 * workers, which are then replaced as on SIGHUP. Returns the exit status of the program. */
int prefork_run(const struct prefork *prefork);

/* For `serve`: reports to the parent that this worker has started and is about to accept. A worker
 * that does not report counts as started after ten seconds. No effect in a process that prefork_run
 * did not fork. */
void prefork_tell_started(void);
