/* SPDX-License-Identifier: MIT */
/* Opening, noting and closing. */
#include "app/recording.h"

#include <time.h>

#include "runtime/clock.h"
#include "setup/clicks.h"

enum {
    TELL_SECONDS = 60,
    LOOK_SECONDS = 1,   /* between two looks whether the ring is still the host's, */
    RETRY_SECONDS = 60, /* and between two tries to open it */
    LAST_TRIES = 40,
    LAST_PAUSE_MS = 50,
};

/* Told once when it cannot be had, and not tried again for a while. */
static struct click_ring *open_ring(struct recording *recording, int64_t now)
{
    struct error err;
    struct click_ring *ring = clicks_open_ring(recording->config, &err);
    if (!ring && err.text[0] && !recording->ring_missing)
        log_error(recording->log, "click_ring_unavailable", err.text);
    recording->ring_missing = !ring;
    recording->look_at = now + (ring ? LOOK_SECONDS : RETRY_SECONDS);
    return ring;
}

void recording_open(struct recording *recording, const struct config *config, struct log *log,
                    struct metrics *metrics)
{
    *recording = (struct recording){ .config = config, .log = log };
    recording->ring = open_ring(recording, clock_now());
    recording->recorder = (struct recorder){
        .ring = recording->ring,
        .spill = { .dir = clicks_spill_dir(config),
                   .max_bytes = config->clicks.spill_max,
                   .fd = -1 },
        .countries = { .path = config->clicks.country_database },
        .metrics = metrics,
        .window_s = config->clicks.visitor_window_s,
    };
    record_prepare(&recording->recorder, clock_now());
}

/* A ring whose file was removed is flushed by nobody sooner or later. False while it still is. */
static bool follow_ring(struct recording *recording, int64_t now)
{
    recording->look_at = now + LOOK_SECONDS;
    if (recording->ring && click_ring_is_current(recording->ring))
        return true;
    struct click_ring *ring = open_ring(recording, now);
    if (!ring)
        return true;
    struct click_ring *before = recording->ring;
    bool moved = record_move(&recording->recorder, ring, now);
    if (moved) {
        if (before)
            log_line(recording->log, LOG_LEVEL_WARN, "click_ring_replaced", NULL, 0);
        recording->ring = ring;
        ring = before;
    }
    click_ring_close(&ring);
    return moved;
}

/* Whoever flushes a removed ring right now may be about to end, too, and not look again. */
static void follow_at_last(struct recording *recording)
{
    static const struct timespec moment = { .tv_nsec = LAST_PAUSE_MS * 1000000L };
    for (unsigned i = 0; i < LAST_TRIES && !follow_ring(recording, clock_now()); i++)
        nanosleep(&moment, NULL);
}

static void note_lost(struct recording *recording, int64_t now)
{
    const struct recorder *recorder = &recording->recorder;
    if (recorder->lost == recording->lost || now - recording->lost_told_at < TELL_SECONDS)
        return;
    const struct log_field fields[] = {
        log_number("clicks", (int64_t)(recorder->lost - recording->lost)),
        log_text("error", slice_of(recorder->fault.text)),
    };
    log_line(recording->log, LOG_LEVEL_ERROR, "clicks_lost", fields, 2);
    recording->lost = recorder->lost;
    recording->lost_told_at = now;
}

static void note_lane(struct recording *recording)
{
    const char *fault = recording->recorder.lane_fault.text;
    if (*fault && !recording->lane_missing)
        log_error(recording->log, "click_lane_unavailable", fault);
    recording->lane_missing = *fault != '\0';
}

static void note_countries(struct recording *recording)
{
    const struct country_file *countries = &recording->recorder.countries;
    bool faulty = *countries->fault.text != '\0';
    if (countries->loads != recording->country_loads)
        log_line(recording->log, LOG_LEVEL_INFO, "country_database_opened", NULL, 0);
    if (faulty && !recording->country_faulty)
        log_error(recording->log, "country_database_unreadable", countries->fault.text);
    recording->country_loads = countries->loads;
    recording->country_faulty = faulty;
}

void recording_note(struct recording *recording, int64_t now)
{
    if (!recording->log)
        return;
    if (now >= recording->look_at)
        follow_ring(recording, now);
    note_lost(recording, now);
    note_lane(recording);
    note_countries(recording);
}

void recording_close(struct recording *recording)
{
    if (!recording->log)
        return;
    follow_at_last(recording);
    recording_note(recording, clock_now());
    recorder_close(&recording->recorder);
    click_ring_close(&recording->ring);
    *recording = (struct recording){ .log = NULL };
}
