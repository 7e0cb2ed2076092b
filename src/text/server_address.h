/* SPDX-License-Identifier: MIT */
/* How the configuration names servers: "host", "host:port", "[v6]", "[v6]:port" or "unix:/path". */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

enum {
    SERVER_HOST_MAX = 255, /* bytes of a host name, or of a socket's path (which has fewer) */
};

/* What a list is of. */
struct server_kind {
    const char *noun;      /* for error texts: "memcached server" */
    uint16_t default_port; /* where none is given */
};

struct server_address {
    char host[SERVER_HOST_MAX + 1]; /* a name, an address without brackets, or a path */
    uint16_t port;                  /* 0: `host` is the path of a unix socket */
};

/* Reads one server. False, and why, for anything else. */
bool server_address_parse(struct slice text, const struct server_kind *kind,
                          struct server_address *out, struct error *err);

/* Takes the next server off a comma-separated list, spaces around it dropped. False when none is
 * left; an empty item is given as such. */
bool server_list_next(struct slice *list, struct slice *server);

/* How many items a list has; an empty list has none. */
size_t server_list_count(struct slice list);

/* Whether every byte of `s` is printable ASCII and no space. */
bool server_is_graph(struct slice s);
