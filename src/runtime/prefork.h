/* SPDX-License-Identifier: MIT */
/* Curt's own prefork parent, for web servers that do not spawn FastCGI processes (nginx,
 * mod_proxy_fcgi). The parent listens and manages; the children touch traffic. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "runtime/log.h"
#include "runtime/program.h"

/* What crosses the fork. */
struct prefork {
    const char *listen; /* "unix:PATH[,mode=0660][,group=NAME]", "tcp:PORT" (of 127.0.0.1) or
                         * "tcp:HOST:PORT" */
    unsigned workers;
    struct log *log;
    /* Runs in each child with the listening socket; its return value is the exit status. */
    int (*serve)(void *context, int listen_fd);
    /* Called in the parent at SIGHUP, before any worker is replaced: reads and checks the new
     * configuration for the children to come. False keeps everything as it was. */
    bool (*reload)(void *context, struct error *err);
    struct program *program; /* NULL: the parent stays what it is, whatever is installed */
    void *context;
};

/* Listens, forks the workers and looks after them until SIGTERM or SIGINT: a worker that ends is
 * replaced, with growing pauses (100 ms to 10 s) when workers die while they start; SIGHUP replaces
 * them one by one, each old one is asked to go when its new one has started; SIGTERM drains:
 * workers finish the request at hand, and are killed when that takes more than 30 s. A parent that
 * is killed takes its workers with it. When another program has been installed in place of
 * `program` and can take over, the parent executes it, with the socket and the workers, which it
 * replaces as at SIGHUP. Returns the exit status of the program. */
int prefork_run(const struct prefork *prefork);

/* For `serve`: says to the parent that this worker has started, which is to say that it is about to
 * accept. A worker that never says so counts as started after ten seconds. Does nothing in a
 * process that prefork_run did not fork. */
void prefork_tell_started(void);
