/* SPDX-License-Identifier: MIT */
/* Decoding a stored roll-up, changing it, and encoding it again. */
#include "db/click_rollup.h"

#include "text/date.h"

uint32_t click_month_of(uint32_t day)
{
    return (uint32_t)date_month_of(day);
}

static void open_day(const struct click_rollup *rollup, struct arena *arena, struct click_day *out)
{
    if (rollup->detail.len > 0 && click_day_decode(rollup->detail, arena, out))
        return;
    click_day_init(out, arena);
    if (rollup->detail.len > 0 || rollup->stage != CLICK_STAGE_HOURLY)
        click_day_compact(out);
    out->total = rollup->total;
}

static bool close_day(const struct click_day *day, struct arena *arena, struct click_rollup *out)
{
    out->total = day->total;
    out->detail = click_day_encode(day, arena);
    return out->detail.len > 0;
}

bool click_rollup_add(struct click_rollup *rollup, struct click_groups groups, struct arena *arena,
                      struct click_counts *gained)
{
    struct click_day day;
    open_day(rollup, arena, &day);
    struct click_counts before = day.total;
    for (size_t i = 0; i < groups.n; i++)
        if (!click_day_add(&day, groups.at[i]->events, groups.at[i]->n))
            return false;
    gained->clicks = day.total.clicks - before.clicks;
    gained->visitors = day.total.visitors - before.visitors;
    gained->bots = day.total.bots - before.bots;
    return close_day(&day, arena, rollup);
}

bool click_rollup_compact(struct click_rollup *rollup, struct arena *arena)
{
    struct click_day day;
    open_day(rollup, arena, &day);
    click_day_compact(&day);
    rollup->stage = CLICK_STAGE_DAILY;
    return close_day(&day, arena, rollup);
}

bool click_rollup_merge(struct click_rollup *month, const struct click_rollup *day,
                        struct arena *arena)
{
    struct click_day sum;
    struct click_day part;
    open_day(month, arena, &sum);
    open_day(day, arena, &part);
    return click_day_merge(&sum, &part) && close_day(&sum, arena, month);
}
