/* SPDX-License-Identifier: MIT */
/* Commands that run until a signal ends them: SIGTERM or SIGINT, between two steps of the work. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* Blocks the signals, so that they are waited for; *out is set to them. */
void end_signal_block(sigset_t *out);

/* Waits `ms` for one of the signals; whether one has come. */
bool end_signal_wait(const sigset_t *signals, int64_t ms);
