/* SPDX-License-Identifier: MIT */
/* The click ring: a file that every worker of a host maps and appends its clicks to. One process at
 * a time, the flusher, reads them and stores them in the database. The ring outlives workers,
 * upgrades and the shared segment. A process may be killed at any instruction and leaves it
 * consistent: a click is stored completely or not at all. It must be on a local file system
 * (/dev/shm, /run). The layout is drawn in click_ring_layout.h.
 *
 * Each worker writes to a lane of its own, so that appending takes no lock. A struct click_ring is
 * for one thread, opened after any fork. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "click/event.h"
#include "os/private_file.h"

enum {
    CLICK_LANES = 256,       /* maximum number of workers with a lane on one host */
    CLICK_LANE_SLOTS = 8192, /* maximum of a worker's clicks that the flusher has not stored yet */
    CLICK_SOURCE_BYTES = 16, /* of the random id by which the database knows a ring or a spill
                              * file */
    CLICK_SECRET_BYTES = 32, /* of the secret for visitors' hashes (click/visitor_hash.h) */
};

struct click_ring;

/* Opens the ring at `path`, and creates the file if there is none. A ring of another version is
 * refused, never replaced, because it may contain clicks. */
enum private_file_result click_ring_open(const char *path, struct click_ring **out,
                                         struct error *err);

/* The same for a process that appends nothing: no file is created, and *out is NULL if there is
 * none. Root may open another user's ring. */
enum private_file_result click_ring_find(const char *path, struct click_ring **out,
                                         struct error *err);

/* Whether the ring is still the file at its path. If that file was removed, processes that open the
 * path use another ring, and the caller should reopen it. */
bool click_ring_is_current(const struct click_ring *ring);

/* Releases the lane and the flusher's lock, and unmaps. Clicks stay in the file. Sets *ring to
 * NULL; *ring may be NULL. */
void click_ring_close(struct click_ring **ring);

/* --- workers --- */

/* Takes a free lane, reserves its memory, and continues after the last click of its previous owner.
 * False when all lanes are taken or memory is out. */
bool click_ring_claim(struct click_ring *ring, struct error *err);

bool click_ring_has_lane(const struct click_ring *ring);

/* Appends a click to the lane. No lock, no system call, no allocation. False when the lane is full,
 * or when this process has none. */
bool click_ring_append(struct click_ring *ring, const struct click_event *event);

/* Reads the secret that the flusher stored last, so that workers need not ask the database. False
 * when none was stored yet, and while one is being written. If *version is already current, nothing
 * is copied; it is 0 at first. */
bool click_ring_secret(const struct click_ring *ring, uint64_t *version,
                       unsigned char out[CLICK_SECRET_BYTES]);

/* --- the flusher --- */

/* Takes the flusher's lock, which one process of the host has until it unlocks, closes the ring or
 * ends. Does not wait; false when another process has it. */
bool click_ring_flush_lock(struct click_ring *ring);
void click_ring_flush_unlock(struct click_ring *ring);

/* Stores the secret for the workers of the host; storing the same again changes nothing. Requires
 * the flusher's lock. */
void click_ring_tell_secret(struct click_ring *ring,
                            const unsigned char secret[CLICK_SECRET_BYTES]);

/* The ring's id (CLICK_SOURCE_BYTES): random, made when the file is created. */
const unsigned char *click_ring_source(const struct click_ring *ring);

/* The number of clicks that were read from each lane. Stored in the database as opaque bytes, which
 * only this host interprets. */
struct click_positions {
    uint64_t heads[CLICK_LANES];
};

/* Encodes positions and decodes them again; decoding is safe with any bytes. The encoding points
 * into `positions` and omits the unused lanes at its end. */
struct slice click_positions_bytes(const struct click_positions *positions);
struct click_positions click_positions_read(struct slice bytes);

/* A batch of clicks, lane by lane, in the order of arrival within a lane. */
struct click_batch {
    struct click_event *events; /* the caller's array of `max` elements */
    size_t max;
    size_t n;
    struct click_positions after; /* the positions after these clicks */
};

/* Copies up to `max` clicks and leaves them in the ring. If the ring has more, the next call
 * continues with the lane where this one stopped. Any process may call this at any time; without
 * the flusher's lock, clicks that are flushed meanwhile may be missing. False when reading
 * fails. */
bool click_ring_collect(struct click_ring *ring, struct click_batch *batch, struct error *err);

/* Empties damaged lanes, whose head and tail differ by more than CLICK_LANE_SLOTS, and returns
 * their number. No worker leaves a lane like that; its clicks cannot be recovered. Requires the
 * flusher's lock. */
unsigned click_ring_repair(struct click_ring *ring);

/* Frees the slots of the clicks before `positions`. Never moves a head backwards, or beyond the
 * tail. Requires the flusher's lock. */
void click_ring_advance(struct click_ring *ring, const struct click_positions *positions);

/* The positions of the flusher: the heads of all lanes. */
struct click_positions click_ring_heads(const struct click_ring *ring);

/* The number of clicks after `from`. */
uint64_t click_ring_after(const struct click_ring *ring, const struct click_positions *from);

/* Copies the clicks of a link after `from`, up to out->max, even if they are flushed meanwhile;
 * clicks are missing only if a worker fills its whole lane once during this call. Changes nothing
 * in the ring; out->after is not set. Any process may call this at any time. False when reading
 * fails. */
bool click_ring_find_link(const struct click_ring *ring, uint64_t link_id,
                          const struct click_positions *from, struct click_batch *out,
                          struct error *err);

/* The number of clicks in the ring, and whether one of its lanes is at least half full. */
struct click_ring_level {
    uint64_t pending;
    bool half_full;
};
struct click_ring_level click_ring_level(const struct click_ring *ring);
