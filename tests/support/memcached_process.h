/* SPDX-License-Identifier: MIT */
/* memcached servers for tests, on unix sockets in a folder of their own. They end with the test
 * program. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

enum {
    MEMCACHED_PROCESSES = 2,
};

struct memcached_processes {
    char dir[64];
    char servers[256];                    /* as memcached_options wants them */
    char socket[MEMCACHED_PROCESSES][96]; /* paths */
    char name[MEMCACHED_PROCESSES][112];  /* "unix:" and the path */
    pid_t pid[MEMCACHED_PROCESSES];       /* 0: not running */
};

/* Makes the directory; starts nothing. */
void memcached_processes_init(struct memcached_processes *processes);

/* Starts server `i` and waits until it accepts connections. False when there is no memcached on
 * this machine; ends the program when it does not come up. */
bool memcached_process_start(struct memcached_processes *processes, int i);

/* Ends server `i` with `signal`; it leaves its socket behind when killed. */
void memcached_process_stop(struct memcached_processes *processes, int i, int signal);

/* Ends all servers and removes the directory. */
void memcached_processes_end(struct memcached_processes *processes);
