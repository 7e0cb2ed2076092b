/* SPDX-License-Identifier: MIT */
/* Listening sockets for web servers that connect to us. */
#pragma once

#include "base/error.h"

/* Listens at "unix:PATH" (mode 0660; a socket that nobody listens at any more is removed first) or
 * "tcp:HOST:PORT", HOST a name, an IPv4 address or an IPv6 address in brackets. The descriptor, or
 * -1 with the reason. */
int listen_open(const char *where, struct error *err);

/* Closes what listen_open gave (-1 is fine) and removes the socket's file, if it has one. */
void listen_close(int fd, const char *where);
