/* SPDX-License-Identifier: MIT */
/* The encoding of a link's day or month; numbers are varints.
 *
 *   kind          one byte: DAY or COMPACTED
 *   DAY           the number of hours that follow; for each hour a byte with its number and flags,
 *                 then by the flags: clicks (otherwise 1), visitors (otherwise as many as clicks),
 *                 bots (otherwise 0); the totals are the sums
 *   COMPACTED     clicks, visitors, bots
 *   breakdowns    for each dimension: twice the number of values, plus 1 if "other" follows;
 *                 then the values:
 *     referrer      a byte with the length, the host, clicks
 *     country       two letters or two NULs, clicks
 *     the others    clicks times 16, plus the number of the browser, system or device
 *   sketch        of the visitors, up to the end of the record; may be missing
 *
 * Hours without counts are omitted, and hours ascend. Each record has exactly one encoding:
 * encoding a decoded record gives the same bytes. */
#include <assert.h>

#include "base/ascii.h"
#include "click/breakdown.h"
#include "click/varint.h"

enum {
    KIND_DAY = 1,
    KIND_COMPACTED = 2,

    HOUR_MASK = 31,
    HAS_CLICKS = 1 << 5,
    HAS_VISITORS = 1 << 6,
    HAS_BOTS = 1 << 7,

    AGENT_BITS = 4, /* bits of the number of a browser, an operating system or a device */
    AGENTS = 1 << AGENT_BITS,
    COUNTRY_LEN = 2,

    HOURS_MAX = 1 + CLICK_HOURS * (1 + 3 * VARINT_MAX), /* bytes; more than the totals of a
                                                         * compacted record */
    OTHERS_MAX = CLICK_DIMENSIONS * 2 * VARINT_MAX,
    REFERRERS_MAX = CLICK_VALUES_MAX * (1 + CLICK_REFERRER_MAX + VARINT_MAX),
    COUNTRIES_MAX = CLICK_VALUES_MAX * (COUNTRY_LEN + VARINT_MAX),
    AGENTS_MAX = 3 * AGENTS * VARINT_MAX,
};

static_assert(1 + HOURS_MAX + OTHERS_MAX + REFERRERS_MAX + COUNTRIES_MAX + AGENTS_MAX +
                      VISITORS_BYTES_MAX <=
                  CLICK_DETAIL_MAX,
              "the fullest record is as small as promised");
static_assert((int)BROWSER_N <= AGENTS && (int)OS_N <= AGENTS && (int)DEVICE_N <= AGENTS,
              "their numbers fit into four bits");
static_assert((int)CLICK_HOURS <= HOUR_MASK, "an hour leaves room for its flags");
static_assert(CLICK_REFERRER_MAX <= UINT8_MAX, "a referrer's length is one byte");

static bool is_silent(const struct click_counts *counts)
{
    return counts->clicks == 0 && counts->visitors == 0 && counts->bots == 0;
}

static unsigned hour_flags(const struct click_counts *counts)
{
    return (counts->clicks != 1 ? HAS_CLICKS : 0U) |
           (counts->visitors != counts->clicks ? HAS_VISITORS : 0U) |
           (counts->bots != 0 ? HAS_BOTS : 0U);
}

static void put_hours(struct buf *out, const struct click_counts hours[CLICK_HOURS])
{
    unsigned n = 0;
    for (unsigned i = 0; i < CLICK_HOURS; i++)
        n += !is_silent(&hours[i]);
    varint_put(out, n);
    for (unsigned i = 0; i < CLICK_HOURS; i++) {
        unsigned flags = hour_flags(&hours[i]);
        if (is_silent(&hours[i]))
            continue;
        buf_add_byte(out, (char)(i | flags));
        if (flags & HAS_CLICKS)
            varint_put(out, hours[i].clicks);
        if (flags & HAS_VISITORS)
            varint_put(out, hours[i].visitors);
        if (flags & HAS_BOTS)
            varint_put(out, hours[i].bots);
    }
}

static void put_counts(struct buf *out, const struct click_counts *counts)
{
    varint_put(out, counts->clicks);
    varint_put(out, counts->visitors);
    varint_put(out, counts->bots);
}

static void put_value(struct buf *out, unsigned dimension, const struct click_value *value)
{
    switch (dimension) {
    case CLICK_BY_REFERRER:
        buf_add_byte(out, (char)value->value.len);
        buf_add(out, value->value);
        varint_put(out, value->clicks);
        break;
    case CLICK_BY_COUNTRY:
        buf_add(out, value->value.len ? value->value : (struct slice){ "\0", COUNTRY_LEN });
        varint_put(out, value->clicks);
        break;
    default:
        varint_put(out, value->clicks << AGENT_BITS | (unsigned char)value->value.at[0]);
    }
}

static void put_breakdown(struct buf *out, unsigned dimension, const struct click_breakdown *by)
{
    varint_put(out, (uint64_t)by->n << 1 | (by->other > 0));
    if (by->other > 0)
        varint_put(out, by->other);
    for (unsigned i = 0; i < by->n; i++)
        put_value(out, dimension, &by->values[i]);
}

struct slice click_day_encode(const struct click_day *day, struct arena *arena)
{
    struct buf out = buf_in(arena, CLICK_DETAIL_MAX);
    buf_add_byte(&out, day->compacted ? KIND_COMPACTED : KIND_DAY);
    if (day->compacted)
        put_counts(&out, &day->total);
    else
        put_hours(&out, day->hours);
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++)
        put_breakdown(&out, i, &day->by[i]);
    if (day->visitors) {
        struct slice sketch = visitors_encode(day->visitors, arena);
        if (!sketch.len)
            return sketch;
        buf_add(&out, sketch);
    }
    return buf_slice(&out);
}

