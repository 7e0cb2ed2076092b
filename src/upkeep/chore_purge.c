/* SPDX-License-Identifier: MIT */
/* Purging, a batch a call, at a pace that leaves the database to the others. */
#include "runtime/clock.h"
#include "upkeep/chores.h"

enum {
    ROUND_MS = 60 * 1000, /* between two rounds, and after a failure */
};

/* Told once when it begins, not with every batch. */
static void note_result(struct chores *chores, enum db_result result, const struct error *err)
{
    if (result != DB_OK && !chores->purge_failed)
        log_error(chores->log, "purge_failed", err->text);
    chores->purge_failed = result != DB_OK;
}

static void end_round(struct chores *chores)
{
    const struct purge_total *purged = &chores->purged;
    const struct log_field fields[] = {
        log_number("links", (int64_t)purged->links),
        log_number("idempotency_keys", (int64_t)purged->idempotency_keys),
    };
    if (purged->links || purged->idempotency_keys)
        log_line(chores->log, LOG_LEVEL_INFO, "purged", fields, 2);
    chores->purged = (struct purge_total){ 0 };
}

int64_t chore_purge(struct chores *chores, int64_t now_ms)
{
    struct error err = { "" };
    enum db_result result = purge_step(chores->app.db, chores->app.config->links.purge_after_s,
                                       clock_now(), &chores->purged, &err);
    note_result(chores, result, &err);
    chores->done.failed |= result != DB_OK;
    chores->more = chores->purged.more;
    if (chores->more)
        return purge_pause_ms(clock_monotonic_us() / 1000 - now_ms, chores->share);
    chores->done.links += chores->purged.links;
    end_round(chores);
    return ROUND_MS;
}
