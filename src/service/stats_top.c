/* SPDX-License-Identifier: MIT */
/* One hash table of values per dimension, since years of a link may have a hundred thousand
 * values. */
#include "service/stats_top.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/fnv.h"

enum {
    FIRST_ROOM = 64, /* values of a new table; doubled when it is full, up to STATS_VALUES_MAX */
    SLOTS_A_VALUE = 2,
};

/* A value and its clicks. The text is a copy, so that removing the value frees its memory. */
struct counted {
    uint64_t clicks;
    uint8_t len;
    char text[CLICK_REFERRER_MAX];
};

struct top {
    struct counted *values;
    uint16_t *slots; /* room * SLOTS_A_VALUE: a value's number from 1 on, or 0 */
    unsigned n;
    unsigned room;
    uint64_t other;
};

struct stats_tops {
    struct arena *arena;
    unsigned dimensions;
    struct top by[CLICK_DIMENSIONS];
};

static_assert(STATS_VALUES_MAX < UINT16_MAX, "a slot holds any number");

/* --- names --- */

const char *stats_dimension_name(enum click_dimension dimension)
{
    static const char *const names[CLICK_DIMENSIONS] = {
        [CLICK_BY_REFERRER] = "referrer", [CLICK_BY_COUNTRY] = "country",
        [CLICK_BY_BROWSER] = "browser",   [CLICK_BY_OS] = "os",
        [CLICK_BY_DEVICE] = "device",
    };
    return names[dimension];
}

static unsigned dimension_bit(struct slice name)
{
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++) {
        if (slice_eq(name, slice_of(stats_dimension_name((enum click_dimension)i))))
            return 1U << i;
    }
    return 0;
}

bool stats_dimensions_read(struct slice names, unsigned *out)
{
    unsigned bits = 0;
    for (bool more = true; more;) {
        size_t end = slice_find(names, ',');
        unsigned bit = dimension_bit((struct slice){ names.at, end });
        if (!bit)
            return false;
        bits |= bit;
        more = end < names.len;
        names = slice_from(names, end + 1);
    }
    *out = bits;
    return true;
}

/* The display name of a value. */
static struct slice stats_top_name_of(enum click_dimension dimension, struct slice value)
{
    unsigned number = value.len ? (unsigned char)value.at[0] : 0;
    switch (dimension) {
    case CLICK_BY_REFERRER:
        return value.len ? value : SLICE("direct");
    case CLICK_BY_COUNTRY:
        return value.len ? value : SLICE("unknown");
    case CLICK_BY_BROWSER:
        return slice_of(agent_browser_name(number));
    case CLICK_BY_OS:
        return slice_of(agent_os_name(number));
    case CLICK_BY_DEVICE:
        return slice_of(agent_device_name(number));
    case CLICK_DIMENSIONS:
        break;
    }
    return value;
}

/* --- the table --- */

static struct slice text_of(const struct counted *counted)
{
    return (struct slice){ counted->text, counted->len };
}

/* `room` is a power of two. */
static unsigned first_slot(const struct top *top, struct slice value)
{
    uint32_t hash = fnv1a_32(FNV1A_32_BASIS, value);
    return (hash ^ hash >> 15) & (top->room * SLOTS_A_VALUE - 1);
}

/* The slot of the value, or else the free slot for it. */
static uint16_t *stats_top_slot_of(const struct top *top, struct slice value)
{
    unsigned at = first_slot(top, value);
    while (top->slots[at] && !slice_eq(text_of(&top->values[top->slots[at] - 1]), value))
        at = (at + 1) & (top->room * SLOTS_A_VALUE - 1);
    return &top->slots[at];
}

static void fill_slots(struct top *top)
{
    memset(top->slots, 0, (size_t)top->room * SLOTS_A_VALUE * sizeof(*top->slots));
    for (unsigned i = 0; i < top->n; i++)
        *stats_top_slot_of(top, text_of(&top->values[i])) = (uint16_t)(i + 1);
}

