/* SPDX-License-Identifier: MIT */
/* One memcached server, by libmemcached.
 *
 * It uses the text protocol: with `noreply` a command never has an answer (quiet commands of the
 * binary protocol have one when they fail), `gets` and `cas` suffice for publishing, and memcached
 * has deprecated the binary protocol.
 *
 * libmemcached skips a server only when it refuses the connection: a server that accepts and never
 * answers would cost every request a time-out, and the counters of failures are reset whenever a
 * connection is closed. So each server has a memcached_st of its own, which is freed on failure,
 * and a circuit breaker that all workers of the host share. */
#include "cache/memcached_server.h"

#include <stdlib.h>

#include <libmemcached/memcached.h>

#include "os/monotonic.h"

struct mc_server {
    struct mc_server_options options;
    memcached_st *connection;    /* NULL: not connected */
    memcached_result_st fetched; /* valid only with a connection */
    int64_t rest_until_ms;       /* not used until then, after a failure; 0: it has not failed */
    struct error trouble;
};

struct mc_server *mc_server_new(const struct mc_server_options *options)
{
    struct mc_server *server = calloc(1, sizeof(*server));
    if (server)
        server->options = *options;
    return server;
}

static void memcached_server_disconnect(struct mc_server *server)
{
    if (!server->connection)
        return;
    memcached_result_free(&server->fetched);
    memcached_free(server->connection);
    server->connection = NULL;
}

void mc_server_free(struct mc_server **server)
{
    if (!*server)
        return;
    memcached_server_disconnect(*server);
    free(*server);
    *server = NULL;
}

/* Creates a memcached_st with the time-outs of the options. libmemcached waits only in poll(2), but
 * its documentation recommends to set the send and receive time-outs as well. NULL when memory is
 * out. */
static memcached_st *memcached_server_create(const struct mc_server_options *options)
{
    const struct {
        memcached_behavior_t behavior;
        uint64_t value;
    } behaviors[] = {
        { MEMCACHED_BEHAVIOR_SUPPORT_CAS, 1 },
        { MEMCACHED_BEHAVIOR_TCP_NODELAY, 1 },
        { MEMCACHED_BEHAVIOR_CONNECT_TIMEOUT, options->connect_timeout_ms },
        { MEMCACHED_BEHAVIOR_POLL_TIMEOUT, options->timeout_ms },
        { MEMCACHED_BEHAVIOR_SND_TIMEOUT, (uint64_t)options->timeout_ms * 1000 },
        { MEMCACHED_BEHAVIOR_RCV_TIMEOUT, (uint64_t)options->timeout_ms * 1000 },
    };
    memcached_st *connection = memcached_create(NULL);
    for (size_t i = 0; connection && i < sizeof(behaviors) / sizeof(behaviors[0]); i++)
        memcached_behavior_set(connection, behaviors[i].behavior, behaviors[i].value);
    return connection;
}

/* Prepares a connection, which libmemcached makes at the first command. */
static memcached_return_t memcached_server_prepare(struct mc_server *server)
{
    const struct server_address *address = &server->options.address;
    memcached_st *connection = memcached_server_create(&server->options);
    if (!connection)
        return MEMCACHED_MEMORY_ALLOCATION_FAILURE;
    memcached_return_t rc = address->port
                                ? memcached_server_add(connection, address->host, address->port)
                                : memcached_server_add_unix_socket(connection, address->host);
    if (memcached_failed(rc)) {
        memcached_free(connection);
        return rc;
    }
    memcached_result_create(connection, &server->fetched);
    server->connection = connection;
    return MEMCACHED_SUCCESS;
}

/* Sends a `gets` and reads its answer into server->fetched. */
static memcached_return_t memcached_server_fetch(struct mc_server *server, struct slice key)
{
    const char *keys[] = { key.at };
    memcached_return_t rc = memcached_mget(server->connection, keys, &key.len, 1);
    if (memcached_failed(rc))
        return rc;
    if (!memcached_fetch_result(server->connection, &server->fetched, &rc)) {
        /* libmemcached returns "not found" for an answer that it cannot parse. */
        memcached_return_t last = memcached_last_error(server->connection);
        return last != MEMCACHED_SUCCESS ? last : rc == MEMCACHED_END ? MEMCACHED_NOTFOUND : rc;
    }
    struct slice got = { memcached_result_key_value(&server->fetched),
                         memcached_result_key_length(&server->fetched) };
    /* An answer for another key would redirect to another link. */
    return slice_eq(got, key) ? MEMCACHED_SUCCESS : MEMCACHED_PROTOCOL_ERROR;
}

