/* SPDX-License-Identifier: MIT */
/* The click ring: the functions for the flusher and for statistics. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "clicklog/click_ring.h"
#include "clicklog/click_ring_layout.h"

enum {
    LOOK_AT = 256, /* clicks that are read at once, into a buffer on the stack */
};

static_assert(CLICK_LANE_SLOTS % LOOK_AT == 0, "a piece never wraps around the end of a lane");

/* The number of clicks in [head, tail) of a lane, read by a process that is not its owner. */
static uint64_t waiting(const struct click_lane *lane, uint64_t *head)
{
    *head = __atomic_load_n(&lane->head, __ATOMIC_ACQUIRE);
    uint64_t tail = __atomic_load_n(&lane->tail, __ATOMIC_ACQUIRE);
    uint64_t n = tail > *head ? tail - *head : 0;
    return n < CLICK_LANE_SLOTS ? n : CLICK_LANE_SLOTS;
}

bool click_ring_flush_lock(struct click_ring *ring)
{
    return private_file_lock(ring->fd, CLICK_RING_FLUSH_LOCK);
}

void click_ring_flush_unlock(struct click_ring *ring)
{
    private_file_unlock(ring->fd, CLICK_RING_FLUSH_LOCK);
}

/* Reads with pread(2), not through a mapping: a truncated file is then an error and not a
 * SIGBUS. */
static bool read_slots(const struct click_ring *ring, off_t at, struct click_event *out, size_t n)
{
    char *to = (char *)out;
    size_t left = n * sizeof(*out);
    while (left) {
        ssize_t got = pread(ring->fd, to, left, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        at += got;
        left -= (size_t)got;
    }
    return true;
}

/* Reads the clicks [head, head + n) of a lane, in two parts where the lane wraps. */
static bool read_lane(const struct click_ring *ring, unsigned lane, uint64_t head,
                      struct click_event *out, size_t n)
{
    size_t first = head % CLICK_LANE_SLOTS;
    size_t before_end = CLICK_LANE_SLOTS - first;
    size_t part = n < before_end ? n : before_end;
    off_t at = click_ring_slots_at(lane) + (off_t)(first * sizeof(*out));
    return read_slots(ring, at, out, part) &&
           read_slots(ring, click_ring_slots_at(lane), out + part, n - part);
}

/* Removes the first `flushed` of `n` clicks, whose slots may have been overwritten while they were
 * read, and clicks without a link, which a crash of the machine may have left. */
static size_t keep_sound(struct click_event *events, size_t n, uint64_t flushed)
{
    size_t kept = 0;
    for (size_t i = flushed < n ? (size_t)flushed : n; i < n; i++) {
        if (events[i].link_id)
            events[kept++] = events[i];
    }
    return kept;
}

/* Collects the clicks of a lane, as many as fit; *more is set when some did not fit. */
static bool collect_lane(const struct click_ring *ring, unsigned lane, struct click_batch *batch,
                         bool *more)
{
    uint64_t head;
    uint64_t n = waiting(&ring->lanes[lane], &head);
    size_t room = batch->max - batch->n;
    *more = n > room;
    n = *more ? room : n;
    batch->after.heads[lane] = head + n;
    if (n == 0)
        return true;
    struct click_event *events = batch->events + batch->n;
    if (!read_lane(ring, lane, head, events, (size_t)n))
        return false;
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    uint64_t now = __atomic_load_n(&ring->lanes[lane].head, __ATOMIC_ACQUIRE);
    batch->n += keep_sound(events, (size_t)n, now > head ? now - head : 0);
    return true;
}

bool click_ring_collect(struct click_ring *ring, struct click_batch *batch, struct error *err)
{
    unsigned begin = ring->next_lane;
    bool stopped = false;
    batch->n = 0;
    for (unsigned i = 0; i < CLICK_LANES; i++) {
        unsigned lane = (begin + i) % CLICK_LANES;
        size_t before = batch->n;
        bool more;
        if (!collect_lane(ring, lane, batch, &more))
            return error_set(err, "read the click ring: %s", errno ? strerror(errno) : "cut short");
        if (more && !stopped) /* start with the next lane, so that a busy one does not starve the
                               * others */
            ring->next_lane = (lane + (batch->n > before)) % CLICK_LANES;
        stopped = stopped || more;
    }
    return true;
}

unsigned click_ring_repair(struct click_ring *ring)
{
    unsigned repaired = 0;
    for (unsigned i = 0; i < CLICK_LANES; i++) {
        struct click_lane *lane = &ring->lanes[i];
        uint64_t head = __atomic_load_n(&lane->head, __ATOMIC_RELAXED);
        uint64_t tail = __atomic_load_n(&lane->tail, __ATOMIC_ACQUIRE);
        if (tail <= head || tail - head <= CLICK_LANE_SLOTS)
            continue;
        /* Its owner, if there is one, finds the lane full and does not write the tail. */
        __atomic_store_n(&lane->tail, head, __ATOMIC_RELEASE);
        repaired++;
    }
    return repaired;
}

void click_ring_advance(struct click_ring *ring, const struct click_positions *positions)
{
    for (unsigned i = 0; i < CLICK_LANES; i++) {
        struct click_lane *lane = &ring->lanes[i];
        uint64_t head = __atomic_load_n(&lane->head, __ATOMIC_RELAXED);
        uint64_t tail = __atomic_load_n(&lane->tail, __ATOMIC_ACQUIRE);
        uint64_t to = positions->heads[i] < tail ? positions->heads[i] : tail;
        if (to > head)
            __atomic_store_n(&lane->head, to, __ATOMIC_RELEASE);
    }
}

struct slice click_positions_bytes(const struct click_positions *positions)
{
    size_t n = CLICK_LANES;
    while (n && positions->heads[n - 1] == 0)
        n--;
    return (struct slice){ (const char *)positions->heads, n * sizeof(positions->heads[0]) };
}

struct click_positions click_positions_read(struct slice bytes)
{
    struct click_positions positions = { { 0 } };
    if (bytes.len)
        memcpy(positions.heads, bytes.at,
               bytes.len < sizeof(positions.heads) ? bytes.len : sizeof(positions.heads));
    return positions;
}

struct click_positions click_ring_heads(const struct click_ring *ring)
{
    struct click_positions positions;
    for (unsigned i = 0; i < CLICK_LANES; i++)
        positions.heads[i] = __atomic_load_n(&ring->lanes[i].head, __ATOMIC_ACQUIRE);
    return positions;
}

/* The number of clicks in [*from, tail) of a lane; *from is advanced past clicks that are
 * overwritten already. */
static uint64_t still_there(const struct click_lane *lane, uint64_t *from)
{
    uint64_t tail = __atomic_load_n(&lane->tail, __ATOMIC_ACQUIRE);
    if (tail > CLICK_LANE_SLOTS && *from < tail - CLICK_LANE_SLOTS)
        *from = tail - CLICK_LANE_SLOTS;
    return tail > *from ? tail - *from : 0;
}

uint64_t click_ring_after(const struct click_ring *ring, const struct click_positions *from)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < CLICK_LANES; i++) {
        uint64_t head = from->heads[i];
        n += still_there(&ring->lanes[i], &head);
    }
    return n;
}

