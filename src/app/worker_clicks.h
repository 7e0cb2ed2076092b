/* SPDX-License-Identifier: MIT */
/* A worker's click log, opened as the configuration says, and the logging of its failures. */
#pragma once

#include <stdint.h>

#include "runtime/config.h"
#include "runtime/log.h"
#include "service/click_log.h"

/* Do not move it after it was opened. */
struct worker_clicks {
    struct click_ring *ring; /* NULL: none is needed, or it could not be opened */
    struct click_log click_log;
    const struct config *config;
    struct log *log;
    int64_t look_at; /* when to check whether the ring is still the host's */
    /* What was last logged. */
    bool ring_missing;
    uint64_t lost;
    int64_t lost_logged_at;
    bool lane_missing;
    bool country_faulty;
    unsigned country_loads;
};

/* Opens the ring and claims a lane. A failure is logged, and the worker goes on without. `config`,
 * `log` and `metrics` are borrowed. */
void worker_clicks_open(struct worker_clicks *clicks, const struct config *config, struct log *log,
                        struct metrics *metrics);

/* Checks for changes: switches to the host's current ring when the ring's file was replaced or
 * could not be opened before; logs lost clicks (once a minute), and a failure to claim a lane or to
 * open the country file. `now` in seconds. */
void worker_clicks_note(struct worker_clicks *clicks, int64_t now);

/* An all-zero one is allowed. */
void worker_clicks_close(struct worker_clicks *clicks);
