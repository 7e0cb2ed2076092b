/* SPDX-License-Identifier: MIT */
/* Prints statistics for people. */
#pragma once

#include "service/statistics.h"

/* Prints the numbers, the series as a sparkline as wide as the terminal, and the breakdowns. False
 * when the arena is full. */
bool stats_print(const struct statistics *statistics, struct arena *arena);
