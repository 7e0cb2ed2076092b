/* SPDX-License-Identifier: MIT */
/* Flushing the host's clicks every clicks.flush_interval, or earlier when many wait. */
#include "runtime/clock.h"
#include "setup/clicks.h"
#include "upkeep/chores.h"

enum {
    POLL_MS = 250,        /* between two looks how many wait */
    RETRY_MS = 60 * 1000, /* between two tries to open the ring */
    OFF_MS = 3600 * 1000, /* clicks are not counted */
};

/* Told once when it begins and once when it ends. */
static void note_result(struct chores *chores, enum db_result result, const struct error *err)
{
    bool failed = result != DB_OK;
    if (failed && !chores->flush_failed)
        log_error(chores->log, "flush_failed", err->text);
    if (!failed && chores->flush_failed)
        log_line(chores->log, LOG_LEVEL_INFO, "flush_works_again", NULL, 0);
    chores->flush_failed = failed;
}

static void note_damage(struct log *log, unsigned lanes)
{
    const struct log_field field = log_number("lanes", lanes);
    if (lanes)
        log_line(log, LOG_LEVEL_ERROR, "click_ring_damaged", &field, 1);
}

/* Once nothing is left in a ring whose file was removed, goes to the one that the workers have now.
 * What they append to the other one until they notice they take along. */
static void leave_removed(struct flusher *flusher)
{
    if (flusher->ring && !click_ring_is_current(flusher->ring) &&
        click_ring_level(flusher->ring).pending == 0)
        click_ring_close(&flusher->ring);
}

/* What cannot be had now may come: the workers have logged why. */
static bool open_flusher(struct chores *chores)
{
    struct error err;
    struct flusher *flusher = &chores->flusher;
    if (flusher->ring)
        return true;
    *flusher = (struct flusher){
        .db = chores->app.db,
        .ring = clicks_open_ring(chores->app.config, &err),
        .spill_dir = clicks_spill_dir(chores->app.config),
        .metrics = chores->app.metrics,
        .arena = chores->arena,
    };
    return flusher->ring != NULL;
}

int64_t chore_flush(struct chores *chores, int64_t now_ms)
{
    const struct config_clicks *clicks = &chores->app.config->clicks;
    struct flusher *flusher = &chores->flusher;
    struct flush_total total = { 0 };
    struct error err = { "" };
    if (!clicks->enabled)
        return OFF_MS;
    bool hurry =
        flusher->ring && !chores->flush_failed && click_ring_level(flusher->ring).half_full;
    if (now_ms < chores->flush_at_ms && !hurry)
        return POLL_MS;
    bool opened = open_flusher(chores);
    enum db_result result = flush_step(flusher, clock_now(), &total, &err);
    note_result(chores, result, &err);
    note_damage(chores->log, total.damaged);
    flush_pending(flusher);
    chores->done.clicks += total.clicks + total.bots;
    chores->done.failed |= result != DB_OK;
    chores->more = result == DB_OK && total.more;
    if (chores->more)
        return 1;
    if (result == DB_OK)
        leave_removed(flusher);
    int64_t pause_ms = opened ? clicks->flush_interval_ms : RETRY_MS;
    chores->flush_at_ms = clock_monotonic_us() / 1000 + pause_ms;
    return pause_ms < POLL_MS || chores->is_brief ? pause_ms : POLL_MS;
}

/* The machine may be about to be shut down, and the ring is memory. */
void chore_flush_end(struct chores *chores)
{
    struct flush_total total = { 0 };
    struct error err;
    if (chores->flusher.ring && !chores->flush_failed)
        flush_step(&chores->flusher, clock_now(), &total, &err);
    click_ring_close(&chores->flusher.ring);
}
