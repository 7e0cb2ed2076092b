/* SPDX-License-Identifier: MIT */
/* Folding old roll-ups, a batch a call, at a pace that leaves the database to the others. */
#include "runtime/clock.h"
#include "service/fold.h"
#include "upkeep/chores.h"

enum {
    ROUND_MS = 600 * 1000, /* between two rounds, and after a failure */
};

/* Told once when it begins, not with every batch. */
static void note_result(struct chores *chores, enum db_result result, const struct error *err)
{
    if (result != DB_OK && !chores->fold_failed)
        log_error(chores->log, "fold_failed", err->text);
    chores->fold_failed = result != DB_OK;
}

static void end_round(struct chores *chores)
{
    const struct log_field fields[] = {
        log_number("days", (int64_t)chores->folded.folded),
        log_number("into_months", (int64_t)chores->folded.merged),
    };
    if (chores->folded.folded || chores->folded.merged)
        log_line(chores->log, LOG_LEVEL_INFO, "clicks_folded", fields, 2);
    chores->folded = (struct click_fold_done){ 0 };
}

int64_t chore_fold(struct chores *chores, int64_t now_ms)
{
    const struct config_clicks *clicks = &chores->app.config->clicks;
    const struct fold_policy policy = { clicks->keep_hourly_s, clicks->keep_daily_s };
    struct click_fold_done done = { 0 };
    struct error err = { "" };
    enum db_result result = fold_step(chores->app.db, &policy, clock_now(), &done, &err);
    note_result(chores, result, &err);
    chores->folded.folded += done.folded;
    chores->folded.merged += done.merged;
    chores->done.failed |= result != DB_OK;
    chores->more = result == DB_OK && done.more;
    if (chores->more)
        return purge_pause_ms(clock_monotonic_us() / 1000 - now_ms, chores->share);
    end_round(chores);
    return ROUND_MS;
}
