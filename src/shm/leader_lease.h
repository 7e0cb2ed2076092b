/* SPDX-License-Identifier: MIT */
/* Leader election for the maintenance thread: one process per host holds the lease while it is
 * alive and makes progress.
 *
 * A kernel lock on a byte far beyond the end of the segment's file shows that the leader is alive:
 * the kernel releases it when the process ends. A heartbeat count in the segment's first page,
 * which the leader increases at each renewal, shows that it makes progress. A process that finds
 * the count unchanged at LEADER_LEASE_LOOKS of its own attempts in a row starts the next term,
 * whose lock is on the next byte, because a lock cannot be taken from a stopped process (SIGSTOP, a
 * debugger).
 *
 * So two leaders may work at the same time for a moment: a process that continues after a stop
 * works until its next renewal. The maintenance tasks must be correct in that case, and when a
 * leader is killed at any instruction and another continues. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shm/segment_layout.h"

enum {
    LEADER_LEASE_LOOKS = 15, /* attempts without a new heartbeat after which the leader is
                              * replaced */
};

/* Initialise it with { 0 }. Not to be shared by threads. */
struct leader_lease {
    struct segment_leader_lease *shared; /* mapped while this process holds the lease */
    uint64_t number;                     /* of the term that this process holds, or saw last */
    uint64_t heartbeats;                 /* the count that was seen last */
    unsigned looks;                      /* how many times in a row it was the same */
};

/* Tries to take the lease: succeeds if no process holds it, or if its holder makes no progress.
 * Call it about once a second. `fd` is the segment's file, open for reading and writing; its open
 * file description owns the lock, so it must stay open while the lease is held. When this returns
 * false, close `fd`, which releases any lock. */
bool leader_lease_take(struct leader_lease *lease, int fd);

/* Renews the lease; call it about once a second while it is held. False when another process has
 * taken it over. */
bool leader_lease_renew(struct leader_lease *lease);

/* Whether a process holds the lease, by the kernel lock alone; `fd` may be open for reading
 * only. */
bool leader_lease_is_held(int fd);

/* Unmaps the lease; closing the file then releases it. May be called when it is not held. */
void leader_lease_leave(struct leader_lease *lease);
