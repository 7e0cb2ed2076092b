/* SPDX-License-Identifier: MIT */
/* The wall clock. What needs the time gets it as an argument where rules depend on it. */
#pragma once

#include <stdint.h>
#include <time.h>

/* Seconds since the Unix epoch. */
static inline int64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

/* Milliseconds since the Unix epoch. */
static inline int64_t clock_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
