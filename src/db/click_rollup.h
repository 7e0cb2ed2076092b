/* SPDX-License-Identifier: MIT */
/* A stored roll-up of clicks and what becomes of it, whoever stores it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "click/batch.h"
#include "click/day.h"
#include "db/db_types.h"

/* Stored, so never renumbered. */
enum click_stage {
    CLICK_STAGE_HOURLY = 0, /* a day with its hours and its sketch */
    CLICK_STAGE_DAILY = 1,  /* a day without */
    CLICK_STAGE_MONTH = 2,
};

struct click_rollup {
    uint64_t link_id;
    uint32_t at; /* a day, or the first of a month: days since the epoch */
    enum click_stage stage;
    struct click_counts total;
    struct slice detail; /* empty: nothing is stored yet */
};

static inline enum click_unit click_rollup_unit(const struct click_rollup *rollup)
{
    return rollup->stage == CLICK_STAGE_MONTH ? CLICK_UNIT_MONTH : CLICK_UNIT_DAY;
}

/* The first day of the month that a day is in. */
uint32_t click_month_of(uint32_t day);

/* These change `total` and `detail`, whose new bytes are in `arena`; false when that is full. A
 * detail that nobody can read is begun anew without hours, and the totals stay. */

/* Counts the events of a group, which is of this link and day; *gained is what that came to. */
bool click_rollup_add(struct click_rollup *rollup, const struct click_group *group,
                      struct arena *arena, struct click_counts *gained);

/* Lets a day's hours and sketch go. */
bool click_rollup_compact(struct click_rollup *rollup, struct arena *arena);

/* Adds a day to its month. */
bool click_rollup_merge(struct click_rollup *month, const struct click_rollup *day,
                        struct arena *arena);
