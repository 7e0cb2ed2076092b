/* SPDX-License-Identifier: MIT */
/* A table, changed under a lock on a byte of its region. A slot is in use once its hash is set; the
 * hash is written last, so that a worker killed before that leaves the slot free. */
#include "shm/invalidation_queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"
#include "os/monotonic.h"
#include "shm/segment_layout.h"

enum {
    LOCK_BYTE = 1,
    LOCK_TRIES = 50, /* one per millisecond: a worker stopped while holding the lock does not block
                      * the others */
};

static_assert((int)INVALIDATIONS_MAX == (int)SEGMENT_INVALIDATION_SLOTS, "the table holds so many");
static_assert((int)CODE_MAX == (int)SEGMENT_INVALIDATION_CODE, "a code fits");

struct invalidation_queue {
    struct segment *segment;
    struct segment_invalidations *table;
};

struct invalidation_queue *invalidation_queue_open(struct segment *segment)
{
    struct invalidation_queue *invalidations = calloc(1, sizeof(*invalidations));
    if (invalidations) {
        invalidations->segment = segment;
        invalidations->table = segment_region(segment, SEGMENT_INVALIDATIONS);
    }
    return invalidations;
}

void invalidation_queue_close(struct invalidation_queue **invalidations)
{
    free(*invalidations);
    *invalidations = NULL;
}

static bool invalidation_queue_lock(const struct invalidation_queue *invalidations)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (segment_try_lock(invalidations->segment, SEGMENT_INVALIDATIONS, LOCK_BYTE))
            return true;
        monotonic_sleep_ms(1);
    }
    return false;
}

static void unlock(const struct invalidation_queue *invalidations)
{
    segment_unlock_byte(invalidations->segment, SEGMENT_INVALIDATIONS, LOCK_BYTE);
}

static bool is_slot_of(const struct segment_invalidation *slot, uint64_t hash, struct slice code)
{
    return slot->hash == hash && slot->len == code.len &&
           memcmp(slot->code, code.at, code.len) == 0;
}

/* The slot of the code, or a free one; NULL when there is neither. */
static struct segment_invalidation *invalidation_queue_find(struct segment_invalidations *table,
                                                            uint64_t hash, struct slice code)
{
    struct segment_invalidation *unused = NULL;
    for (unsigned i = 0; i < INVALIDATIONS_MAX; i++) {
        struct segment_invalidation *slot = &table->slots[i];
        if (slot->hash != 0 && is_slot_of(slot, hash, code))
            return slot;
        if (slot->hash == 0 && !unused)
            unused = slot;
    }
    return unused;
}

/* Adds `more` to the count. The count may be too high, but never too low, so that no code is
 * missed; a damaged count is set to the maximum, and corrected by the next
 * invalidation_queue_list. */
static void count(struct segment_invalidations *table, uint64_t more)
{
    uint64_t n = __atomic_load_n(&table->count, __ATOMIC_SEQ_CST) + more;
    bool is_sound = n > 0 && n <= INVALIDATIONS_MAX;
    __atomic_store_n(&table->count, is_sound ? n : INVALIDATIONS_MAX, __ATOMIC_SEQ_CST);
}

/* Fills a slot; the count is increased before the code is visible. */
static void invalidation_queue_take(struct segment_invalidations *table,
                                    struct segment_invalidation *slot, uint64_t hash,
                                    struct slice code)
{
    count(table, 1);
    memcpy(slot->code, code.at, code.len);
    slot->len = (uint8_t)code.len;
    __atomic_store_n(&slot->hash, hash, __ATOMIC_SEQ_CST);
}

static bool invalidation_queue_put(struct segment_invalidations *table, struct slice code,
                                   bool is_new)
{
    uint64_t hash = fnv1a_nonzero(code);
    struct segment_invalidation *slot = invalidation_queue_find(table, hash, code);
    bool is_there = slot && slot->hash != 0;
    if (!slot || (is_new && !is_there && table->count >= INVALIDATIONS_MAX / 2))
        return false;
    slot->generation++;
    slot->removed_ms = 0;
    if (is_there)
        count(table, 0);
    else
        invalidation_queue_take(table, slot, hash, code);
    return true;
}

bool invalidation_queue_add(struct invalidation_queue *invalidations, struct slice code,
                            bool is_new)
{
    struct segment_invalidations *table = invalidations->table;
    bool added = false;
    if (code.len > 0 && code.len <= CODE_MAX && invalidation_queue_lock(invalidations)) {
        added = invalidation_queue_put(table, code, is_new);
        unlock(invalidations);
    }
    if (!added && !is_new)
        __atomic_fetch_add(&table->lost, 1, __ATOMIC_SEQ_CST);
    return added;
}

bool invalidation_queue_has(const struct invalidation_queue *invalidations, struct slice code)
{
    const struct segment_invalidations *table = invalidations->table;
    if (invalidation_queue_count(invalidations) == 0)
        return false;
    uint64_t hash = fnv1a_nonzero(code);
    for (unsigned i = 0; i < INVALIDATIONS_MAX; i++) {
        if (__atomic_load_n(&table->slots[i].hash, __ATOMIC_RELAXED) == hash)
            return true;
    }
    return false;
}

size_t invalidation_queue_count(const struct invalidation_queue *invalidations)
{
    return __atomic_load_n(&invalidations->table->count, __ATOMIC_SEQ_CST);
}

uint64_t invalidation_queue_lost(const struct invalidation_queue *invalidations)
{
    return __atomic_load_n(&invalidations->table->lost, __ATOMIC_SEQ_CST);
}

static bool is_due(const struct segment_invalidation *slot, int64_t now_ms)
{
    return slot->hash != 0 && (slot->removed_ms == 0 ||
                               elapsed_ms(slot->removed_ms, now_ms) >= INVALIDATION_REPEAT_MS);
}

size_t invalidation_queue_list(struct invalidation_queue *invalidations, struct invalidation *out,
                               size_t max, int64_t now_ms)
{
    struct segment_invalidations *table = invalidations->table;
    size_t n = 0;
    uint64_t in_use = 0;
    if (!invalidation_queue_lock(invalidations))
        return 0;
    for (unsigned i = 0; i < INVALIDATIONS_MAX; i++) {
        const struct segment_invalidation *slot = &table->slots[i];
        in_use += slot->hash != 0;
        uint8_t len =
            __atomic_load_n(&slot->len, __ATOMIC_RELAXED); /* read once: checked, then used */
        if (n >= max || len > CODE_MAX || !is_due(slot, now_ms))
            continue;
        out[n] = (struct invalidation){ .slot = i, .generation = slot->generation, .len = len };
        memcpy(out[n++].bytes, slot->code, len);
    }
    __atomic_store_n(&table->count, in_use, __ATOMIC_SEQ_CST);
    unlock(invalidations);
    return n;
}

void invalidation_queue_removed(struct invalidation_queue *invalidations,
                                const struct invalidation *codes, size_t n, int64_t now_ms)
{
    struct segment_invalidations *table = invalidations->table;
    if (!invalidation_queue_lock(invalidations))
        return;
    for (size_t i = 0; i < n; i++) {
        struct segment_invalidation *slot = &table->slots[codes[i].slot];
        if (!codes[i].is_removed || slot->hash == 0 || slot->generation != codes[i].generation)
            continue;
        if (slot->removed_ms == 0) {
            slot->removed_ms = now_ms;
            continue;
        }
        __atomic_store_n(&slot->hash, 0, __ATOMIC_SEQ_CST);
        if (table->count > 0)
            __atomic_fetch_sub(&table->count, 1, __ATOMIC_SEQ_CST);
    }
    unlock(invalidations);
}
