/* SPDX-License-Identifier: MIT */
/* Groups a batch of clicks by link and UTC day; each group is stored in one row. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "click/event.h"

struct click_group {
    uint64_t link_id;
    uint32_t day;                     /* as click_day_of */
    const struct click_event *events; /* a part of the batch, in the order of arrival */
    size_t n;
};

/* Sorts the events in place by link, then by day, and groups them. The groups are in the same
 * order, so that all transactions lock their rows in the same order. The groups point into
 * `events`. At most UINT32_MAX events. Needs up to 48 bytes of the arena per event; false when the
 * arena is full: then the events are unchanged or sorted. */
bool click_batch_group(struct click_event *events, size_t n, struct arena *arena,
                       struct click_group **out, size_t *n_out);
