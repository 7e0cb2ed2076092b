/* SPDX-License-Identifier: MIT */
/* Sorting a batch. Events are six times as large as their sort keys, so the keys are sorted, and
 * then each event is moved once. */
#include "click/batch.h"

#include <stdlib.h>

#include "click/day.h"

struct key {
    uint64_t link_id;
    uint32_t day;
    uint32_t from; /* the index of the event or, once it is moved, the index of the key */
};

static int by_link_and_day(const void *a, const void *b)
{
    const struct key *x = a;
    const struct key *y = b;
    if (x->link_id != y->link_id)
        return x->link_id < y->link_id ? -1 : 1;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

/* Moves each event to the index of its key, one cycle of the permutation after the other. */
static void move_events(struct click_event *events, struct key *keys, size_t n)
{
    for (size_t start = 0; start < n; start++) {
        if (keys[start].from == start)
            continue;
        struct click_event first = events[start];
        size_t at = start;
        for (size_t from = keys[at].from; from != start; from = keys[at].from) {
            events[at] = events[from];
            keys[at].from = (uint32_t)at;
            at = from;
        }
        events[at] = first;
        keys[at].from = (uint32_t)at;
    }
}

static bool same_group(const struct key *a, const struct key *b)
{
    return a->link_id == b->link_id && a->day == b->day;
}

static size_t count_groups(const struct key *keys, size_t n)
{
    size_t groups = n > 0;
    for (size_t i = 1; i < n; i++)
        groups += !same_group(&keys[i - 1], &keys[i]);
    return groups;
}

static void fill_groups(struct click_group *groups, const struct key *keys, size_t n,
                        const struct click_event *events)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && !same_group(&keys[i - 1], &keys[i]))
            groups++;
        if (i == 0 || !same_group(&keys[i - 1], &keys[i]))
            *groups = (struct click_group){ keys[i].link_id, keys[i].day, &events[i], 0 };
        groups->n++;
    }
}

bool click_batch_group(struct click_event *events, size_t n, struct arena *arena,
                       struct click_group **out, size_t *n_out)
{
    struct key *keys = n <= UINT32_MAX ? arena_alloc(arena, n * sizeof(*keys)) : NULL;
    if (!keys)
        return false;
    for (size_t i = 0; i < n; i++)
        keys[i] = (struct key){ events[i].link_id, click_day_of(events[i].at), (uint32_t)i };
    qsort(keys, n, sizeof(*keys), by_link_and_day);
    *n_out = count_groups(keys, n);
    *out = arena_alloc(arena, *n_out * sizeof(**out));
    if (!*out)
        return false;
    move_events(events, keys, n);
    fill_groups(*out, keys, n, events);
    return true;
}
