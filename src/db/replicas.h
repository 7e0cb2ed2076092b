/* SPDX-License-Identifier: MIT */
/* Read replicas of the database, for redirects alone: what else is asked, and whatever a replica
 * does not know, is the primary's. A replica is asked when it is known not to be far behind; one of
 * which that is not known is never asked, since it might send visitors where a link no longer
 * leads. */
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

/* How a database is opened: db_sql_open, but for tests. */
typedef struct db *replicas_open_db(const struct sql_options *options);

/* The configuration says the first two. */
struct replicas_options {
    const char *servers;               /* comma-separated (server_address.h); empty: none */
    unsigned max_lag_ms;               /* one that is farther behind is not asked */
    const struct sql_options *primary; /* everything but host, port, socket and breaker is the same;
                                        * borrowed */
    struct breakers *breakers;         /* borrowed */
    struct replica_lags *lags;         /* borrowed */
    replicas_open_db *open_db;
};

struct replicas;

/* Connects to nothing yet. NULL with the reason. */
struct replicas *replicas_open(const struct replicas_options *options, struct error *err);

/* NULL is fine; sets *replicas to NULL. */
void replicas_close(struct replicas **replicas);

/* The target of `code` from one of the replicas, each in its turn. DB_OK: a replica has it, as it
 * was at most `max_lag_ms` (and the time since that was measured) ago. DB_MISSING: a replica does
 * not know it (yet). DB_UNAVAILABLE: none could be asked. After anything but DB_OK the primary is
 * asked.
 */
enum db_result replicas_resolve(struct replicas *replicas, struct slice code, struct arena *arena,
                                struct target *out, struct error *err);

/* Gives connections back that were not used for the configured idle time. NULL is fine. */
void replicas_close_idle(struct replicas *replicas, int64_t now_ms);

/* --- for the housekeeper --- */

/* How many there are; NULL has none. */
unsigned replicas_count(const struct replicas *replicas);

/* How to reach number `i`, with its breaker. */
const struct sql_options *replicas_server(const struct replicas *replicas, unsigned i);

/* Asks number `i` for its heartbeat, and remembers for all workers how far it is behind. That in
 * milliseconds, or -1 when it could not be told; `err` says why. */
int64_t replicas_measure(struct replicas *replicas, unsigned i, struct error *err);