static bool grow(struct top *top, struct arena *arena)
{
    unsigned room = top->room ? top->room * 2 : FIRST_ROOM;
    struct counted *values = arena_alloc(arena, room * sizeof(*values));
    uint16_t *slots = arena_alloc(arena, (size_t)room * SLOTS_A_VALUE * sizeof(*slots));
    if (!values || !slots)
        return false;
    if (top->n)
        memcpy(values, top->values, top->n * sizeof(*values));
    top->values = values;
    top->slots = slots;
    top->room = room;
    fill_slots(top);
    return true;
}

/* Orders by descending clicks, then by name. */
static int stats_top_by_clicks(const void *a, const void *b)
{
    const struct counted *left = a;
    const struct counted *right = b;
    if (left->clicks != right->clicks)
        return left->clicks < right->clicks ? 1 : -1;
    size_t len = left->len < right->len ? left->len : right->len;
    int order = memcmp(left->text, right->text, len);
    return order ? order : (left->len > right->len) - (left->len < right->len);
}

/* Sorts the values and adds all but the first `most` to "other". */
static void cut(struct top *top, unsigned most)
{
    if (top->n)
        qsort(top->values, top->n, sizeof(*top->values), stats_top_by_clicks);
    for (; top->n > most; top->n--)
        top->other += top->values[top->n - 1].clicks;
}

static bool stats_top_make_room(struct top *top, struct arena *arena)
{
    if (top->n < top->room)
        return true;
    if (top->room < STATS_VALUES_MAX)
        return grow(top, arena);
    cut(top, STATS_VALUES_MAX / 2);
    fill_slots(top);
    return true;
}

/* Adds clicks to a value; a value that is named "other" is added to "other". */
static bool stats_top_add(struct top *top, struct slice value, uint64_t clicks, struct arena *arena)
{
    if (value.len > CLICK_REFERRER_MAX || slice_eq(value, SLICE("other"))) {
        top->other += clicks;
        return true;
    }
    if (!stats_top_make_room(top, arena))
        return false;
    uint16_t *slot = stats_top_slot_of(top, value);
    if (!*slot) {
        struct counted *counted = &top->values[top->n++];
        *counted = (struct counted){ .len = (uint8_t)value.len };
        memcpy(counted->text, value.at, value.len);
        *slot = (uint16_t)top->n;
    }
    top->values[*slot - 1].clicks += clicks;
    return true;
}

/* --- tops --- */

struct stats_tops *stats_tops_new(struct arena *arena, unsigned dimensions)
{
    struct stats_tops *tops = arena_alloc(arena, sizeof(*tops));
    if (tops)
        *tops = (struct stats_tops){ .arena = arena, .dimensions = dimensions };
    return tops;
}

bool stats_tops_add(struct stats_tops *tops, const struct click_breakdown by[CLICK_DIMENSIONS])
{
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++) {
        struct top *top = &tops->by[i];
        if (!(tops->dimensions & 1U << i))
            continue;
        top->other += by[i].other;
        for (unsigned k = 0; k < by[i].n; k++) {
            const struct click_value *value = &by[i].values[k];
            if (!stats_top_add(top, stats_top_name_of((enum click_dimension)i, value->value),
                               value->clicks, tops->arena))
                return false;
        }
    }
    return true;
}

static bool stats_top_finish(struct top *top, unsigned most, struct arena *arena,
                             struct stats_breakdown *out)
{
    cut(top, most);
    *out = (struct stats_breakdown){
        .values = arena_alloc(arena, top->n * sizeof(*out->values)),
        .n = top->n,
        .other = top->other,
    };
    for (unsigned i = 0; out->values && i < top->n; i++)
        out->values[i] = (struct click_value){ text_of(&top->values[i]), top->values[i].clicks };
    return out->values != NULL;
}

bool stats_tops_finish(struct stats_tops *tops, unsigned most,
                       struct stats_breakdown by[CLICK_DIMENSIONS])
{
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++)
        if (!stats_top_finish(&tops->by[i], most, tops->arena, &by[i]))
            return false;
    return true;
}
