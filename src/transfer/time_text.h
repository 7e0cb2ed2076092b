/* SPDX-License-Identifier: MIT */
/* Times as other programs and spreadsheets write them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "text/zone.h"

/* Which number of "03/04/2026" is the month. */
enum date_order {
    DATE_ORDER_UNKNOWN, /* such a date is refused, unless one number is larger than 12 */
    DATE_ORDER_DMY,
    DATE_ORDER_MDY,
};

struct time_rules {
    const struct zone *zone; /* of times without an offset; NULL: UTC */
    enum date_order order;
};

/* Parses a time; *seconds since the Unix epoch:
 *
 *   RFC 3339, and as ISO 8601 and others vary it: "2026-11-29 10:00", "2026-11-29T10:00:00.5+0100",
 *   "2026/11/29 10:00:00 UTC"
 *   a date alone, which is its midnight
 *   "29.11.2026 10:00", "29/11/2026", "11/29/2026 10:00 PM": day and month by the order
 *   seconds (9 or 10 digits) or milliseconds (12 or 13 digits) since the Unix epoch
 *   zeros, as in "0000-00-00 00:00:00": no time, which is 0
 *
 * Times before 1970-01-01T00:00:01Z are refused.
 *
 * A time without an offset is one of rules->zone. Of a time that its clocks show twice the first is
 * taken; one that they pass over is read with the offset before, as in RFC 5545, 3.3.5, so that it
 * is later by as much as the clocks were put forward. Adds to *changes the IMPORT_CHANGE_BITs of
 * what was assumed. False with a predicate in *why. */
bool time_text_parse(struct slice text, const struct time_rules *rules, int64_t *seconds,
                     uint64_t *changes, const char **why);

/* Parses a duration in words, "2 hours", "30min", "7 days"; units from seconds to weeks, "month"
 * (30 days) and "year" (365 days). */
bool time_text_parse_duration(struct slice text, int64_t *seconds);