static memcached_return_t add(memcached_st *connection, const struct mc_command *command)
{
    return memcached_add(connection, command->key.at, command->key.len, command->value.at,
                         command->value.len, (time_t)command->lifetime_s, 0);
}

static memcached_return_t perform(struct mc_server *server, const struct mc_command *command)
{
    memcached_st *connection = server->connection;
    memcached_return_t rc = MEMCACHED_FAILURE;
    switch (command->verb) {
    case MC_FETCH:
        return memcached_server_fetch(server, command->key);
    case MC_ADD:
        return add(connection, command);
    case MC_ADD_QUIET:
        memcached_behavior_set(connection, MEMCACHED_BEHAVIOR_NOREPLY, 1);
        rc = add(connection, command);
        memcached_behavior_set(connection, MEMCACHED_BEHAVIOR_NOREPLY, 0);
        return rc;
    case MC_CAS:
        return memcached_cas(connection, command->key.at, command->key.len, command->value.at,
                             command->value.len, (time_t)command->lifetime_s, 0, command->cas);
    case MC_DELETE:
        return memcached_delete(connection, command->key.at, command->key.len, 0);
    }
    return rc;
}

static enum mc_status memcached_server_status_of(memcached_return_t rc)
{
    switch (rc) {
    case MEMCACHED_SUCCESS:
        return MC_DONE;
    case MEMCACHED_NOTFOUND:
    case MEMCACHED_NOTSTORED:
    case MEMCACHED_DATA_EXISTS:
        return MC_NOT;
    case MEMCACHED_E2BIG:
    case MEMCACHED_SERVER_MEMORY_ALLOCATION_FAILURE:
        return MC_REFUSED;
    default:
        return MC_FAILED;
    }
}

static void describe(struct mc_server *server, memcached_return_t rc)
{
    int number = server->connection ? memcached_last_error_errno(server->connection) : 0;
    error_set(&server->trouble, "memcached %.*s: %s", SLICE_ARG(server->options.name),
              number ? strerror(number) : memcached_strerror(server->connection, rc));
}

static struct mc_reply reply_of(const struct mc_server *server, enum mc_verb verb,
                                enum mc_status status)
{
    if (verb != MC_FETCH || status != MC_DONE)
        return (struct mc_reply){ .status = status };
    const memcached_result_st *fetched = &server->fetched;
    struct slice value = { memcached_result_value(fetched), memcached_result_length(fetched) };
    return (struct mc_reply){ status, value, memcached_result_cas(fetched) };
}

/* Records a success. A command without an answer is no evidence: a hanging server accepts it,
 * too. */
static void note_answer(struct mc_server *server, enum mc_verb verb)
{
    if (verb == MC_ADD_QUIET)
        return;
    server->rest_until_ms = 0;
    breaker_report(server->options.breaker, true, monotonic_ms());
}

static void note_failure(struct mc_server *server)
{
    int64_t now_ms = monotonic_ms();
    server->rest_until_ms = now_ms + server->options.timeout_ms;
    breaker_report(server->options.breaker, false, now_ms);
}

struct mc_reply mc_server_run(struct mc_server *server, const struct mc_command *command)
{
    for (;;) {
        bool used = server->connection != NULL;
        memcached_return_t rc = used ? MEMCACHED_SUCCESS : memcached_server_prepare(server);
        if (rc == MEMCACHED_SUCCESS)
            rc = perform(server, command);
        enum mc_status status = memcached_server_status_of(rc);
        if (status == MC_REFUSED || status == MC_FAILED)
            describe(server, rc);
        if (status != MC_FAILED) {
            note_answer(server, command->verb);
            return reply_of(server, command->verb, status);
        }
        memcached_server_disconnect(server);
        if (!used || rc == MEMCACHED_TIMEOUT)
            break;
    }
    note_failure(server);
    return (struct mc_reply){ .status = MC_FAILED };
}

static bool rests(const struct mc_server *server, int64_t now_ms)
{
    return server->rest_until_ms != 0 && now_ms < server->rest_until_ms;
}

bool mc_server_allows(struct mc_server *server)
{
    int64_t now_ms = monotonic_ms();
    return !rests(server, now_ms) && breaker_allows(server->options.breaker, now_ms);
}

bool mc_server_is_in_use(struct mc_server *server)
{
    int64_t now_ms = monotonic_ms();
    return !rests(server, now_ms) &&
           breaker_state(server->options.breaker, now_ms) == BREAKER_CLOSED;
}

struct breaker mc_server_breaker(const struct mc_server *server)
{
    return server->options.breaker;
}

struct slice mc_server_name(const struct mc_server *server)
{
    return server->options.name;
}

const struct error *mc_server_trouble(const struct mc_server *server)
{
    return &server->trouble;
}
