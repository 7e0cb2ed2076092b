/* SPDX-License-Identifier: MIT */
/* Ids in the shared segment. A holder of the lock that is killed between any two stores may waste
 * ids, but no id is issued twice: an id is marked as used before it is returned, and a block can be
 * used only after both of its limits are stored. */
#include <string.h>

#include "shm/segment.h"
#include "shm/segment_layout.h"

/* A store that is not reordered with other stores. */
// NOLINTNEXTLINE(readability-non-const-parameter): the builtin does write
static void segment_ids_put(uint64_t *at, uint64_t value)
{
    __atomic_store_n(at, value, __ATOMIC_SEQ_CST);
}

static uint64_t left_in(const struct id_range *range)
{
    return range->next < range->limit ? range->limit - range->next : 0;
}

static struct segment_sequence *segment_ids_find(const struct segment *segment, const char *name)
{
    struct segment_ids *ids = segment_region(segment, SEGMENT_IDS);
    for (unsigned i = 0; name[0] && i < SEGMENT_SEQUENCES; i++) {
        if (strncmp(ids->sequences[i].name, name, sizeof(ids->sequences[i].name)) == 0)
            return &ids->sequences[i];
    }
    return NULL;
}

/* The sequence of that name, added if it is not there; NULL when there is no room. */
static struct segment_sequence *find_or_add(const struct segment *segment, const char *name)
{
    size_t len = strlen(name);
    struct segment_sequence *sequence = segment_ids_find(segment, name);
    if (sequence || len == 0 || len > SEQUENCE_NAME_MAX)
        return sequence;
    struct segment_ids *ids = segment_region(segment, SEGMENT_IDS);
    for (unsigned i = 0; i < SEGMENT_SEQUENCES; i++) {
        sequence = &ids->sequences[i];
        if (sequence->name[0])
            continue;
        /* The first byte is written last: until then the slot is free. */
        memset(sequence->name, 0, sizeof(sequence->name));
        memcpy(sequence->name + 1, name + 1, len - 1);
        __atomic_store_n(&sequence->name[0], name[0], __ATOMIC_SEQ_CST);
        return sequence;
    }
    return NULL;
}

/* Takes an id from the range with the lowest ids, so that ids are issued approximately in order. */
static bool segment_ids_take(struct segment_sequence *sequence, uint64_t *id, uint64_t *left)
{
    struct id_range *lowest = NULL;
    uint64_t total = 0;
    for (unsigned i = 0; i < SEGMENT_ID_RANGES; i++) {
        struct id_range *range = &sequence->ranges[i];
        if (left_in(range) > UINT64_MAX - total)
            total = UINT64_MAX;
        else
            total += left_in(range);
        if (left_in(range) && (!lowest || range->next < lowest->next))
            lowest = range;
    }
    *left = total ? total - 1 : 0;
    if (!lowest)
        return false;
    uint64_t next = lowest->next;
    segment_ids_put(&lowest->next, next + 1);
    *id = next;
    return true;
}

bool segment_id_take(struct segment *segment, const char *name, uint64_t *id, uint64_t *left)
{
    *left = 0;
    if (!segment_lock(segment, SEGMENT_IDS))
        return false;
    struct segment_sequence *sequence = segment_ids_find(segment, name);
    bool taken = sequence && segment_ids_take(sequence, id, left);
    segment_unlock(segment, SEGMENT_IDS);
    return taken;
}

/* Extends a block by the ids that follow it, with one store. */
static bool lengthen(struct segment_sequence *sequence, struct id_range range)
{
    for (unsigned i = 0; i < SEGMENT_ID_RANGES; i++) {
        struct id_range *at = &sequence->ranges[i];
        if (left_in(at) == 0 || at->limit != range.next)
            continue;
        segment_ids_put(&at->limit, range.limit);
        return true;
    }
    return false;
}

static bool add_range(struct segment_sequence *sequence, struct id_range range)
{
    if (lengthen(sequence, range))
        return true;
    for (unsigned i = 0; i < SEGMENT_ID_RANGES; i++) {
        struct id_range *at = &sequence->ranges[i];
        if (left_in(at))
            continue;
        /* The range is empty until the last of these stores. */
        segment_ids_put(&at->next, UINT64_MAX);
        segment_ids_put(&at->limit, range.limit);
        segment_ids_put(&at->next, range.next);
        return true;
    }
    return false;
}

bool segment_id_put(struct segment *segment, const char *name, struct id_range range)
{
    if (range.next >= range.limit || !segment_lock(segment, SEGMENT_IDS))
        return range.next >= range.limit;
    struct segment_sequence *sequence = find_or_add(segment, name);
    if (sequence && sequence->end < range.limit)
        segment_ids_put(&sequence->end, range.limit);
    bool added = sequence && add_range(sequence, range);
    if (sequence)
        sequence->fetch_at_ms = 0;
    segment_unlock(segment, SEGMENT_IDS);
    return added;
}

bool segment_id_fetch_begin(struct segment *segment, const char *name, int64_t now_ms,
                            int64_t patience_ms)
{
    if (!segment_lock(segment, SEGMENT_IDS))
        return true;
    struct segment_sequence *sequence = find_or_add(segment, name);
    /* A time in the future is damage: it is ignored. */
    bool waits = sequence && sequence->fetch_at_ms > 0 && sequence->fetch_at_ms <= now_ms &&
                 now_ms - sequence->fetch_at_ms < patience_ms;
    if (sequence && !waits)
        sequence->fetch_at_ms = now_ms;
    segment_unlock(segment, SEGMENT_IDS);
    return !waits;
}

struct segment_id_stock segment_id_stock(struct segment *segment, const char *name)
{
    struct segment_id_stock stock = { 0, SEGMENT_ID_RANGES };
    if (!segment_lock(segment, SEGMENT_IDS))
        return (struct segment_id_stock){ 0, 0 };
    const struct segment_sequence *sequence = segment_ids_find(segment, name);
    for (unsigned i = 0; sequence && i < SEGMENT_ID_RANGES; i++) {
        uint64_t left = left_in(&sequence->ranges[i]);
        stock.left = left > UINT64_MAX - stock.left ? UINT64_MAX : stock.left + left;
        stock.room -= left > 0;
    }
    segment_unlock(segment, SEGMENT_IDS);
    return stock;
}

uint64_t segment_id_end(const struct segment *segment, const char *name)
{
    const struct segment_sequence *sequence = segment_ids_find(segment, name);
    return sequence ? __atomic_load_n(&sequence->end, __ATOMIC_SEQ_CST) : 0;
}

void segment_id_drop(struct segment *segment, const char *name)
{
    if (!segment_lock(segment, SEGMENT_IDS))
        return;
    struct segment_sequence *sequence = segment_ids_find(segment, name);
    for (unsigned i = 0; sequence && i < SEGMENT_ID_RANGES; i++) {
        struct id_range *range = &sequence->ranges[i];
        if (left_in(range))
            segment_ids_put(&range->next, range->limit);
    }
    segment_unlock(segment, SEGMENT_IDS);
}
