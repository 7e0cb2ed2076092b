/* SPDX-License-Identifier: MIT */
/* The record of a link's clicks of one UTC day, or of one month: counts, counts by hour, the
 * breakdowns, and a sketch of the visitors; and its encoding. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "click/event.h"
#include "click/visitors.h"

enum {
    CLICK_VALUES_MAX = 200, /* values of a breakdown in one record; further values count as
                             * "other" */
    CLICK_HOURS = 24,       /* of a day */
    CLICK_DAY_SECONDS = 24 * 60 * 60,
    CLICK_DETAIL_MAX = 64 * 1024 - 1, /* bytes of an encoded record */
};

#define CLICK_COUNT_MAX \
    (UINT64_C(1) << 53) /* the maximum of a count; integers in JSON are exact up to it */

/* Stored, so never renumbered. */
enum click_dimension {
    CLICK_BY_REFERRER = 0, /* host, or "" for a direct visit */
    CLICK_BY_COUNTRY = 1,  /* two letters, or "" if unknown */
    CLICK_BY_BROWSER = 2,  /* one byte each: enum agent_browser, */
    CLICK_BY_OS = 3,       /* enum agent_os, */
    CLICK_BY_DEVICE = 4,   /* enum agent_device */
    CLICK_DIMENSIONS,
};

struct click_counts {
    uint64_t clicks;   /* by people */
    uint64_t visitors; /* estimated by the sketch; a visitor of two hours counts in the first */
    uint64_t bots;
};

struct click_value {
    struct slice value;
    uint64_t clicks;
};

/* The distinct values of one dimension, in no particular order, with their clicks. Clicks of
 * visitors who asked not to be tracked are not included. */
struct click_breakdown {
    struct click_value *values;
    unsigned n;     /* at most CLICK_VALUES_MAX */
    uint64_t other; /* clicks of the values beyond CLICK_VALUES_MAX */
    unsigned room;  /* capacity of `values`; `room` and `index` are private to click/breakdown.c */
    uint8_t *index;
};

/* In a month, and in a compacted day, the hours are all zero and there is no sketch. */
struct click_day {
    struct click_counts total;
    struct click_counts hours[CLICK_HOURS];
    struct click_breakdown by[CLICK_DIMENSIONS];
    struct visitors *visitors; /* NULL: none yet, or removed by click_day_compact */
    bool compacted;
    struct arena *arena; /* holds everything that the record points to */
};

/* Initialises an empty record, whose parts are allocated in `arena`. */
void click_day_init(struct click_day *day, struct arena *arena);

/* Decodes the result of click_day_encode; safe with any bytes. False for anything else, and when
 * the arena is full. Values are copied to `arena`, of which a record takes up to 256 KiB. */
bool click_day_decode(struct slice bytes, struct arena *arena, struct click_day *out);

/* The same without the sketch, which is not decoded, for statistics. Such a record can be changed
 * by click_day_merge only. */
bool click_day_look(struct slice bytes, struct arena *arena, struct click_day *out);

/* Encodes `day`, in `arena`: at most CLICK_DETAIL_MAX bytes. Returns an empty slice when the arena
 * is full. */
struct slice click_day_encode(const struct click_day *day, struct arena *arena);

/* Counts the events, all of them of this link and day, in any order. False when the arena is full:
 * then `day` has counted some of them and must not be stored. To a compacted record or a month the
 * events are added like another record, by click_day_merge. */
bool click_day_add(struct click_day *day, const struct click_event *events, size_t n);

/* Adds another record, for instance a day to its month, and compacts `day`. The numbers of visitors
 * are added: a visitor of two days counts twice, because the hashes change every day. If both
 * records have more than CLICK_VALUES_MAX values together, those with the most clicks are kept.
 * False as in click_day_add. */
bool click_day_merge(struct click_day *day, const struct click_day *other);

/* Compacts a day: removes the hours and the sketch. */
void click_day_compact(struct click_day *day);

/* The UTC day of a time, in days since the epoch. */
static inline uint32_t click_day_of(int64_t at)
{
    return (uint32_t)(at / CLICK_DAY_SECONDS);
}