static bool day_record_take_bytes(struct slice *rest, size_t n, struct slice *out)
{
    if (n > rest->len)
        return false;
    *out = (struct slice){ rest->at, n };
    *rest = slice_from(*rest, n);
    return true;
}

static bool day_record_take_byte(struct slice *rest, unsigned *out)
{
    struct slice byte;
    if (!day_record_take_bytes(rest, 1, &byte))
        return false;
    *out = (unsigned char)byte.at[0];
    return true;
}

static bool take_count(struct slice *rest, uint64_t *out)
{
    return varint_take(rest, out) && *out <= CLICK_COUNT_MAX;
}

/* Reads one hour, which must be `*from` or later, and sets `*from` to the hour after it. */
static bool take_hour(struct slice *rest, struct click_day *day, unsigned *from)
{
    unsigned tag = 0;
    if (!day_record_take_byte(rest, &tag))
        return false;
    unsigned number = tag & HOUR_MASK;
    if (number < *from || number >= CLICK_HOURS)
        return false;
    *from = number + 1;
    struct click_counts *hour = &day->hours[number];
    hour->clicks = 1;
    if ((tag & HAS_CLICKS) && !take_count(rest, &hour->clicks))
        return false;
    hour->visitors = hour->clicks;
    if ((tag & HAS_VISITORS) && !take_count(rest, &hour->visitors))
        return false;
    if ((tag & HAS_BOTS) && !take_count(rest, &hour->bots))
        return false;
    return !is_silent(hour) && tag == (number | hour_flags(hour));
}

static bool take_hours(struct slice *rest, struct click_day *day)
{
    uint64_t n = 0;
    if (!varint_take(rest, &n) || n > CLICK_HOURS)
        return false;
    for (unsigned from = 0; n > 0; n--)
        if (!take_hour(rest, day, &from))
            return false;
    for (unsigned i = 0; i < CLICK_HOURS; i++) {
        day->total.clicks += day->hours[i].clicks;
        day->total.visitors += day->hours[i].visitors;
        day->total.bots += day->hours[i].bots;
    }
    return day->total.clicks <= CLICK_COUNT_MAX && day->total.visitors <= CLICK_COUNT_MAX &&
           day->total.bots <= CLICK_COUNT_MAX;
}

static bool take_counts(struct slice *rest, struct click_counts *out)
{
    return take_count(rest, &out->clicks) && take_count(rest, &out->visitors) &&
           take_count(rest, &out->bots);
}

static bool take_referrer(struct slice *rest, struct slice *out)
{
    unsigned len = 0;
    return day_record_take_byte(rest, &len) && len <= CLICK_REFERRER_MAX &&
           day_record_take_bytes(rest, len, out);
}

static bool take_country(struct slice *rest, struct slice *out)
{
    if (!day_record_take_bytes(rest, COUNTRY_LEN, out))
        return false;
    if (out->at[0] == '\0' && out->at[1] == '\0') {
        out->len = 0;
        return true;
    }
    return ascii_is_upper(out->at[0]) && ascii_is_upper(out->at[1]);
}

/* Reads a value and its clicks; the number of a browser, system or device is stored in `number`. */
static bool day_record_take_value(struct slice *rest, unsigned dimension, char *number,
                                  struct click_value *out)
{
    switch (dimension) {
    case CLICK_BY_REFERRER:
        return take_referrer(rest, &out->value) && take_count(rest, &out->clicks);
    case CLICK_BY_COUNTRY:
        return take_country(rest, &out->value) && take_count(rest, &out->clicks);
    default:
        if (!varint_take(rest, &out->clicks))
            return false;
        *number = (char)(out->clicks % AGENTS);
        out->clicks >>= AGENT_BITS;
        out->value = (struct slice){ number, 1 };
        return out->clicks <= CLICK_COUNT_MAX;
    }
}

static bool take_breakdown(struct slice *rest, struct click_day *day, unsigned dimension)
{
    struct click_breakdown *by = &day->by[dimension];
    uint64_t head = 0;
    if (!varint_take(rest, &head) || head >> 1 > CLICK_VALUES_MAX)
        return false;
    if ((head & 1) && (!take_count(rest, &by->other) || by->other == 0))
        return false;
    for (uint64_t n = head >> 1; n > 0; n--) {
        char number = 0;
        struct click_value value;
        if (!day_record_take_value(rest, dimension, &number, &value) || value.clicks == 0 ||
            breakdown_find(by, value.value) ||
            !breakdown_add(by, value.value, value.clicks, day->arena))
            return false;
    }
    return true;
}

/* Reads everything before the sketch. */
static bool take_record(struct slice *rest, struct arena *arena, struct click_day *out)
{
    unsigned kind = 0;
    click_day_init(out, arena);
    if (!day_record_take_byte(rest, &kind) || (kind != KIND_DAY && kind != KIND_COMPACTED))
        return false;
    out->compacted = kind == KIND_COMPACTED;
    if (!(out->compacted ? take_counts(rest, &out->total) : take_hours(rest, out)))
        return false;
    for (unsigned i = 0; i < CLICK_DIMENSIONS; i++)
        if (!take_breakdown(rest, out, i))
            return false;
    return !out->compacted || !rest->len;
}

bool click_day_decode(struct slice bytes, struct arena *arena, struct click_day *out)
{
    return take_record(&bytes, arena, out) &&
           (!bytes.len || visitors_decode(bytes, arena, &out->visitors));
}

bool click_day_look(struct slice bytes, struct arena *arena, struct click_day *out)
{
    return take_record(&bytes, arena, out);
}
