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

/* What is rendered, and the time: seconds since the epoch, and milliseconds of the breakers'
 * monotonic clock. */
struct exposition {
    const struct metrics *metrics;
    const struct breakers *breakers; /* NULL: none */
    int64_t now;
    int64_t now_ms;
};

/* Renders the text in the arena; empty when that is full. Every metric has its HELP and TYPE, also
 * without series. */
struct slice exposition_render(const struct exposition *exposition, struct arena *arena);
