/* SPDX-License-Identifier: MIT */
/* Compacts old click roll-ups batch by batch: first daily rows lose their hours, later they are
 * merged into monthly rows. */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "db/db.h"

enum {
    COMPACT_BATCH = 200, /* rows of each kind in one transaction, during which flushes wait */
};

struct retention {
    int64_t keep_hourly_s; /* 0: for ever */
    int64_t keep_daily_s;  /* 0: for ever */
};

/* Compacts one batch. A month is merged only when its last day is old enough. */
enum db_result compact_step(struct db *db, const struct retention *policy, int64_t now,
                            struct click_compact_done *done, struct error *err);
