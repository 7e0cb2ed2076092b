/* SPDX-License-Identifier: MIT */
/* Folding: roll-ups of long ago lose their hours, and later their days, batch by batch. */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "db/db.h"

enum {
    COMPACT_BATCH = 200, /* rows of a kind in one transaction, which flushes wait for */
};

struct retention {
    int64_t keep_hourly_s; /* 0: for ever */
    int64_t keep_daily_s;  /* 0: for ever */
};

/* One batch. Months are folded whole, once their last day is old enough. */
enum db_result compact_step(struct db *db, const struct retention *policy, int64_t now,
                            struct click_compact_done *done, struct error *err);
