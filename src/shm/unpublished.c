/* SPDX-License-Identifier: MIT */
/* A table under a lock of its region. A slot is in use once its hash is set, which is written last,
 * so that a worker killed in the middle leaves a free one. */
#include "shm/unpublished.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fnv.h"
#include "os/monotonic.h"
#include "shm/segment_layout.h"

enum {
    LOCK_BYTE = 1,
    LOCK_TRIES =
        50, /* a millisecond each: a worker that was stopped with the lock stops no other */
};

static_assert((int)UNPUBLISHED_MAX == (int)SEGMENT_UNPUBLISHED_SLOTS, "the table holds so many");
static_assert((int)CODE_MAX == (int)SEGMENT_UNPUBLISHED_CODE, "a code fits");

struct unpublished {
    struct segment *segment;
    struct segment_unpublished *table;
};

struct unpublished *unpublished_open(struct segment *segment)
{
    struct unpublished *unpublished = calloc(1, sizeof(*unpublished));
    if (unpublished) {
        unpublished->segment = segment;
        unpublished->table = segment_region(segment, SEGMENT_UNPUBLISHED);
    }
    return unpublished;
}

void unpublished_close(struct unpublished **unpublished)
{
    free(*unpublished);
    *unpublished = NULL;
}

static bool lock(const struct unpublished *unpublished)
{
    const struct timespec moment = { .tv_nsec = 1000000 };
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (segment_try_lock(unpublished->segment, SEGMENT_UNPUBLISHED, LOCK_BYTE))
            return true;
        nanosleep(&moment, NULL);
    }
    return false;
}

static void unlock(const struct unpublished *unpublished)
{
    segment_unlock_byte(unpublished->segment, SEGMENT_UNPUBLISHED, LOCK_BYTE);
}

/* Never 0, which is a free slot's. */
static uint64_t hash_of(struct slice code)
{
    uint64_t hash = fnv1a(FNV1A_BASIS, code);
    return hash ? hash : 1;
}

static bool is_of(const struct segment_unpublished_slot *slot, uint64_t hash, struct slice code)
{
    return slot->hash == hash && slot->len == code.len &&
           memcmp(slot->code, code.at, code.len) == 0;
}

/* The slot of the code, or else a free one; NULL when there is neither. */
static struct segment_unpublished_slot *find(struct segment_unpublished *table, uint64_t hash,
                                             struct slice code)
{
    struct segment_unpublished_slot *unused = NULL;
    for (unsigned i = 0; i < UNPUBLISHED_MAX; i++) {
        struct segment_unpublished_slot *slot = &table->slots[i];
        if (slot->hash != 0 && is_of(slot, hash, code))
            return slot;
        if (slot->hash == 0 && !unused)
            unused = slot;
    }
    return unused;
}

/* The count may be too high, and never hides a code: also one that is damaged, which the next list
 * puts right. `more` is what comes to it. */
static void count(struct segment_unpublished *table, uint64_t more)
{
    uint64_t n = __atomic_load_n(&table->count, __ATOMIC_SEQ_CST) + more;
    bool is_sound = n > 0 && n <= UNPUBLISHED_MAX;
    __atomic_store_n(&table->count, is_sound ? n : UNPUBLISHED_MAX, __ATOMIC_SEQ_CST);
}

/* Counted before it is there. */
static void take(struct segment_unpublished *table, struct segment_unpublished_slot *slot,
                 uint64_t hash, struct slice code)
{
    count(table, 1);
    memcpy(slot->code, code.at, code.len);
    slot->len = (uint8_t)code.len;
    __atomic_store_n(&slot->hash, hash, __ATOMIC_SEQ_CST);
}

static bool add(struct segment_unpublished *table, struct slice code, bool is_new)
{
    uint64_t hash = hash_of(code);
    struct segment_unpublished_slot *slot = find(table, hash, code);
    bool is_there = slot && slot->hash != 0;
    if (!slot || (is_new && !is_there && table->count >= UNPUBLISHED_MAX / 2))
        return false;
    slot->generation++;
    slot->removed_ms = 0;
    if (is_there)
        count(table, 0);
    else
        take(table, slot, hash, code);
    return true;
}

bool unpublished_add(struct unpublished *unpublished, struct slice code, bool is_new)
{
    struct segment_unpublished *table = unpublished->table;
    bool added = false;
    if (code.len > 0 && code.len <= CODE_MAX && lock(unpublished)) {
        added = add(table, code, is_new);
        unlock(unpublished);
    }
    if (!added && !is_new)
        __atomic_fetch_add(&table->lost, 1, __ATOMIC_SEQ_CST);
    return added;
}

bool unpublished_has(const struct unpublished *unpublished, struct slice code)
{
    const struct segment_unpublished *table = unpublished->table;
    if (unpublished_count(unpublished) == 0)
        return false;
    uint64_t hash = hash_of(code);
    for (unsigned i = 0; i < UNPUBLISHED_MAX; i++) {
        if (__atomic_load_n(&table->slots[i].hash, __ATOMIC_RELAXED) == hash)
            return true;
    }
    return false;
}

size_t unpublished_count(const struct unpublished *unpublished)
{
    return __atomic_load_n(&unpublished->table->count, __ATOMIC_SEQ_CST);
}

uint64_t unpublished_lost(const struct unpublished *unpublished)
{
    return __atomic_load_n(&unpublished->table->lost, __ATOMIC_SEQ_CST);
}

static bool is_due(const struct segment_unpublished_slot *slot, int64_t now_ms)
{
    return slot->hash != 0 &&
           (slot->removed_ms == 0 || elapsed_ms(slot->removed_ms, now_ms) >= UNPUBLISHED_SETTLE_MS);
}

size_t unpublished_list(struct unpublished *unpublished, struct unpublished_code *out, size_t max,
                        int64_t now_ms)
{
    struct segment_unpublished *table = unpublished->table;
    size_t n = 0;
    uint64_t in_use = 0;
    if (!lock(unpublished))
        return 0;
    for (unsigned i = 0; i < UNPUBLISHED_MAX; i++) {
        const struct segment_unpublished_slot *slot = &table->slots[i];
        in_use += slot->hash != 0;
        uint8_t len =
            __atomic_load_n(&slot->len, __ATOMIC_RELAXED); /* once: it is looked at, then used */
        if (n >= max || len > CODE_MAX || !is_due(slot, now_ms))
            continue;
        out[n] = (struct unpublished_code){ .slot = i, .generation = slot->generation, .len = len };
        memcpy(out[n++].bytes, slot->code, len);
    }
    __atomic_store_n(&table->count, in_use, __ATOMIC_SEQ_CST);
    unlock(unpublished);
    return n;
}

void unpublished_removed(struct unpublished *unpublished, const struct unpublished_code *codes,
                         size_t n, int64_t now_ms)
{
    struct segment_unpublished *table = unpublished->table;
    if (!lock(unpublished))
        return;
    for (size_t i = 0; i < n; i++) {
        struct segment_unpublished_slot *slot = &table->slots[codes[i].slot];
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
    unlock(unpublished);
}
