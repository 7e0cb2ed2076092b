/* SPDX-License-Identifier: MIT */
/* Read replicas of the database, used only for redirects. Everything else, and a code that a
 * replica does not have, is read from the primary. A replica is used only while its lag is known
 * and at most max_lag_ms, because a replica that is far behind would redirect visitors to old
 * targets. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "db/db.h"
#include "db/sql.h"
#include "shm/breaker.h"
#include "shm/replica_lag.h"

enum {
    REPLICAS_MAX = 8,
};

/* The first two are from the configuration. */
struct replicas_options {
    const char *servers;               /* comma-separated (server_address.h); empty: none */
    unsigned max_lag_ms;               /* a replica with a larger lag is not used */
    const struct sql_options *primary; /* all options except host, port, socket and breaker are
                                        * taken from it; borrowed */
    struct breakers *breakers;         /* borrowed */
    struct replica_lags *lags;         /* borrowed */
};

struct replicas;

/* Makes no connection yet. NULL with the reason on failure. */
struct replicas *replicas_open(const struct replicas_options *options, struct error *err);

/* Frees; sets *replicas to NULL. *replicas may be NULL. */
void replicas_close(struct replicas **replicas);

/* Reads the target of `code` from a replica (round-robin). DB_OK: the target is at most as old as
 * `max_lag_ms` and the time since the lag was measured. DB_MISSING: the replica does not have the
 * code (yet). DB_UNAVAILABLE: no replica was usable. After any result but DB_OK the caller must ask
 * the primary. */
enum db_result replicas_resolve(struct replicas *replicas, struct slice code, struct arena *arena,
                                struct target *out, struct error *err);

/* Closes connections that were not used for the configured idle time. `replicas` may be NULL. */
void replicas_close_idle(struct replicas *replicas, int64_t now_ms);

/* --- for the maintenance thread --- */

/* The number of replicas; 0 for NULL. */
unsigned replicas_count(const struct replicas *replicas);

/* The connection options of number `i`, with its breaker. */
const struct sql_options *replicas_server(const struct replicas *replicas, unsigned i);

/* Reads the heartbeat of number `i`, and stores its lag for all workers (shm/replica_lag.h).
 * Returns the lag in milliseconds, or -1 when it is unknown, with the reason in `err`. */
int64_t replicas_measure(struct replicas *replicas, unsigned i, struct error *err);
