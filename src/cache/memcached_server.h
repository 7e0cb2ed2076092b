/* SPDX-License-Identifier: MIT */
/* One memcached server: the commands that caching needs, and whether the server is usable or has
 * failed recently. Only memcached_server.c uses libmemcached. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "cache/memcached_place.h"
#include "shm/breaker.h"

struct mc_server;

struct mc_server_options {
    struct slice name; /* as configured; borrowed */
    struct server_address address;
    unsigned connect_timeout_ms;
    unsigned timeout_ms;
    struct breaker breaker;
};

enum mc_verb {
    MC_FETCH,
    MC_ADD,       /* stores if there is no value */
    MC_ADD_QUIET, /* the same without waiting for an answer */
    MC_CAS,       /* stores if the value has not changed since the fetch that returned `cas` */
    MC_DELETE,
};

struct mc_command {
    enum mc_verb verb;
    struct slice key;
    struct slice value;
    int64_t lifetime_s; /* at most 30 days; memcached reads a larger number as a date */
    uint64_t cas;
};

enum mc_status {
    MC_DONE,
    MC_NOT,     /* no value (fetch, delete), a value exists (add), the value has changed or is gone
                 * (cas) */
    MC_REFUSED, /* too large, or the server has no memory for it */
    MC_FAILED,  /* no usable answer */
};

struct mc_reply {
    enum mc_status status;
    struct slice value; /* of MC_FETCH; valid until the next command */
    uint64_t cas;       /* of MC_FETCH */
};

/* Makes no connection yet; NULL when memory is out. */
struct mc_server *mc_server_new(const struct mc_server_options *options);

/* Closes the connection and frees; sets *server to NULL. *server may be NULL. */
void mc_server_free(struct mc_server **server);

/* Runs a command, even if the server is not usable, and reports the result to its breaker; connects
 * if necessary. If a connection that was open before is lost (the server was restarted), it
 * connects and tries once more; not after a time-out, because that would wait for another. */
struct mc_reply mc_server_run(struct mc_server *server, const struct mc_command *command);

/* Whether the server may be used now: it has not failed within the last time-out, and its breaker
 * allows it. After true the caller must run a command that waits for its answer. */
bool mc_server_allows(struct mc_server *server);

/* The same for MC_ADD_QUIET, which does not wait for an answer: false unless the breaker is
 * closed. */
bool mc_server_is_in_use(struct mc_server *server);

struct breaker mc_server_breaker(const struct mc_server *server);

struct slice mc_server_name(const struct mc_server *server);

/* The text of the last failure or refusal; empty when there was none. */
const struct error *mc_server_trouble(const struct mc_server *server);
