/* SPDX-License-Identifier: MIT */
/* The replication lag of each replica, shared by all workers of the host. The maintenance thread
 * measures it: it writes a heartbeat to the primary, and half a period later reads which heartbeat
 * has reached each replica. Clocks of the host are never compared with clocks of a server. */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "shm/breaker.h"
#include "shm/segment.h"

enum {
    REPLICA_BEAT_MS = 1000,       /* the period of heartbeats */
    REPLICA_LAG_KNOWN_MS = 5000,  /* how long a measurement is valid */
    REPLICA_LAG_MAX_MS = 1 << 22, /* 70 minutes; a longer lag is stored as this one */
};

struct replica_lags;

/* The lags in `segment` (borrowed), or in memory of this process when it is NULL; then no lag is
 * known unless this process measures it. NULL with the reason when memory is out. */
struct replica_lags *replica_lags_open(struct segment *segment, struct error *err);

/* Frees; sets *lags to NULL. *lags may be NULL. */
void replica_lags_close(struct replica_lags **lags);

/* Records that the heartbeat `beat_ms` (the primary's clock) was written at `now_ms`
 * (monotonic). */
void replica_lags_beat(struct replica_lags *lags, int64_t beat_ms, int64_t now_ms);

/* Records that the replica of this breaker had the heartbeat `seen_ms` at `now_ms`. Stores and
 * returns its lag in milliseconds: 0 when it has the last heartbeat, otherwise the time since the
 * first heartbeat that it lacks was written. While the primary is unavailable, and no new heartbeat
 * is written, the lag does not grow. Returns -1 and stores nothing when no heartbeat was written
 * yet, or the breaker has no slot. */
int64_t replica_lags_see(struct replica_lags *lags, struct breaker replica, int64_t seen_ms,
                         int64_t now_ms);

/* The last measured lag in milliseconds, or -1 when there is no measurement of the last
 * REPLICA_LAG_KNOWN_MS. */
int64_t replica_lags_get(const struct replica_lags *lags, struct breaker replica, int64_t now_ms);
