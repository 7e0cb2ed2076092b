/* SPDX-License-Identifier: MIT */
/* A worker's recorder of visits, opened as the configuration says, and what the log is told of it.
 */
#pragma once

#include <stdint.h>

#include "runtime/config.h"
#include "runtime/log.h"
#include "service/click_log.h"

/* It stays where it was opened. */
struct worker_clicks {
    struct click_ring *ring; /* NULL: none is needed, or none could be had */
    struct click_log click_log;
    const struct config *config;
    struct log *log;
    int64_t look_at; /* when to look whether the ring is still the host's */
    /* What the log knows. */
    bool ring_missing;
    uint64_t lost;
    int64_t lost_told_at;
    bool lane_missing;
    bool country_faulty;
    unsigned country_loads;
};

/* Opens the ring, and a lane of it. What cannot be had is logged and done without. `config`, `log`
 * and `metrics` are borrowed. */
void worker_clicks_open(struct worker_clicks *clicks, const struct config *config, struct log *log,
                        struct metrics *metrics);

/* Sees about what has changed: goes to the host's ring where that is another one than before, since
 * somebody has removed its file, or could not be had; and logs clicks that were lost (once a
 * minute), a lane or the countries that cannot be had. `now` in seconds. */
void worker_clicks_note(struct worker_clicks *clicks, int64_t now);

/* Fine on one that is all zero. */
void worker_clicks_close(struct worker_clicks *clicks);
