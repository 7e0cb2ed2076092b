/* SPDX-License-Identifier: MIT */
/* The listening socket that workers share: accepts connections, waits for bytes, stops. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "text/address.h"

enum {
    LISTENER_PEERS_MAX = 64,
};

struct listener {
    int fd; /* the caller's; unusable after listener_stop */
    bool is_tcp;
    bool is_nonblocking;    /* O_NONBLOCK is set, for all who share the socket */
    int idle_ms;            /* LISTENER_IDLE after this time; -1: never */
    bool only_listed_peers; /* FCGI_WEB_SERVER_ADDRS is set */
    struct address peers[LISTENER_PEERS_MAX];
    unsigned n_peers;
    int null_fd;
    int stop_fd; /* readable once stopped */
    volatile sig_atomic_t stopped;
};

enum listener_event {
    LISTENER_ACCEPTED,
    LISTENER_AGAIN, /* no connection was accepted; the reason is in *err */
    LISTENER_IDLE,  /* idle_ms passed, or a signal other than a stop arrived */
    LISTENER_STOPPED,
    LISTENER_FAILED,
};

/* Prepares to accept on `fd`, a listening unix or TCP socket. FCGI_WEB_SERVER_ADDRS, a
 * comma-separated list of IP addresses, restricts who may connect to a TCP socket. `idle_ms` (0:
 * never) becomes the socket's receive time-out, which accept(2) obeys, for all who share it. */
bool listener_open(struct listener *listener, int fd, unsigned idle_ms, struct error *err);

/* Closes the listener's own descriptors; the caller's socket stays open. */
void listener_close(struct listener *listener);

/* Waits for a connection. One that was accepted when the stop arrives is returned all the same. */
enum listener_event listener_accept(struct listener *listener, int *connection, struct error *err);

/* Async-signal-safe; the handler must be installed without SA_RESTART and run in the thread that
 * accepts. The listening descriptor is replaced by /dev/null: the signal interrupts a waiting
 * accept, a later one fails at once. */
void listener_stop(struct listener *listener);

enum listener_wait {
    LISTENER_READABLE, /* there are bytes, the end, or an error */
    LISTENER_SILENT,   /* timeout_ms is over */
    LISTENER_WAS_STOPPED,
};

/* Waits until `connection` is readable, for `timeout_ms` (-1: no limit), or, with `heed_stop`,
 * until the stop. If both happen, bytes are reported. */
enum listener_wait listener_wait(const struct listener *listener, int connection, int timeout_ms,
                                 bool heed_stop);
