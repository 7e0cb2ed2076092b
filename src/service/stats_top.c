/* SPDX-License-Identifier: MIT */
/* All values of a dimension in one list, sorted twice: by value, to add up, and by clicks. */
#include "service/stats_top.h"

#include <stdlib.h>
#include <string.h>

enum {
    ROOM_FIRST = 64, /* values; doubled when they are more */
};

struct top {
    struct click_value *values;
    size_t n;
    size_t room;
    uint64_t other;
};

struct stats_tops {
    struct arena *arena;
    struct top by[CLICK_DIMENSIONS];
};

struct stats_tops *stats_tops_new(struct arena *arena)
{
    struct stats_tops *tops = arena_alloc(arena, sizeof(*tops));
    if (tops)
        *tops = (struct stats_tops){ .arena = arena };
    return tops;
}

static bool make_room(struct stats_tops *tops, struct top *top, size_t more)
{
    if (top->n + more <= top->room)
        return true;
    size_t room = top->room ? top->room : ROOM_FIRST;
    while (room < top->n + more)
        room *= 2;
    struct click_value *values = arena_alloc(tops->arena, room * sizeof(*values));
    if (!values)
        return false;
    if (top->n)
        memcpy(values, top->values, top->n * sizeof(*values));
    top->values = values;
    top->room = room;
    return true;
}

bool stats_tops_add(struct stats_tops *tops, const struct click_breakdown by[CLICK_DIMENSIONS])
{
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++) {
        struct top *top = &tops->by[i];
        if (!make_room(tops, top, by[i].n))
            return false;
        if (by[i].n)
            memcpy(top->values + top->n, by[i].values, by[i].n * sizeof(*top->values));
        top->n += by[i].n;
        top->other += by[i].other;
    }
    return true;
}

static int compare_values(const void *a, const void *b)
{
    const struct click_value *left = a;
    const struct click_value *right = b;
    size_t len = left->value.len < right->value.len ? left->value.len : right->value.len;
    int order = len ? memcmp(left->value.at, right->value.at, len) : 0;
    if (order)
        return order;
    return (left->value.len > right->value.len) - (left->value.len < right->value.len);
}

static int compare_clicks(const void *a, const void *b)
{
    const struct click_value *left = a;
    const struct click_value *right = b;
    if (left->clicks != right->clicks)
        return left->clicks < right->clicks ? 1 : -1;
    return compare_values(a, b);
}

/* Makes one of the same values. */
static void add_up(struct top *top)
{
    size_t kept = 0;
    if (top->n)
        qsort(top->values, top->n, sizeof(*top->values), compare_values);
    for (size_t i = 0; i < top->n; i++) {
        if (kept && compare_values(&top->values[kept - 1], &top->values[i]) == 0)
            top->values[kept - 1].clicks += top->values[i].clicks;
        else
            top->values[kept++] = top->values[i];
    }
    top->n = kept;
}

/* What people call a value. */
static struct slice name_of(enum click_dimension dimension, struct slice value)
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

/* Values that go by the name "other", too, are among the others. */
static void finish(struct top *top, enum click_dimension dimension, unsigned most,
                   struct stats_breakdown *out)
{
    add_up(top);
    for (size_t i = 0; i < top->n; i++)
        top->values[i].value = name_of(dimension, top->values[i].value);
    if (top->n)
        qsort(top->values, top->n, sizeof(*top->values), compare_clicks);
    *out = (struct stats_breakdown){ .values = top->values, .other = top->other };
    for (size_t i = 0; i < top->n; i++) {
        if (out->n < most && !slice_eq(top->values[i].value, SLICE("other")))
            out->values[out->n++] = top->values[i];
        else
            out->other += top->values[i].clicks;
    }
}

void stats_tops_finish(struct stats_tops *tops, unsigned top,
                       struct stats_breakdown by[CLICK_DIMENSIONS])
{
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++)
        finish(&tops->by[i], (enum click_dimension)i, top, &by[i]);
}
