/* SPDX-License-Identifier: MIT */
/* What is kept of a link's clicks of one UTC day, or of one month: counts, counts by hour, the
 * breakdowns, and a sketch of the visitors; and the bytes that it is stored as. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "click/event.h"
#include "click/visitors.h"

enum {
    CLICK_VALUES_MAX = 200, /* of a breakdown, in one record; what comes later is "other" */
    CLICK_HOURS = 24,       /* of a day */
    CLICK_DAY_SECONDS = 24 * 60 * 60,
    CLICK_DETAIL_MAX = 64 * 1024 - 1, /* bytes of an encoded record */
};

#define CLICK_COUNT_MAX \
    (UINT64_C(1) << 53) /* where counts stop; JSON's numbers are exact up to it */

/* Stored, so never renumbered. */
enum click_dimension {
    CLICK_BY_REFERRER = 0, /* host, or "" for a direct visit */
    CLICK_BY_COUNTRY = 1,  /* two letters, or "" where it is not known */
    CLICK_BY_BROWSER = 2,  /* one byte each: enum agent_browser, */
    CLICK_BY_OS = 3,       /* enum agent_os, */
    CLICK_BY_DEVICE = 4,   /* enum agent_device */
    CLICK_DIMENSIONS,
};

struct click_counts {
    uint64_t clicks;   /* by people */
    uint64_t visitors; /* as the sketch estimates; one who comes in two hours counts in the first */
    uint64_t bots;
};

struct click_value {
    struct slice value;
    uint64_t clicks;
};

/* The values of one dimension, in no particular order, each of them once and with its clicks; the
 * clicks of visitors who asked not to be tracked are in none. */
struct click_breakdown {
    struct click_value *values;
    unsigned n;     /* at most CLICK_VALUES_MAX */
    uint64_t other; /* clicks of the values for which there was no room */
    unsigned room;  /* of `values`; this and what follows is for click/breakdown.c alone */
    uint8_t *index;
};

/* Of a month, or of a day that was folded, the hours are all zero and there is no sketch. */
struct click_day {
    struct click_counts total;
    struct click_counts hours[CLICK_HOURS];
    struct click_breakdown by[CLICK_DIMENSIONS];
    struct visitors *visitors; /* NULL: none yet, or no longer kept */
    bool compacted;
    struct arena *arena; /* where everything that `day` points to is */
};

/* An empty record whose parts will be in `arena`. */
void click_day_init(struct click_day *day, struct arena *arena);

/* Reads what click_day_encode wrote, whatever the bytes are; false for anything else, and when the
 * arena is full. Values are copied to `arena`. A record takes up to 256 KiB of it. */
bool click_day_decode(struct slice bytes, struct arena *arena, struct click_day *out);

/* The same for who only looks: without the sketch, which is left unread. Nothing can be added to
 * such a record but by merging. */
bool click_day_look(struct slice bytes, struct arena *arena, struct click_day *out);

/* The bytes of `day`, in `arena`: at most CLICK_DETAIL_MAX. Empty when the arena is full. */
struct slice click_day_encode(const struct click_day *day, struct arena *arena);

/* Counts the events, all of them of this link and day, in any order. False when the arena is full:
 * then `day` has counted some of them and should not be stored. To a folded record or a month they
 * are added as another record is, by click_day_merge. */
bool click_day_add(struct click_day *day, const struct click_event *events, size_t n);

/* Adds another record, for instance a day to its month, and folds `day`. Visitors are added up:
 * those of two days cannot be told to be the same (the sketches' hashes change with the day). Where
 * the two have too many values together, those with the most clicks stay. False as in
 * click_day_add. */
bool click_day_merge(struct click_day *day, const struct click_day *other);

/* Lets go of the hours and the sketch. */
void click_day_compact(struct click_day *day);

/* Which UTC day a time is in: days since the epoch. */
static inline uint32_t click_day_of(int64_t at)
{
    return (uint32_t)(at / CLICK_DAY_SECONDS);
}
