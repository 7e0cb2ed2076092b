/* SPDX-License-Identifier: MIT */
/* The listening socket that a worker shares with its siblings: accepting, waiting, stopping. */
#pragma once

#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum {
    LISTENER_PEERS_MAX = 64,
};

struct listener {
    int fd; /* the caller's; dead after listener_stop */
    bool is_tcp;
    bool is_nonblocking;    /* its maker set O_NONBLOCK, for all who share it */
    int idle_ms;            /* LISTENER_IDLE after so long; -1: never */
    bool only_listed_peers; /* FCGI_WEB_SERVER_ADDRS is set */
    struct in6_addr peers[LISTENER_PEERS_MAX];
    unsigned n_peers;
    int null_fd;
    int stop_fd; /* readable once stopped */
    volatile sig_atomic_t stopped;
};

enum listener_event {
    LISTENER_ACCEPTED,
    LISTENER_AGAIN, /* nothing came of it; the reason is in *err */
    LISTENER_IDLE,  /* idle_ms went by, or a signal came that was no stop */
    LISTENER_STOPPED,
    LISTENER_FAILED,
};

/* Takes a listening socket, unix or TCP. FCGI_WEB_SERVER_ADDRS, a comma-separated list of IP
 * addresses, restricts who may connect to a TCP socket. `idle_ms` (0: never) becomes the receive
 * time-out of the socket, which accept(2) heeds, for all who share it. */
bool listener_open(struct listener *listener, int fd, unsigned idle_ms, struct error *err);

/* Leaves the caller's socket open. */
void listener_close(struct listener *listener);

/* Waits for a connection. One that was accepted when the stop came is handed out all the same. */
enum listener_event listener_accept(struct listener *listener, int *connection, struct error *err);

/* Safe in a signal handler, which must have been installed without SA_RESTART and run in the thread
 * that accepts. The listening descriptor becomes one of /dev/null: an accept that waits is
 * interrupted by the signal, one that comes later fails at once. */
void listener_stop(struct listener *listener);

enum listener_wait {
    LISTENER_READABLE, /* bytes, the end, or an error: reading will tell */
    LISTENER_SILENT,   /* the time is up */
    LISTENER_WAS_STOPPED,
};

/* Waits until `connection` can be read, for `timeout_ms` (-1: for ever), or, when `heed_stop`,
 * until the stop. Bytes win over a stop that comes at the same time. */
enum listener_wait listener_wait(const struct listener *listener, int connection, int timeout_ms,
                                 bool heed_stop);
