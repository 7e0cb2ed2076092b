/* SPDX-License-Identifier: MIT */
/* Opening, noting and closing. */
#include "app/recording.h"

#include "runtime/clock.h"
#include "setup/clicks.h"

enum { TELL_SECONDS = 60 };

void recording_open(struct recording *recording, const struct config *config, struct log *log,
                    struct metrics *metrics)
{
    struct error err;
    *recording = (struct recording){ .log = log, .ring = clicks_open_ring(config, &err) };
    if (!recording->ring && err.text[0])
        log_error(log, "click_ring_unavailable", err.text);
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
    note_lost(recording, now);
    note_lane(recording);
    note_countries(recording);
}

void recording_close(struct recording *recording)
{
    if (!recording->log)
        return;
    recorder_close(&recording->recorder);
    click_ring_close(&recording->ring);
    *recording = (struct recording){ .log = NULL };
}
