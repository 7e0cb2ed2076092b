/* SPDX-License-Identifier: MIT */
/* Sorting a batch of clicks into what is stored together: those of one link and UTC day. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "click/event.h"

struct click_group {
    uint64_t link_id;
    uint32_t day;                     /* as click_day_of */
    const struct click_event *events; /* a piece of the batch, in the order in which they came */
    size_t n;
};

/* Sorts the events, in place, by link, then by day, and groups them; the groups are in that order
 * too, so that whoever stores them locks rows in the same order as everybody else. `events` has to
 * live as long as the groups do. False when the arena is full, which takes up to 48 bytes an event:
 * then the events are as they were, or sorted. At most UINT32_MAX events. */
bool click_batch_group(struct click_event *events, size_t n, struct arena *arena,
                       struct click_group **out, size_t *n_out);
