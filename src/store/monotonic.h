/* SPDX-License-Identifier: MIT */
/* The clock of the store's own time-outs and pauses: the same for all processes of a host. */
#pragma once

#include <stdint.h>
#include <time.h>

/* Microseconds since some moment; never goes back. */
static inline int64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Milliseconds since some moment; never goes back. */
static inline int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
