/* SPDX-License-Identifier: MIT */
/* Values are found through a small hash table of their indexes, because a batch may have tens of
 * thousands of clicks of one link. */
#include "click/breakdown.h"

#include <assert.h>
#include <stdlib.h>

#include "base/fnv.h"

enum {
    FIRST_ROOM = 8,
    SLOTS = 512, /* a slot is 0, or 1 + the index of a value */
};

static_assert(CLICK_VALUES_MAX <= UINT8_MAX, "a slot holds any number");
static_assert(CLICK_VALUES_MAX * 2 <= SLOTS, "there are always free slots");

/* FNV-1a. Values chosen to collide slow a look-up down to a linear search of at most 200 values,
 * which is fast enough. */
static unsigned breakdown_hash(struct slice value)
{
    uint32_t hash = fnv1a_32(FNV1A_32_BASIS, value);
    return hash ^ hash >> 16;
}

/* The slot of the value, or the free slot where it would be inserted. */
static uint8_t *breakdown_slot_of(const struct click_breakdown *breakdown, struct slice value)
{
    unsigned at = breakdown_hash(value) % SLOTS;
    while (breakdown->index[at] &&
           !slice_eq(breakdown->values[breakdown->index[at] - 1].value, value))
        at = (at + 1) % SLOTS;
    return &breakdown->index[at];
}

struct click_value *breakdown_find(const struct click_breakdown *breakdown, struct slice value)
{
    unsigned number = breakdown->index ? *breakdown_slot_of(breakdown, value) : 0;
    return number ? &breakdown->values[number - 1] : NULL;
}

static bool breakdown_make_room(struct click_breakdown *breakdown, struct arena *arena)
{
    if (!breakdown->index)
        breakdown->index = arena_alloc(arena, SLOTS);
    if (!breakdown->index || breakdown->n < breakdown->room)
        return breakdown->index != NULL;
    unsigned room = breakdown->room ? breakdown->room * 2 : FIRST_ROOM;
    struct click_value *values = arena_alloc(arena, room * sizeof(*values));
    if (!values)
        return false;
    for (unsigned i = 0; i < breakdown->n; i++)
        values[i] = breakdown->values[i];
    breakdown->values = values;
    breakdown->room = room;
    return true;
}

static void append(struct click_breakdown *breakdown, struct click_value value)
{
    uint8_t *slot = breakdown_slot_of(breakdown, value.value);
    breakdown->values[breakdown->n++] = value;
    *slot = (uint8_t)breakdown->n;
}

bool breakdown_add(struct click_breakdown *breakdown, struct slice value, uint64_t clicks,
                   struct arena *arena)
{
    struct click_value *known = breakdown_find(breakdown, value);
    if (known) {
        known->clicks = click_sum(known->clicks, clicks);
        return true;
    }
    if (breakdown->n == CLICK_VALUES_MAX) {
        breakdown->other = click_sum(breakdown->other, clicks);
        return true;
    }
    char *copy = breakdown_make_room(breakdown, arena) ? arena_copy(arena, value) : NULL;
    if (copy)
        append(breakdown, (struct click_value){ { copy, value.len }, clicks });
    return copy != NULL;
}

/* By clicks, descending; values with the same number of clicks by their bytes, so that the order is
 * deterministic. */
static int breakdown_by_clicks(const void *a, const void *b)
{
    const struct click_value *x = a;
    const struct click_value *y = b;
    if (x->clicks != y->clicks)
        return x->clicks < y->clicks ? 1 : -1;
    size_t len = x->value.len < y->value.len ? x->value.len : y->value.len;
    int order = len ? memcmp(x->value.at, y->value.at, len) : 0;
    return order ? order : (x->value.len > y->value.len) - (x->value.len < y->value.len);
}

/* Adds the clicks of the other's values that exist here, and copies the other values to `rest`. */
static unsigned add_known(struct click_breakdown *breakdown, const struct click_breakdown *other,
                          struct click_value *rest)
{
    unsigned n = 0;
    for (unsigned i = 0; i < other->n; i++) {
        struct click_value *known = breakdown_find(breakdown, other->values[i].value);
        if (known)
            known->clicks = click_sum(known->clicks, other->values[i].clicks);
        else
            rest[n++] = other->values[i];
    }
    return n;
}

bool breakdown_merge(struct click_breakdown *breakdown, const struct click_breakdown *other,
                     struct arena *arena)
{
    struct click_value *all = arena_alloc(arena, (breakdown->n + other->n) * sizeof(*all));
    if (!all)
        return false;
    unsigned n = add_known(breakdown, other, all);
    if (breakdown->n + n > CLICK_VALUES_MAX) {
        for (unsigned i = 0; i < breakdown->n; i++)
            all[n++] = breakdown->values[i];
        qsort(all, n, sizeof(*all), breakdown_by_clicks);
        *breakdown = (struct click_breakdown){ .other = breakdown->other };
    }
    breakdown->other = click_sum(breakdown->other, other->other);
    for (unsigned i = 0; i < n; i++)
        if (!breakdown_add(breakdown, all[i].value, all[i].clicks, arena))
            return false;
    return true;
}
