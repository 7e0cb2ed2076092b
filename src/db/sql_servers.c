/* SPDX-License-Identifier: MIT */
/* Reads the list of a cluster's servers. */
#include "db/sql_servers.h"

#include <stdio.h>
#include <unistd.h>

static const struct server_kind SERVER = { "database server", 3306 };

static struct breaker sql_server_breaker(struct breakers *breakers, struct slice server)
{
    char name[BREAKER_NAME_MAX + 1];
    snprintf(name, sizeof(name), "mysql %.*s", SLICE_ARG(server));
    return breaker_find(breakers, slice_of(name));
}

bool sql_servers_read(struct sql_servers *out, const char *list, bool spread,
                      struct breakers *breakers, struct error *err)
{
    struct slice rest = slice_of(list ? list : "");
    struct slice server;
    size_t n = server_list_count(rest);
    *out = (struct sql_servers){ 0 };
    if (n > SQL_SERVERS_MAX)
        return error_set(err, "expected at most %d servers, not %zu", SQL_SERVERS_MAX, n);
    size_t first = spread && n > 0 ? (size_t)getpid() % n : 0;
    for (size_t i = 0; i < n && server_list_next(&rest, &server); i++) {
        struct sql_server *at = &out->at[(i + n - first) % n];
        if (!server_address_parse(server, &SERVER, &at->address, err))
            return false;
        at->breaker = sql_server_breaker(breakers, server);
    }
    out->n = (unsigned)n;
    return true;
}
