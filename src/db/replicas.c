/* SPDX-License-Identifier: MIT */
/* Read replicas, used round-robin. */
#include "db/replicas.h"

#include <stdio.h>
#include <stdlib.h>

#include "os/monotonic.h"
#include "text/server_address.h"

static const struct server_kind REPLICA = { "replica", 3306 };

struct replica {
    struct server_address address;
    struct sql_options options;
    struct db *db;
};

struct replicas {
    unsigned max_lag_ms;
    struct replica_lags *lags;
    unsigned next; /* the replica that is tried first next time */
    unsigned n;
    struct replica at[REPLICAS_MAX];
};

static struct breaker breaker_of(struct breakers *breakers, struct slice server)
{
    char name[BREAKER_NAME_MAX + 1];
    snprintf(name, sizeof(name), "replica %.*s", SLICE_ARG(server));
    return breaker_find(breakers, slice_of(name));
}

static bool replicas_add(struct replicas *replicas, const struct replicas_options *options,
                         struct slice server, struct error *err)
{
    struct replica *replica = &replicas->at[replicas->n];
    if (!server_address_parse(server, &REPLICA, &replica->address, err))
        return false;
    const struct server_address *address = &replica->address;
    replica->options = *options->primary;
    replica->options.servers = NULL;
    replica->options.host = address->port ? address->host : NULL;
    replica->options.port = address->port;
    replica->options.socket = address->port ? NULL : address->host;
    replica->options.breaker = breaker_of(options->breakers, server);
    replica->options.writes = (struct breaker){ .all = NULL };
    replica->options.may_be_late = true;
    replica->db = db_open(&replica->options);
    if (!replica->db)
        return error_set(err, "out of memory");
    replicas->n++;
    return true;
}

struct replicas *replicas_open(const struct replicas_options *options, struct error *err)
{
    size_t n = server_list_count(slice_of(options->servers));
    if (n > REPLICAS_MAX) {
        error_set(err, "expected at most %d replicas, not %zu", REPLICAS_MAX, n);
        return NULL;
    }
    struct replicas *replicas = calloc(1, sizeof(*replicas));
    if (!replicas) {
        error_set(err, "out of memory");
        return NULL;
    }
    replicas->max_lag_ms = options->max_lag_ms;
    replicas->lags = options->lags;
    struct slice list = slice_of(options->servers);
    struct slice server;
    while (n-- > 0 && server_list_next(&list, &server)) {
        if (!replicas_add(replicas, options, server, err)) {
            replicas_close(&replicas);
            return NULL;
        }
    }
    return replicas;
}

void replicas_close(struct replicas **replicas)
{
    for (unsigned i = 0; i < replicas_count(*replicas); i++)
        db_close(&(*replicas)->at[i].db);
    free(*replicas);
    *replicas = NULL;
}

static bool is_close(const struct replicas *replicas, const struct replica *replica, int64_t now_ms)
{
    int64_t lag_ms = replica_lags_get(replicas->lags, replica->options.breaker, now_ms);
    return lag_ms >= 0 && lag_ms <= replicas->max_lag_ms;
}

enum db_result replicas_resolve(struct replicas *replicas, struct slice code, struct arena *arena,
                                struct target *out, struct error *err)
{
    int64_t now_ms = monotonic_ms();
    unsigned first = replicas->next++;
    for (unsigned i = 0; i < replicas->n; i++) {
        const struct replica *replica = &replicas->at[(first + i) % replicas->n];
        if (!is_close(replicas, replica, now_ms))
            continue;
        enum db_result result = db_resolve(replica->db, code, arena, out, err);
        if (result == DB_OK || result == DB_MISSING)
            return result;
    }
    return DB_UNAVAILABLE;
}

void replicas_close_idle(struct replicas *replicas, int64_t now_ms)
{
    for (unsigned i = 0; i < replicas_count(replicas); i++)
        db_close_idle(replicas->at[i].db, now_ms);
}

unsigned replicas_count(const struct replicas *replicas)
{
    return replicas ? replicas->n : 0;
}

const struct sql_options *replicas_server(const struct replicas *replicas, unsigned i)
{
    return &replicas->at[i].options;
}

int64_t replicas_measure(struct replicas *replicas, unsigned i, struct error *err)
{
    const struct replica *replica = &replicas->at[i];
    int64_t seen_ms = 0;
    if (db_heartbeat_read(replica->db, &seen_ms, err) != DB_OK)
        return -1;
    int64_t lag_ms =
        replica_lags_see(replicas->lags, replica->options.breaker, seen_ms, monotonic_ms());
    if (lag_ms < 0)
        error_set(err, "no heartbeat of the primary is known");
    return lag_ms;
}
