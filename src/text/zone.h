/* SPDX-License-Identifier: MIT */
/* Time zones: how far the clocks of a place are ahead of UTC. Read from a file of the time zone
 * database in the format TZif, version 2 or higher (RFC 9636), or from an offset. zone_offset,
 * zone_day and zone_day_begin take NULL for UTC. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

enum {
    ZONE_FILE_MAX = 64 * 1024,   /* bytes of a file; the largest of 2026 has 3,664 */
    ZONE_OFFSET_MAX = 25 * 3600, /* seconds; RFC 9636 recommends less than 26 hours */
};

/* A day of the year on which the clocks change: RFC 9636, 3.3.1. */
struct zone_change {
    enum {
        ZONE_DAY_WITHOUT_LEAP, /* "Jn": `day` is 1 to 365, February 29 is not counted */
        ZONE_DAY,              /* "n": `day` is 0 to 365 */
        ZONE_WEEKDAY,          /* "Mm.w.d": weekday `day` (0: Sunday) of week 1 to 5 (the last) */
    } kind;
    int64_t month, week, day;
    int64_t time; /* seconds after midnight of local time; negative and above a day are allowed */
};

struct zone {
    const int64_t *at;     /* the times of the changes of the offset, ascending, */
    const int32_t *offset; /* and the offsets after them, in seconds */
    size_t n;
    int32_t first; /* the offset before the first change */
    /* After the last change. */
    bool has_rule; /* otherwise the last offset stays */
    bool has_summer;
    int32_t standard; /* offset */
    int32_t summer;   /* offset from `begins` to `ends` of each year */
    struct zone_change begins, ends;
};

/* Parses the content of a file, with arrays in `arena`. False when it is not valid, counts leap
 * seconds, or the arena is full. Safe with any bytes. */
bool zone_parse(struct slice file, struct arena *arena, struct zone *out);

/* Parses an offset, "+05:30" or "-03:00" (to 23:59). */
bool zone_parse_offset(struct slice text, struct zone *out);

/* How many seconds the clocks are ahead of UTC at the time `at`. */
int32_t zone_offset(const struct zone *zone, int64_t at);

/* The day (days since 1970-01-01) that the calendar shows at the time `at`. */
int64_t zone_day(const struct zone *zone, int64_t at);

/* The first second in which the calendar shows `day` or a later one: midnight, or what follows it
 * where the clocks are put forward at midnight. */
int64_t zone_day_begin(const struct zone *zone, int64_t day);
