/* SPDX-License-Identifier: MIT */
/* Where things lie in the local cache's memory. Private to local_cache*.c.
 *
 *   ┌─ head ────────────────────────────────────────────────────────────────────────────────────┐
 *   │ ready │ hash key │ claims: 1,024 words │ stripes: 64 × { changes, epoch }                 │
 *   ├─ class 0: slots of 224 bytes ─────────────────────────────────────────────────────────────┤
 *   │ sets:  one cache line each │ tag tag tag tag tag tag tag │ meta │                         │
 *   │ slots: seven for each set  │ sequence hash check epoch fresh keep lengths │ code record …  │
 *   ├─ class 1: of 384 ─ class 2: of 1,024 ─ class 3: of 8,320 bytes ────────────────────────────┤
 *   └───────────────────────────────────────────────────────────────────────────────────────────┘
 *
 * A code's hash says its stripe (which 64th of every class), and within that its set in each class.
 * The number of sets follows from the number of bytes alone: nothing read from the memory is ever
 * used as an offset or, unchecked, as a length.
 *
 * Reading takes no lock: a slot is copied, and counts if its sequence was even and the same before
 * and after, and if the copy's checksum, code and epoch are right.
 *
 * Writing is done by one process at a time in each stripe, under a lock of the kernel, which frees
 * it when its holder dies: a slot left with an odd sequence is then simply free. A writer that
 * stands still (SIGSTOP) with the lock held is not waited for: an author adds 1 to the stripe's
 * epoch, which ends all its records, also the one that is being written. */
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
    LOCAL_CLAIMS = 1024,
    LOCAL_KEY = 16,
};

struct local_stripe {
    uint64_t changes; /* authors' changes so far: what a ticket is compared with */
    uint64_t epoch;   /* records of other epochs are void */
};

struct local_head {
    alignas(64) uint64_t ready; /* 1 once the key is whole */
    unsigned char key[LOCAL_KEY];
    alignas(64) uint64_t claims[LOCAL_CLAIMS]; /* part of a hash, and when: see local_claims.c */
    struct local_stripe stripes[LOCAL_STRIPES];
};

/* Tags are hashes, 0 for an empty way. `meta`: bits 0-6, used since the hand came by; 8-15, the
 * hand. */
struct local_set {
    alignas(64) uint64_t tags[LOCAL_WAYS];
    uint64_t meta;
};

struct local_slot {
    uint64_t sequence; /* odd while it is written */
    uint64_t hash;
    uint64_t check; /* of all that follows, as far as the lengths say */
    uint64_t epoch;
    int64_t fresh_until_ms;
    int64_t keep_until_ms;
    uint16_t code_bytes;
    uint16_t record_bytes;
    uint32_t zero;
    unsigned char bytes[]; /* the code, then the record */
};

enum {
    LOCAL_SLOT_MAX = 8320,
};

static_assert(sizeof(struct local_slot) + CODE_MAX + CACHE_ENTRY_HEAD + 8000 <= LOCAL_SLOT_MAX,
              "the longest link has a place");

struct local_class {
    size_t slot_bytes;
    size_t sets_per_stripe;
    size_t sets_at;  /* offset of its sets */
    size_t slots_at; /* offset of its slots */
};

struct local_layout {
    struct local_class classes[LOCAL_CLASSES];
    size_t bytes; /* used of what was given */
};

struct local_cache {
    struct segment *segment; /* NULL: the memory is our own */
    unsigned char *base;
    size_t bytes;
    struct local_layout layout;
    unsigned char key[LOCAL_KEY];
    unsigned char scratch[LOCAL_SLOT_MAX]; /* a copy of the slot that is read, or to be written */
    struct arena *arena;                   /* of the record that is encoded or decoded */
};

static inline struct local_head *local_head_of(const struct local_cache *cache)
{
    return (struct local_head *)(void *)cache->base;
}

/* The keyed hash of a code; never 0. */
uint64_t local_hash(const struct local_cache *cache, struct slice code);

/* Divides `bytes` among the head and the classes. False when that is too little for one set a
 * stripe in each class. */
bool local_layout_of(size_t bytes, struct local_layout *out);
