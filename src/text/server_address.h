/* SPDX-License-Identifier: MIT */
/* Addresses of servers in the configuration: "host", "host:port", "[v6]", "[v6]:port" or
 * "unix:/path". */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

enum {
    SERVER_HOST_MAX = 255, /* bytes of a host name or a socket's path (at most 107) */
};

/* The kind of server that a list names. */
struct server_kind {
    const char *noun;      /* for error texts: "memcached server" */
    uint16_t default_port; /* used when none is given */
};

struct server_address {
    char host[SERVER_HOST_MAX + 1]; /* a host name, an address without brackets, or a path */
    uint16_t port;                  /* 0: `host` is the path of a unix socket */
};

/* Parses one server. False with the reason for anything else. */
bool server_address_parse(struct slice text, const struct server_kind *kind,
                          struct server_address *out, struct error *err);

/* Removes the next item from a comma-separated list, without the spaces around it. False when the
 * list is empty. An empty item is returned as an empty slice. */
bool server_list_next(struct slice *list, struct slice *server);

/* The number of items of a list; 0 for an empty list. */
size_t server_list_count(struct slice list);
