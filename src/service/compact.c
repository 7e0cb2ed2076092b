/* SPDX-License-Identifier: MIT */
/* Turns the retention times into days and runs one batch of compaction. */
#include "service/compact.h"

#include "text/rfc3339.h"

/* The first day of the month that `at` is in. */
static uint32_t month_of(int64_t at)
{
    char text[RFC3339_SIZE];
    int64_t first = 0;
    rfc3339_format(at, text);
    text[8] = '0';
    text[9] = '1';
    rfc3339_parse((struct slice){ text, 10 }, &first);
    return first > 0 ? click_day_of(first) : 0;
}

enum db_result compact_step(struct db *db, const struct retention *policy, int64_t now,
                            struct click_compact_done *done, struct error *err)
{
    struct click_compact compact = { .limit = COMPACT_BATCH };
    if (policy->keep_hourly_s && now > policy->keep_hourly_s)
        compact.hourly_before = click_day_of(now - policy->keep_hourly_s);
    if (policy->keep_daily_s && now > policy->keep_daily_s)
        compact.daily_before = month_of(now - policy->keep_daily_s);
    *done = (struct click_compact_done){ 0 };
    if (compact.hourly_before == 0 && compact.daily_before == 0)
        return DB_OK;
    return db_clicks_compact_batch(db, &compact, done, err);
}
