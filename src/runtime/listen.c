/* SPDX-License-Identifier: MIT */
/* Opening unix and TCP sockets to listen at. */
#include "runtime/listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    BACKLOG = 1024, /* the system may lower it (net.core.somaxconn) */
    HOST_MAX = 256,
};

/* Whether somebody accepts connections at `address`. */
static bool is_alive(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return true;
    int failed = connect(fd, (const struct sockaddr *)address, sizeof(*address));
    bool alive = !failed || (errno != ECONNREFUSED && errno != ENOENT);
    close(fd);
    return alive;
}

static bool bind_unix(int fd, const struct sockaddr_un *address, struct error *err)
{
    const struct sockaddr *at = (const struct sockaddr *)address;
    mode_t before = umask(0117);
    int failed = bind(fd, at, sizeof(*address));
    if (failed && errno == EADDRINUSE && !is_alive(address) && unlink(address->sun_path) == 0)
        failed = bind(fd, at, sizeof(*address));
    int reason = errno;
    umask(before);
    if (failed)
        error_set(err, "%s: %s", address->sun_path, strerror(reason));
    return !failed;
}

static int open_unix(const char *path, struct error *err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof(address.sun_path)) {
        error_set(err, "the path of a unix socket has 1 to %zu bytes",
                  sizeof(address.sun_path) - 1);
        return -1;
    }
    memcpy(address.sun_path, path, len);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        error_set(err, "socket: %s", strerror(errno));
    if (fd < 0 || bind_unix(fd, &address, err))
        return fd;
    close(fd);
    return -1;
}

static int bind_first(const struct addrinfo *list, const char *where, struct error *err)
{
    for (const struct addrinfo *at = list; at; at = at->ai_next) {
        int on = 1;
        int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        if (fd < 0)
            continue;
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
        if (bind(fd, at->ai_addr, at->ai_addrlen) == 0)
            return fd;
        error_set(err, "%s: %s", where, strerror(errno));
        close(fd);
    }
    return -1;
}

static int open_tcp(const char *where, struct error *err)
{
    const char *colon = strrchr(where, ':');
    char host[HOST_MAX];
    size_t len = colon ? (size_t)(colon - where) : 0;
    if (len == 0 || len >= sizeof(host) || colon[1] == '\0') {
        error_set(err, "tcp:%s: this is not tcp:HOST:PORT", where);
        return -1;
    }
    bool bracketed = where[0] == '[' && where[len - 1] == ']';
    snprintf(host, sizeof(host), "%.*s", (int)(bracketed ? len - 2 : len), where + bracketed);
    const struct addrinfo hints = {
        .ai_flags = AI_PASSIVE,
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *list = NULL;
    int failed = getaddrinfo(host, colon + 1, &hints, &list);
    if (failed) {
        error_set(err, "tcp:%s: %s", where, gai_strerror(failed));
        return -1;
    }
    int fd = bind_first(list, where, err);
    freeaddrinfo(list);
    return fd;
}

int listen_open(const char *where, struct error *err)
{
    int fd = -1;
    if (strncmp(where, "unix:", 5) == 0)
        fd = open_unix(where + 5, err);
    else if (strncmp(where, "tcp:", 4) == 0)
        fd = open_tcp(where + 4, err);
    else
        error_set(err, "%s: listen at unix:PATH or tcp:HOST:PORT", where);
    if (fd >= 0 && listen(fd, BACKLOG) != 0) {
        error_set(err, "listen: %s", strerror(errno));
        close(fd);
        return -1;
    }
    return fd;
}

void listen_close(int fd, const char *where)
{
    if (fd < 0)
        return;
    if (strncmp(where, "unix:", 5) == 0)
        unlink(where + 5);
    close(fd);
}