/* The first click of a lane that was certainly not being overwritten when it was read: the slots of
 * flushed clicks are reused. */
static uint64_t first_whole(const struct click_lane *lane)
{
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    uint64_t tail = __atomic_load_n(&lane->tail, __ATOMIC_ACQUIRE);
    uint64_t head = __atomic_load_n(&lane->head, __ATOMIC_ACQUIRE);
    uint64_t left = tail < CLICK_LANE_SLOTS ? 0 : tail - CLICK_LANE_SLOTS + 1;
    return left < head ? left : head;
}

/* The link whose clicks are searched, and the batch that they are added to. */
struct search {
    const struct click_ring *ring;
    uint64_t link_id;
    struct click_batch *out;
};

/* Adds the link's clicks among those from `at` to `end`, which are contiguous in the file. */
static bool find_in_piece(const struct search *search, unsigned lane, uint64_t at, uint64_t end)
{
    struct click_event events[LOOK_AT] = { 0 };
    struct click_batch *out = search->out;
    const off_t from = click_ring_slots_at(lane) + (off_t)(at % CLICK_LANE_SLOTS * sizeof(*events));
    if (!read_slots(search->ring, from, events, end - at))
        return false;
    uint64_t whole = first_whole(&search->ring->lanes[lane]);
    for (uint64_t i = whole > at ? whole : at; i < end && out->n < out->max; i++) {
        if (events[i - at].link_id == search->link_id)
            out->events[out->n++] = events[i - at];
    }
    return true;
}

static bool find_in_lane(const struct search *search, unsigned lane, uint64_t from)
{
    uint64_t n = still_there(&search->ring->lanes[lane], &from);
    uint64_t tail = from + n;
    for (uint64_t at = from; at < tail;) {
        uint64_t piece = LOOK_AT - at % LOOK_AT;
        uint64_t end = piece < tail - at ? at + piece : tail;
        if (!find_in_piece(search, lane, at, end))
            return false;
        at = end;
    }
    return true;
}

bool click_ring_find_link(const struct click_ring *ring, uint64_t link_id,
                          const struct click_positions *from, struct click_batch *out,
                          struct error *err)
{
    const struct search search = { ring, link_id, out };
    out->n = 0;
    for (unsigned lane = 0; lane < CLICK_LANES; lane++) {
        if (!find_in_lane(&search, lane, from->heads[lane]))
            return error_set(err, "read the click ring: %s", errno ? strerror(errno) : "cut short");
    }
    return true;
}

struct click_ring_level click_ring_level(const struct click_ring *ring)
{
    struct click_ring_level level = { 0 };
    for (unsigned i = 0; i < CLICK_LANES; i++) {
        uint64_t head;
        uint64_t n = waiting(&ring->lanes[i], &head);
        level.pending += n;
        level.half_full = level.half_full || n >= CLICK_LANE_SLOTS / 2;
    }
    return level;
}

void click_ring_tell_secret(struct click_ring *ring, const unsigned char secret[CLICK_SECRET_BYTES])
{
    struct click_ring_header *header = ring->header;
    uint64_t version = __atomic_load_n(&header->secret_version, __ATOMIC_RELAXED);
    bool whole = version && version % 2 == 0;
    if (whole && memcmp(header->secret, secret, CLICK_SECRET_BYTES) == 0)
        return;
    uint64_t writing = version | 1; /* also after a flusher was killed while writing */
    __atomic_store_n(&header->secret_version, writing, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    memcpy(header->secret, secret, CLICK_SECRET_BYTES);
    __atomic_store_n(&header->secret_version, writing + 1, __ATOMIC_RELEASE);
}
