/* SPDX-License-Identifier: MIT */
/* Whose turn it is to keep a host's house: one process's, as long as it lives and moves.
 *
 * A lock of the kernel on a byte far behind the end of the segment's file tells that it lives: it
 * is free as soon as the process ends, whatever way. That it moves is told by a count in the
 * segment's first page, which it adds to each time it looks. Who sees that count stand still for
 * LEADER_LEASE_LOOKS looks of its own begins the next turn, which is locked at the next byte:
 * nobody can take a lock from a process that stands still (SIGSTOP, a debugger).
 *
 * So for a moment two may be at work: the one that went on after having stood still works until it
 * looks the next time. What a housekeeper does has to be sound then, as it has to be when it is
 * killed at any instruction and another begins. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "shm/segment_layout.h"

enum {
    LEADER_LEASE_LOOKS = 15, /* one that stands still for so many is passed over */
};

/* Begin with { 0 }. Not to be shared by threads. */
struct leader_lease {
    struct segment_leader_lease *shared; /* mapped while it is ours */
    uint64_t number;                     /* of the turn that is ours, or that was looked at last */
    uint64_t heartbeats;                 /* what was seen there, */
    unsigned looks;                      /* so many times in a row */
};

/* Takes the turn if nobody has it, or whoever has it stands still. To be called about once a
 * second, with `fd` open on the segment's file to read and write; it is the description that has
 * the lock, so that it stays open while the turn is ours. When false, nothing is locked by `fd`
 * once that is closed. */
bool leader_lease_take(struct leader_lease *lease, int fd);

/* To be called about once a second by who has it. False when it has been passed over: the turn is
 * another's. */
bool leader_lease_renew(struct leader_lease *lease);

/* Whether somebody has the turn, by the kernel's lock alone; `fd` may be open to read only. */
bool leader_lease_is_held(int fd);

/* Forgets it; closing the file gives it back. Fine when it is not ours. */
void leader_lease_leave(struct leader_lease *lease);
