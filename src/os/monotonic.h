/* SPDX-License-Identifier: MIT */
/* The monotonic clock, for time-outs and pauses: the same for all processes of a host. */
#pragma once

#include <stdint.h>
#include <time.h>

/* Microseconds since an arbitrary moment; never decreases. */
static inline int64_t monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* now_ms - at_ms, saturated to the range of int64_t: `at_ms` is read from shared memory and may
 * have any value. */
static inline int64_t elapsed_ms(int64_t at_ms, int64_t now_ms)
{
    int64_t ms;
    if (__builtin_sub_overflow(now_ms, at_ms, &ms))
        return at_ms < 0 ? INT64_MAX : INT64_MIN;
    return ms;
}

/* Sleeps, or until a signal; not at all if `us` is negative. */
static inline void monotonic_sleep_us(int64_t us)
{
    struct timespec pause = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };
    nanosleep(&pause, NULL);
}

static inline void monotonic_sleep_ms(int64_t ms)
{
    monotonic_sleep_us(ms * 1000);
}

/* Milliseconds since an arbitrary moment; never decreases. */
static inline int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
