/* SPDX-License-Identifier: MIT */
/* Opens the click ring and finds the spill directory of the configuration: for workers that record
 * clicks, and for the maintenance thread and curtctl that flush them. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "clicklog/click_ring.h"
#include "runtime/config.h"

/* Opens the click ring beside the shared segment, creating it if needed. NULL with an empty *err
 * where no segment is configured, and with the reason where it cannot be opened. */
struct click_ring *clicks_open_ring(const struct config *config, struct error *err);

/* Opens the click ring if it exists, without creating it; a missing ring is NULL with an empty
 * *err. */
struct click_ring *clicks_find_ring(const struct config *config, struct error *err);

/* The directory of the spill files; an empty string: none. */
const char *clicks_spill_dir(const struct config *config);
