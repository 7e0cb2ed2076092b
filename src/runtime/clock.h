/* SPDX-License-Identifier: MIT */
/* The clocks, read in one place so that everything else takes time as an argument. */
#pragma once

#include <stdint.h>

/* Seconds since the Unix epoch. */
int64_t clock_now(void);

/* Milliseconds since the Unix epoch, for the time of log lines. */
int64_t clock_now_ms(void);

/* Microseconds since some moment; never goes back, the same for all processes of a host. */
int64_t clock_monotonic_us(void);
