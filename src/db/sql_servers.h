/* SPDX-License-Identifier: MIT */
/* The servers of a cluster, one of which a connection uses: the first that its circuit breaker
 * allows. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "shm/breaker.h"
#include "text/server_address.h"

enum {
    SQL_SERVERS_MAX = 8,
};

struct sql_server {
    struct server_address address;
    struct breaker breaker; /* "mysql ADDRESS" */
};

struct sql_servers {
    unsigned n;
    struct sql_server at[SQL_SERVERS_MAX]; /* in order of preference */
};

/* Reads a comma-separated list (server_address.h); NULL or empty: no servers. With `spread` the
 * order begins with another server in each process. False with the reason if it is no such list. */
bool sql_servers_read(struct sql_servers *out, const char *list, bool spread,
                      struct breakers *breakers, struct error *err);
