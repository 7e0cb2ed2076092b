/* SPDX-License-Identifier: MIT */
/* How far each replica is behind the primary, for all workers of the host: measured by the
 * housekeeper, which writes a heartbeat into the primary and looks what has arrived at the replicas
 * half its period later. No clock of the host is compared with one of a server. */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "shm/breaker.h"
#include "shm/segment.h"

enum {
    REPLICA_BEAT_MS = 1000,       /* between two heartbeats */
    REPLICA_LAG_KNOWN_MS = 5000,  /* so long a measurement counts */
    REPLICA_LAG_MAX_MS = 1 << 22, /* 70 minutes; what is longer is taken for this */
};

struct replica_lags;

/* In the segment's region (borrowed), or with NULL in memory of this process, where nobody measures
 * anything. NULL with the reason when there is no memory. */
struct replica_lags *replica_lags_open(struct segment *segment, struct error *err);

/* NULL is fine; sets *lags to NULL. */
void replica_lags_close(struct replica_lags **lags);

/* A heartbeat of `beat_ms` (the primary's clock) was written at `now_ms` (monotonic). */
void replica_lags_beat(struct replica_lags *lags, int64_t beat_ms, int64_t now_ms);

/* At `now_ms` the replica of this breaker had the heartbeat `seen_ms`. Remembers and returns how
 * many milliseconds it is behind: 0 when it has the last heartbeat, else how long ago the first one
 * that it misses was written. While the primary is away, and nothing new is written there, it does
 * not fall behind. -1, and nothing is remembered, when no heartbeat is known to compare with, or
 * the breaker has no slot. */
int64_t replica_lags_see(struct replica_lags *lags, struct breaker replica, int64_t seen_ms,
                         int64_t now_ms);

/* What is known of it: milliseconds, or -1 when nothing, or nothing new for
 * REPLICA_LAG_KNOWN_MS. */
int64_t replica_lags_get(const struct replica_lags *lags, struct breaker replica, int64_t now_ms);
