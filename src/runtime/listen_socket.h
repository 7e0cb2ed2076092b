/* SPDX-License-Identifier: MIT */
/* The listening socket of the prefork parent. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/error.h"

struct listen_socket {
    int fd;         /* -1: none; close-on-exec */
    char path[108]; /* of a unix socket; else empty */
    dev_t device;   /* of the file that was made at `path` */
    ino_t inode;
};

/* Listens on
 *   unix:PATH[,mode=OCTAL][,group=NAME]  (default: mode 0660, the group of the process)
 *   tcp:PORT                             (on 127.0.0.1)
 *   tcp:HOST:PORT, tcp:[IPV6]:PORT
 * A socket file on which no process listens is replaced; any other file is not. */
bool listen_socket_open(struct listen_socket *listening, const char *where, struct error *err);

/* Takes over a socket that this process listened on as `where` before it executed another program.
 * False when `fd` is no listening socket; it is left open then. */
bool listen_socket_adopt(struct listen_socket *listening, const char *where, int fd);

/* Closes it, and removes its file if it is still the one that was made. */
void listen_socket_close(struct listen_socket *listening);
