/* SPDX-License-Identifier: MIT */
/* The click ring: a file that every worker of a host maps and appends its clicks to, and from which
 * one process at a time, the flusher, takes them to the database. It outlives workers, their
 * upgrades and the shared segment; a process may be killed at any instruction and leaves it sound:
 * a click is in it whole or not at all. It has to be on a file system of the host itself (/dev/shm,
 * /run). The layout is drawn in click_ring_layout.h.
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
    CLICK_LANES = 256,       /* workers of one host */
    CLICK_LANE_SLOTS = 8192, /* clicks of one worker that wait for the flusher */
    CLICK_SOURCE_BYTES = 16, /* of what the database knows a ring or a spill file by */
    CLICK_SECRET_BYTES = 32, /* of what visitors' hashes are keyed with */
};

struct click_ring;

/* Opens the ring at `path`, making it first where there is none. A ring of another version is
 * refused, never replaced: there may be clicks in it. */
enum private_file_result click_ring_open(const char *path, struct click_ring **out,
                                         struct error *err);

/* The same for who has nothing to append: no file is made, and *out is NULL where there is none.
 * Root may open another user's. */
enum private_file_result click_ring_find(const char *path, struct click_ring **out,
                                         struct error *err);

/* Whether the ring is still the file at its path. It is not once somebody has removed that, and who
 * opens the path then has another ring: whoever has this one open should go there, too. */
bool click_ring_is_current(const struct click_ring *ring);

/* Gives back the lane and the flusher's lock. What was appended stays. NULL is fine; sets *ring to
 * NULL. */
void click_ring_close(struct click_ring **ring);

/* --- workers --- */

/* Takes a lane of its own, reserves its memory, and goes on where its last owner ended. False when
 * all lanes are taken or there is no memory. */
bool click_ring_claim(struct click_ring *ring, struct error *err);

bool click_ring_has_lane(const struct click_ring *ring);

/* Appends a click to the lane. Takes no lock, makes no system call, allocates nothing. False when
 * the lane is full, or none was claimed. */
bool click_ring_append(struct click_ring *ring, const struct click_event *event);

/* What the flusher told last, which is how workers get to know it without asking the database.
 * False as long as nobody has, or while somebody does. A `*version` that is the current one already
 * spares the copy; at first it is 0. */
bool click_ring_secret(const struct click_ring *ring, uint64_t *version,
                       unsigned char out[CLICK_SECRET_BYTES]);

/* --- the flusher --- */

/* Becomes the one flusher of the host, until unlocked, closed or killed. Does not wait. */
bool click_ring_flush_lock(struct click_ring *ring);
void click_ring_flush_unlock(struct click_ring *ring);

/* Tells the workers of the host the secret; the same again changes nothing. Needs the lock. */
void click_ring_tell_secret(struct click_ring *ring,
                            const unsigned char secret[CLICK_SECRET_BYTES]);

/* Random, made with the file. */
const unsigned char *click_ring_source(const struct click_ring *ring);

/* How far each lane has been read. What is stored of it is for this host alone. */
struct click_positions {
    uint64_t heads[CLICK_LANES];
};

/* What click_positions are stored as, and back: whatever the bytes are. The bytes are `positions`
 * itself; lanes that were never used need none. */
struct slice click_positions_bytes(const struct click_positions *positions);
struct click_positions click_positions_read(struct slice bytes);

/* Some clicks, lane by lane, each in the order of its clicks. */
struct click_batch {
    struct click_event *events; /* room for `max`; the caller's */
    size_t max;
    size_t n;
    struct click_positions after; /* where a reader is that has read them */
};

/* Copies up to `max` clicks and leaves them in the ring. A ring that holds more is gone through
 * lane by lane, each call beginning where the last one stopped. Anybody may do this at any time;
 * without the flusher's lock what is flushed meanwhile may be missing. False when reading fails. */
bool click_ring_collect(struct click_ring *ring, struct click_batch *batch, struct error *err);

/* Empties the lanes that say that they hold more than CLICK_LANE_SLOTS clicks, and returns how many
 * those were. No worker leaves a lane so: what is in it is not known, and reading it would not end.
 * Needs the flusher's lock. */
unsigned click_ring_repair(struct click_ring *ring);

/* Frees the slots of what has been read; never goes back, nor beyond what was appended. Needs the
 * flusher's lock. */
void click_ring_advance(struct click_ring *ring, const struct click_positions *positions);

/* How far the flusher has come. */
struct click_positions click_ring_heads(const struct click_ring *ring);

/* How many clicks come after `from`. */
uint64_t click_ring_after(const struct click_ring *ring, const struct click_positions *from);

/* Copies the clicks of a link, up to out->max, that come after `from`, even if they are flushed
 * meanwhile (only a worker that goes once around its lane while this reads takes some away).
 * Changes nothing; out->after is left alone. Anybody may do this at any time. False when reading
 * fails. */
bool click_ring_find_link(const struct click_ring *ring, uint64_t link_id,
                          const struct click_positions *from, struct click_batch *out,
                          struct error *err);

/* How many clicks are in the ring, and whether one of its lanes is at least half full. */
struct click_ring_level {
    uint64_t pending;
    bool half_full;
};
struct click_ring_level click_ring_level(const struct click_ring *ring);
