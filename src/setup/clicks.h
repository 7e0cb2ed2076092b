/* SPDX-License-Identifier: MIT */
/* Where a host's clicks wait, as the configuration says: for workers who record them, for the
 * housekeeper and the administrator's commands that flush them. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "clicklog/click_ring.h"
#include "runtime/config.h"

/* Opens the click ring beside the shared segment. NULL with an empty *err where no segment is
 * configured, and with the reason where it cannot be had. */
struct click_ring *clicks_open_ring(const struct config *config, struct error *err);

/* The same for who has nothing to append: no ring is made, and none is no error. */
struct click_ring *clicks_find_ring(const struct config *config, struct error *err);

/* The directory of the spill files; empty: none. */
const char *clicks_spill_dir(const struct config *config);
