/* SPDX-License-Identifier: MIT */
/* A stored roll-up of clicks of one link and day or month, and the changes of it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "click/batch.h"
#include "click/day.h"
#include "db/db_types.h"

/* Stored, so never renumbered. */
enum click_stage {
    CLICK_STAGE_HOURLY = 0, /* a day with hours and sketch */
    CLICK_STAGE_DAILY = 1,  /* a compacted day, without them */
    CLICK_STAGE_MONTH = 2,
};

struct click_rollup {
    uint64_t link_id;
    uint32_t at; /* the day, or the first day of the month, in days since the epoch */
    enum click_stage stage;
    struct click_counts total;
    struct slice detail; /* encoded struct click_day; empty: nothing is stored yet */
};

static inline enum click_unit click_rollup_unit(const struct click_rollup *rollup)
{
    return rollup->stage == CLICK_STAGE_MONTH ? CLICK_UNIT_MONTH : CLICK_UNIT_DAY;
}

/* The first day of a day's month. */
uint32_t click_month_of(uint32_t day);

/* The following functions change `total` and `detail`, which is then in `arena`; false when that is
 * full. A detail that cannot be decoded is replaced by an empty one without hours, with the same
 * totals. */

/* Groups of events of one day: one, of this link, or several of the links of a series. */
struct click_groups {
    const struct click_group *const *at;
    size_t n;
};

/* Adds the events of the groups; *gained is set to the increase of the totals. */
bool click_rollup_add(struct click_rollup *rollup, struct click_groups groups, struct arena *arena,
                      struct click_counts *gained);

/* Compacts a day: removes its hours and sketch. */
bool click_rollup_compact(struct click_rollup *rollup, struct arena *arena);

/* Adds a day to its month. */
bool click_rollup_merge(struct click_rollup *month, const struct click_rollup *day,
                        struct arena *arena);
