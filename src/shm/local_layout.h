/* SPDX-License-Identifier: MIT */
/* The memory layout of the local cache. Private to local_*.c.
 *
 *   ┌─ head ────────────────────────────────────────────────────────────────────────────────────┐
 *   │ ready │ hash key │ leases: 1,024 words │ stripes: 64 × { changes, epoch }                 │
 *   ├─ class 0: slots of 224 bytes ─────────────────────────────────────────────────────────────┤
 *   │ sets:  one cache line each │ tag tag tag tag tag tag tag │ meta │                         │
 *   │ slots: seven for each set  │ sequence hash check epoch fresh keep lengths │ code entry …   │
 *   ├─ class 1: of 384 ─ class 2: of 1,024 ─ class 3: of 8,320 bytes ────────────────────────────┤
 *   └───────────────────────────────────────────────────────────────────────────────────────────┘
 *
 * A code's hash selects its stripe (one 64th of every class) and, within the stripe, its set in
 * each class. The number of sets depends only on the number of bytes: nothing read from the shared
 * memory is used as an offset, or as a length without a check.
 *
 * Reading takes no lock: a slot is copied, and the copy is valid if its sequence was even and the
 * same before and after, and if its checksum, code and epoch are right.
 *
 * One process at a time writes to a stripe, under a kernel lock, which the kernel releases when its
 * holder dies: a slot left with an odd sequence is then free. No process waits long for a writer
 * that is stopped (SIGSTOP) while it holds the lock: after 10 ms a process that publishes a change
 * adds 1 to the stripe's epoch instead, which invalidates all entries of the stripe, including the
 * one that is being written. */
#pragma once

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/cache_entry.h"
#include "link/code.h"
#include "shm/local_cache.h"

enum {
    LOCAL_CLASSES = 4,
    LOCAL_WAYS = 7,
    LOCAL_STRIPES = 64,
    LOCAL_LEASES = 1024,
    LOCAL_KEY = 16,
};

struct local_stripe {
    uint64_t changes; /* published changes so far: compared with struct local_stamp */
    uint64_t epoch;   /* entries of other epochs are invalid */
};

struct local_head {
    alignas(64) uint64_t ready; /* 1 once the key is complete */
    unsigned char key[LOCAL_KEY];
    alignas(64) uint64_t leases[LOCAL_LEASES]; /* see local_leases.c */
    struct local_stripe stripes[LOCAL_STRIPES];
};

/* A tag is the hash of a code, or 0 for an empty way. `meta`, for the second-chance (clock)
 * replacement: bits 0-6, the way was used since the hand passed it; bits 8-15, the hand. */
struct local_set {
    alignas(64) uint64_t tags[LOCAL_WAYS];
    uint64_t meta;
};

struct local_slot {
    uint64_t sequence; /* odd while it is written */
    uint64_t hash;
    uint64_t check; /* checksum of what follows, up to the end of the entry */
    uint64_t epoch;
    int64_t fresh_until_ms;
    int64_t keep_until_ms;
    uint16_t code_bytes;
    uint16_t record_bytes;
    uint32_t zero;
    unsigned char bytes[]; /* the code, then the encoded entry */
};

enum {
    LOCAL_SLOT_MAX = 8320,
};

static_assert(sizeof(struct local_slot) + CODE_MAX + CACHE_ENTRY_HEAD + 8000 <= LOCAL_SLOT_MAX,
              "the longest link fits a slot");

struct local_class {
    size_t slot_bytes;
    size_t sets_per_stripe;
    size_t sets_at;  /* offset of the class's sets */
    size_t slots_at; /* offset of the class's slots */
};

struct local_layout {
    struct local_class classes[LOCAL_CLASSES];
    size_t bytes; /* bytes used of those given */
};

struct local_cache {
    struct segment *segment; /* NULL: the memory is private to this process */
    unsigned char *base;
    size_t bytes;
    struct local_layout layout;
    unsigned char key[LOCAL_KEY];
    unsigned char scratch[LOCAL_SLOT_MAX]; /* a copy of the slot that is read or will be written */
    struct arena *arena;                   /* for encoding and decoding an entry */
};

static inline struct local_head *local_head_of(const struct local_cache *cache)
{
    return (struct local_head *)(void *)cache->base;
}

/* The keyed hash of a code; never 0. */
uint64_t local_hash(const struct local_cache *cache, struct slice code);

/* Divides `bytes` among the head and the classes. False when they are too few for one set per
 * stripe in each class. */
bool local_layout_of(size_t bytes, struct local_layout *out);
