/* SPDX-License-Identifier: MIT */
/* Opens a worker's click log, follows a replaced ring, logs failures. */
#include "app/worker_clicks.h"

#include "os/clock.h"
#include "os/monotonic.h"
#include "upkeep/app_context.h"

enum {
    LOST_LOG_SECONDS = 60,
    LOOK_SECONDS = 1,   /* between two checks of the ring's file */
    RETRY_SECONDS = 60, /* between two attempts to open it */
    LAST_TRIES = 40,
    LAST_PAUSE_MS = 50,
};

/* Opens the ring; logs a failure once and sets the time of the next attempt. */
static struct click_ring *open_ring(struct worker_clicks *clicks, int64_t now)
{
    struct error err;
    struct click_ring *ring = app_ring_open(clicks->config, &err);
    if (!ring && err.text[0] && !clicks->ring_missing)
        log_error(clicks->log, "click_ring_unavailable", err.text);
    clicks->ring_missing = !ring;
    clicks->look_at = now + (ring ? LOOK_SECONDS : RETRY_SECONDS);
    return ring;
}

void worker_clicks_open(struct worker_clicks *clicks, const struct config *config, struct log *log,
                        struct metrics *metrics)
{
    *clicks = (struct worker_clicks){ .config = config, .log = log };
    clicks->ring = open_ring(clicks, clock_now());
    clicks->click_log = (struct click_log){
        .ring = clicks->ring,
        .spill = { .dir = config->spool.path, .max_bytes = config->clicks.spill_max, .fd = -1 },
        .countries = { .path = config->clicks.country_database },
        .metrics = metrics,
        .window_s = config->clicks.visitor_window_s,
    };
    click_log_prepare(&clicks->click_log, clock_now());
}

/* Switches to the ring that is now at the path if the current ring's file was removed, since sooner
 * or later no process flushes the old one. False while another process flushes the old one. */
static bool follow_ring(struct worker_clicks *clicks, int64_t now)
{
    clicks->look_at = now + LOOK_SECONDS;
    if (clicks->ring && click_ring_is_current(clicks->ring))
        return true;
    struct click_ring *ring = open_ring(clicks, now);
    if (!ring)
        return true;
    struct click_ring *before = clicks->ring;
    bool moved = click_log_move(&clicks->click_log, ring, now);
    if (moved) {
        if (before)
            log_line(clicks->log, LOG_LEVEL_WARN, "click_ring_replaced", NULL, 0);
        clicks->ring = ring;
        ring = before;
    }
    click_ring_close(&ring);
    return moved;
}

/* Switches at the end, with several attempts: a process that flushes the removed ring now may also
 * be about to end without another look. */
static void follow_at_last(struct worker_clicks *clicks)
{
    for (unsigned i = 0; i < LAST_TRIES && !follow_ring(clicks, clock_now()); i++)
        monotonic_sleep_ms(LAST_PAUSE_MS);
}

static void note_lost(struct worker_clicks *clicks, int64_t now)
{
    const struct click_log *click_log = &clicks->click_log;
    if (click_log->lost == clicks->lost || now - clicks->lost_logged_at < LOST_LOG_SECONDS)
        return;
    const struct log_field fields[] = {
        log_number("clicks", (int64_t)(click_log->lost - clicks->lost)),
        log_text("error", slice_of(click_log->fault.text)),
    };
    log_line(clicks->log, LOG_LEVEL_ERROR, "clicks_lost", fields, 2);
    clicks->lost = click_log->lost;
    clicks->lost_logged_at = now;
}

static void note_lane(struct worker_clicks *clicks)
{
    const char *fault = clicks->click_log.lane_fault.text;
    if (*fault && !clicks->lane_missing)
        log_error(clicks->log, "click_lane_unavailable", fault);
    clicks->lane_missing = *fault != '\0';
}

static void note_countries(struct worker_clicks *clicks)
{
    const struct country_file *countries = &clicks->click_log.countries;
    bool faulty = *countries->fault.text != '\0';
    if (countries->loads != clicks->country_loads)
        log_line(clicks->log, LOG_LEVEL_INFO, "country_database_opened", NULL, 0);
    if (faulty && !clicks->country_faulty)
        log_error(clicks->log, "country_database_unreadable", countries->fault.text);
    clicks->country_loads = countries->loads;
    clicks->country_faulty = faulty;
}

void worker_clicks_note(struct worker_clicks *clicks, int64_t now)
{
    if (!clicks->log)
        return;
    if (now >= clicks->look_at)
        follow_ring(clicks, now);
    note_lost(clicks, now);
    note_lane(clicks);
    note_countries(clicks);
}

void worker_clicks_close(struct worker_clicks *clicks)
{
    if (!clicks->log)
        return;
    follow_at_last(clicks);
    worker_clicks_note(clicks, clock_now());
    click_log_close(&clicks->click_log);
    click_ring_close(&clicks->ring);
    *clicks = (struct worker_clicks){ .log = NULL };
}
