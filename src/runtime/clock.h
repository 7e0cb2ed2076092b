/* SPDX-License-Identifier: MIT */
/* Reads the clocks, in one place so that all other code takes time as an argument. */
#pragma once

#include <stdint.h>

/* Seconds since the Unix epoch. */
int64_t clock_now(void);

/* Milliseconds since the Unix epoch, for the time of log lines. */
int64_t clock_now_ms(void);

/* Microseconds since an arbitrary moment; monotonic, the same for all processes of a host. */
int64_t clock_monotonic_us(void);
