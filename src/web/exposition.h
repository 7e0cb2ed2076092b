/* SPDX-License-Identifier: MIT */
/* The metrics of the host in the text format that Prometheus scrapes, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "shm/breaker.h"
#include "shm/metrics.h"

#define EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* What is told about, and when: seconds since the epoch, and milliseconds of the breakers' clock.
 */
struct exposition {
    const struct metrics *metrics;
    const struct breakers *breakers; /* NULL: none */
    int64_t now;
    int64_t now_ms;
};

/* The text, in the arena; empty when there is no memory. Every metric is told with its HELP and
 * TYPE, those that have no series yet too. */
struct slice exposition_render(const struct exposition *exposition, struct arena *arena);
