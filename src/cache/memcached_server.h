/* SPDX-License-Identifier: MIT */
/* One memcached server: the few commands that caching needs, and whether the server is left out for
 * now because it failed. memcached_server.c alone knows the vendor's library. */
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
    MC_ADD,       /* stores where nothing is */
    MC_ADD_QUIET, /* the same without waiting for an answer */
    MC_CAS,       /* stores where nothing has changed since the fetch that gave `cas` */
    MC_DELETE,
};

struct mc_command {
    enum mc_verb verb;
    struct slice key;
    struct slice value;
    int64_t lifetime_s; /* at most 30 days, longer ones would be read as a date */
    uint64_t cas;
};

enum mc_status {
    MC_DONE,
    MC_NOT,     /* nothing there (fetch, delete), something there (add), not the same (cas) */
    MC_REFUSED, /* too large, or the server has no memory for it */
    MC_FAILED,  /* no usable answer */
};

struct mc_reply {
    enum mc_status status;
    struct slice value; /* fetched; valid until the next command */
    uint64_t cas;       /* fetched */
};

/* Connects to nothing yet; NULL when memory is out. */
struct mc_server *mc_server_new(const struct mc_server_options *options);

/* Closes the connection. NULL is fine; sets *server to NULL. */
void mc_server_free(struct mc_server **server);

/* Runs a command, whether the server is left out or not, and tells its breaker how it went;
 * connects when needed. A connection that was lost since it was last used (the server was
 * restarted) is made anew once; after a time-out there is no second try, which would cost another.
 */
struct mc_reply mc_server_run(struct mc_server *server, const struct mc_command *command);

/* Whether to ask the server now: neither did it fail us less than a time-out ago, nor does its
 * breaker leave it out. Who is told so runs a command that waits for its answer. */
bool mc_server_allows(struct mc_server *server);

/* The same for a command that does not wait: while the breaker wants to see, it is false. */
bool mc_server_is_in_use(struct mc_server *server);

struct breaker mc_server_breaker(const struct mc_server *server);

struct slice mc_server_name(const struct mc_server *server);

/* What the last failure or refusal was; an empty text when there was none. */
const struct error *mc_server_trouble(const struct mc_server *server);
