/* SPDX-License-Identifier: MIT */
/* Accepts on a shared socket so that a stop is never missed. */
#include "fcgi/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "os/monotonic.h"

enum {
    PAUSE_MS = 100, /* pause when there is no descriptor for another connection */
};

static bool read_peers(struct listener *listener, const char *list, struct error *err)
{
    listener->only_listed_peers = true;
    while (*(list += strspn(list, ", \t")) != '\0') {
        size_t len = strcspn(list, ", \t");
        if (listener->n_peers == LISTENER_PEERS_MAX ||
            !address_parse((struct slice){ list, len }, &listener->peers[listener->n_peers]))
            return error_set(
                err, "FCGI_WEB_SERVER_ADDRS: \"%.*s\" is not an IP address, or one too many",
                (int)(len < 64 ? len : 64), list);
        listener->n_peers++;
        list += len;
    }
    return true;
}

static bool check_socket(struct listener *listener, struct error *err)
{
    int listening = 0;
    struct sockaddr_storage address = { 0 };
    socklen_t len = sizeof(listening), address_len = sizeof(address);
    if (getsockopt(listener->fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) != 0 || !listening ||
        getsockname(listener->fd, (struct sockaddr *)&address, &address_len) != 0)
        return error_set(err, "descriptor %d is not a listening socket", listener->fd);
    listener->is_tcp = address.ss_family == AF_INET || address.ss_family == AF_INET6;
    if (listener->is_tcp) {
        /* Connections inherit it: without delay the last segment does not wait for an
         * acknowledgement. */
        int on = 1;
        (void)setsockopt(listener->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    return true;
}

static void set_idle(struct listener *listener, unsigned idle_ms)
{
    struct timeval limit = { idle_ms / 1000, (suseconds_t)(idle_ms % 1000) * 1000 };
    int flags = fcntl(listener->fd, F_GETFL);
    listener->is_nonblocking = flags >= 0 && (flags & O_NONBLOCK);
    listener->idle_ms = idle_ms > 0 && idle_ms <= INT_MAX ? (int)idle_ms : -1;
    (void)setsockopt(listener->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

bool listener_open(struct listener *listener, int fd, unsigned idle_ms, struct error *err)
{
    *listener = (struct listener){ .fd = fd, .null_fd = -1, .stop_fd = -1 };
    if (!check_socket(listener, err))
        return false;
    set_idle(listener, idle_ms);
    const char *list = getenv("FCGI_WEB_SERVER_ADDRS");
    if (listener->is_tcp && list && *list && !read_peers(listener, list, err))
        return false;
    listener->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    listener->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (listener->null_fd >= 0 && listener->stop_fd >= 0)
        return true;
    error_set(err, "%s: %s", listener->null_fd < 0 ? "/dev/null" : "eventfd", strerror(errno));
    listener_close(listener);
    return false;
}

void listener_close(struct listener *listener)
{
    if (listener->null_fd >= 0)
        close(listener->null_fd);
    if (listener->stop_fd >= 0)
        close(listener->stop_fd);
    listener->null_fd = listener->stop_fd = -1;
}

void listener_stop(struct listener *listener)
{
    int saved_errno = errno;
    uint64_t one = 1;
    listener->stopped = 1;
    (void)dup2(listener->null_fd, listener->fd);
    ssize_t wrote = write(listener->stop_fd, &one, sizeof(one));
    (void)wrote;
    errno = saved_errno;
}

static bool is_listed(const struct listener *listener, const struct sockaddr_storage *peer)
{
    struct address address;
    if (peer->ss_family == AF_INET)
        address = address_of_ipv4(&((const struct sockaddr_in *)peer)->sin_addr);
    else
        memcpy(address.bytes, &((const struct sockaddr_in6 *)peer)->sin6_addr, ADDRESS_BYTES);
    for (unsigned i = 0; i < listener->n_peers; i++) {
        if (memcmp(&listener->peers[i], &address, sizeof(address)) == 0)
            return true;
    }
    return false;
}

static enum listener_event accept_failed(const struct listener *listener, struct error *err)
{
    struct pollfd wait[] = { { listener->fd, POLLIN, 0 }, { listener->stop_fd, POLLIN, 0 } };
    int reason = errno;
    if (listener->stopped)
        return LISTENER_STOPPED;
    error_set(err, "accept: %s", strerror(reason));
    switch (reason) {
    case EINTR: /* a signal other than a stop: the caller may have to act */
        return LISTENER_IDLE;
    case EAGAIN: /* the receive time-out is over, or the socket is non-blocking */
        if (!listener->is_nonblocking || poll(wait, 2, listener->idle_ms) == 0)
            return LISTENER_IDLE;
        return LISTENER_AGAIN;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        (void)poll(&wait[1], 1, PAUSE_MS);
        return LISTENER_AGAIN;
    case EBADF:
    case EFAULT:
    case EINVAL:
    case ENOTSOCK:
    case EOPNOTSUPP:
        return LISTENER_FAILED;
    default: /* the connection was closed before it was accepted (accept(2)) */
        return LISTENER_AGAIN;
    }
}

/* Whether to wait again without returning to the caller. */
static bool is_nothing(enum listener_event event, int reason)
{
    return event == LISTENER_AGAIN && reason == EAGAIN;
}

enum listener_event listener_accept(struct listener *listener, int *connection, struct error *err)
{
    struct sockaddr_storage peer = { 0 };
    for (;;) {
        socklen_t len = sizeof(peer);
        bool asks = listener->only_listed_peers;
        int fd = accept4(listener->fd, asks ? (struct sockaddr *)&peer : NULL, asks ? &len : NULL,
                         SOCK_CLOEXEC);
        if (fd >= 0 && (!asks || is_listed(listener, &peer))) {
            *connection = fd;
            return LISTENER_ACCEPTED;
        }
        if (fd >= 0) {
            close(fd);
            error_set(err, "a connection from an address not in FCGI_WEB_SERVER_ADDRS");
            return LISTENER_AGAIN;
        }
        int reason = errno;
        enum listener_event event = accept_failed(listener, err);
        if (!is_nothing(event, reason))
            return event;
    }
}

enum listener_wait listener_wait(const struct listener *listener, int connection, int timeout_ms,
                                 bool heed_stop)
{
    struct pollfd wait[] = { { connection, POLLIN, 0 },
                             { heed_stop ? listener->stop_fd : -1, POLLIN, 0 } };
    int64_t end = timeout_ms < 0 ? -1 : monotonic_ms() + timeout_ms;
    for (;;) {
        int64_t left = end < 0 ? -1 : end - monotonic_ms();
        int ready = poll(wait, 2, end < 0 ? -1 : left < 0 ? 0 : (int)left);
        if (ready > 0)
            return wait[0].revents ? LISTENER_READABLE : LISTENER_WAS_STOPPED;
        if (ready == 0 || errno != EINTR)
            return LISTENER_SILENT;
    }
}
