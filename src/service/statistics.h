/* SPDX-License-Identifier: MIT */
/* What was counted of a link's clicks: a series over time, and the breakdowns. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "click/day.h"
#include "clicklog/click_ring.h"
#include "db/db.h"
#include "service/auth.h"
#include "service/manage.h"
#include "service/stats_range.h"
#include "service/stats_top.h"

/* What is asked about a link. */
struct stats_wish {
    struct stats_range range;
    unsigned by;  /* set of 1 << enum click_dimension */
    unsigned top; /* values of each breakdown, 1 to STATS_TOP_MAX */
};

struct stats_request {
    struct slice code; /* any of the link's codes */
    struct caller caller;
    struct stats_wish wish;
    const struct click_ring *ring; /* whose clicks, not flushed yet, are counted too; NULL: none */
    struct spool *spool;           /* as struct manage_request's */
    struct arena *arena;
};

struct stats_bucket {
    int64_t at; /* its beginning */
    struct click_counts counts;
};

/* Of days that have lost their hours all clicks are in the first one, of months that have lost
 * their days all are on the first. The breakdowns are of whole days, and lack the clicks of those
 * who asked not to be tracked. Visitors are each day's, added up. */
struct statistics {
    struct link link;
    struct stats_wish wish;       /* as it was asked */
    struct click_counts total;    /* of the range */
    struct stats_bucket *buckets; /* every unit of the range, clicks or none */
    size_t n;
    struct stats_breakdown by[CLICK_DIMENSIONS]; /* of what was not asked for nothing */
};

/* The statistics of a link of the caller's (for admins: of anybody's), as of one moment: a click
 * that is flushed meanwhile counts once. MANAGE_DONE, MANAGE_MISSING or MANAGE_UNAVAILABLE. Takes
 * as much of the arena as the link's records have bytes, and up to 20 MiB for the rest. */
enum manage_outcome statistics_read(struct db *db, const struct stats_request *request,
                                    struct statistics *out, struct error *err);
