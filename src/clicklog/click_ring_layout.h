/* SPDX-License-Identifier: MIT */
/* The layout of the click ring. Private to click_ring*.c and their tests.
 *
 *   page 0      ┌───────────────────────────────────────────────────────────────┐
 *               │ magic │ version │ lanes │ slots │ bytes of a click │ source   │
 *               │ version of the secret │ secret                                │
 *   page 1 …    ├───────────────────────────────────────────────────────────────┤
 *               │ lane 0: head (the flusher's)  │ tail (the worker's)           │
 *               │ …                     a cache line each                       │
 *               │ lane 255                                                      │
 *   page 9 …    ├───────────────────────────────────────────────────────────────┤
 *               │ slots of lane 0: 8,192 clicks of 96 bytes                     │
 *               │ …       (a hole in the file until a worker takes the lane)    │
 *               │ slots of lane 255                                             │
 *               └───────────────────────────────────────────────────────────────┘
 *
 * Head and tail count clicks and never wrap; click `n` is in slot n % 8,192. Those in [head, tail)
 * are not flushed yet. The worker writes a slot and then advances the tail; the flusher advances
 * the head when the clicks are stored in the database.
 *
 * Locks of the open file description: on byte 0 while the file is created; on byte 1 by the
 * flusher; on byte CLICK_RING_LANE_LOCKS + n, beyond the end of the file, by the owner of lane
 * n. */
#pragma once

#include <stdalign.h>
#include <sys/types.h>

#include "clicklog/click_ring.h"

enum {
    CLICK_RING_VERSION = 1,
    CLICK_RING_PAGE = 4096,
    CLICK_RING_MAKE_LOCK = 0,
    CLICK_RING_FLUSH_LOCK = 1,
    CLICK_RING_NO_LANE = CLICK_LANES,
};

#define CLICK_RING_LANE_LOCKS (INT64_C(1) << 40)

struct click_ring_header {
    char magic[8];
    uint32_t version;
    uint32_t lanes;
    uint32_t slots;
    uint32_t event_bytes;
    unsigned char source[CLICK_SOURCE_BYTES];
    uint64_t secret_version; /* odd while the secret is being written; 0: there is none */
    unsigned char secret[CLICK_SECRET_BYTES];
};

struct click_lane {
    alignas(64) uint64_t head;
    alignas(64) uint64_t tail;
};

#define CLICK_LANE_BYTES  ((size_t)CLICK_LANE_SLOTS * sizeof(struct click_event))
#define CLICK_TABLE_BYTES (CLICK_RING_PAGE + CLICK_LANES * sizeof(struct click_lane))
#define CLICK_RING_BYTES  (CLICK_TABLE_BYTES + CLICK_LANES * CLICK_LANE_BYTES)

static_assert(CLICK_TABLE_BYTES % CLICK_RING_PAGE == 0, "lanes begin on a page");
static_assert(CLICK_LANE_BYTES % CLICK_RING_PAGE == 0, "lanes begin on a page");

struct click_ring {
    int fd;
    char *path;
    unsigned lane;      /* the lane of this process; CLICK_RING_NO_LANE: none */
    unsigned next_lane; /* where the next click_ring_collect starts */
    struct click_ring_header *header;
    struct click_lane *lanes;
    struct click_event *slots; /* of the lane of this process */
};

/* The offset of a lane's slots in the file. */
static inline off_t click_ring_slots_at(unsigned lane)
{
    return (off_t)(CLICK_TABLE_BYTES + lane * CLICK_LANE_BYTES);
}
