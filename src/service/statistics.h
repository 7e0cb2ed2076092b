/* SPDX-License-Identifier: MIT */
/* What was counted of a link's clicks: a series over time, and the breakdowns. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "click/day.h"
#include "service/auth.h"
#include "service/manage.h"
#include "service/stats_range.h"
#include "service/stats_top.h"
#include "store/click_ring.h"
#include "store/db.h"

enum {
    STATS_TOP_DEFAULT = 10,
    STATS_TOP_MAX = 200, /* values of one breakdown in an answer */
};

struct stats_request {
    struct slice code; /* any of the link's codes */
    struct caller caller;
    struct stats_range range;
    unsigned top; /* values of each breakdown, 1 to STATS_TOP_MAX */
    struct click_ring *ring; /* whose clicks, not flushed yet, are counted too; NULL: none */
    struct arena *arena;
};

struct stats_bucket {
    int64_t at; /* its beginning */
    struct click_counts counts;
};

/* Of days that were folded into their month all clicks are on its first day, of days that have lost
 * their hours all are in the first hour. The breakdowns are of
 * whole days, and lack the clicks of those who asked not to be tracked. */
struct statistics {
    struct link link;
    struct click_counts total;    /* of the range */
    struct stats_bucket *buckets; /* every unit of the range, clicks or none */
    size_t n;
    struct stats_breakdown by[CLICK_DIMENSIONS];
};

/* The statistics of a link of the caller's (for admins: of anybody's): MANAGE_DONE, MANAGE_MISSING
 * or MANAGE_UNAVAILABLE. */
enum manage_outcome statistics_read(struct db *db, const struct stats_request *request,
                                    struct statistics *out, struct error *err);

/* "referrer", "country", "browser", "os", "device". */
const char *stats_dimension_name(enum click_dimension dimension);
