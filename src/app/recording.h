/* SPDX-License-Identifier: MIT */
/* A worker's recorder of visits, opened as the configuration says, and what the log is told of it.
 */
#pragma once

#include <stdint.h>

#include "runtime/config.h"
#include "runtime/log.h"
#include "service/record.h"

/* It stays where it was opened. */
struct recording {
    struct click_ring *ring; /* NULL: none is needed, or none could be had */
    struct recorder recorder;
    struct log *log;
    /* What the log knows. */
    uint64_t lost;
    int64_t lost_told_at;
    bool lane_missing;
    bool country_faulty;
    unsigned country_loads;
};

/* Opens the ring, and a lane of it. What cannot be had is logged and done without. `config`, `log`
 * and `metrics` are borrowed. */
void recording_open(struct recording *recording, const struct config *config, struct log *log,
                    struct metrics *metrics);

/* Logs what has changed: clicks that were lost (once a minute), a lane or the countries that cannot
 * be had. `now` in seconds. */
void recording_note(struct recording *recording, int64_t now);

/* Fine on one that is all zero. */
void recording_close(struct recording *recording);
