/* SPDX-License-Identifier: MIT */
/* Click statistics of a link: a series over time, and the breakdowns. */
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

/* The range and breakdowns of a request. */
struct stats_query {
    struct stats_range range;
    unsigned by;  /* bit set of 1 << enum click_dimension */
    unsigned top; /* most values of each breakdown, 1 to STATS_TOP_MAX */
};

struct stats_request {
    struct manage_request link; /* whose clicks; its `expected` and `now` are ignored */
    struct stats_query query;
    const struct click_ring *ring; /* clicks pending in it are counted too; NULL: none */
};

struct stats_bucket {
    int64_t at; /* the start of the unit, seconds since the epoch */
    struct click_counts counts;
};

/* The result. A click counts in the unit in which its hour (of UTC) begins. All clicks of a day
 * that has lost its hours are in the first hour of the zone's day of the same date, all clicks of a
 * month that has lost its days in its first day. The breakdowns are of whole days in UTC and
 * exclude visitors who asked not to be tracked. `visitors` is the sum of each UTC day's visitors.
 */
struct statistics {
    struct link link;
    struct stats_query query;     /* the request's */
    struct click_counts total;    /* of the range */
    struct stats_bucket *buckets; /* one for every unit of the range, also without clicks */
    size_t n;
    int64_t utc_until; /* the series has UTC days before this day (days since 1970), since their
                        * hours are no longer kept; 0: none. Always 0 when the zone is UTC */
    struct stats_breakdown by[CLICK_DIMENSIONS]; /* empty for those that were not requested */
};

/* Reads the statistics of a link of the caller's (for admins: of any link), as of one moment: a
 * click that is flushed meanwhile counts once. Of those that are not flushed, at most DB_CLICKS_MAX
 * count. OUTCOME_OK, OUTCOME_MISSING or OUTCOME_UNAVAILABLE.
 * Uses as many bytes of the arena as the link's click records have, and up to 20 MiB more. */
enum outcome statistics_read(struct db *db, const struct stats_request *request,
                             struct statistics *out, struct error *err);

/* The same of all links of the caller, for admins of all links of everybody; out->link is empty.
 * Clicks that are pending in the ring count when they are flushed, those of deleted links still
 * count, and a link that was given away takes its earlier clicks not along. request->link.code is
 * ignored. OUTCOME_OK or OUTCOME_UNAVAILABLE. */
enum outcome statistics_read_all(struct db *db, const struct stats_request *request,
                                 struct statistics *out, struct error *err);
