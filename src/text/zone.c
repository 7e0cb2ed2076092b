/* SPDX-License-Identifier: MIT */
/* The format TZif: a header and a block with times of four bytes, which is skipped, then a header
 * and a block with times of eight bytes, and a line with the rule for the time after them. */
#include "text/zone.h"

#include <string.h>

#include "base/ascii.h"
#include "base/number.h"
#include "text/date.h"

enum {
    HEAD_BYTES = 44,
    COUNTS_AT = 20, /* in the header */
    TYPE_BYTES = 6, /* offset (4), whether it is summer time, index of the abbreviation */
    HOUR = 3600,
    RULE_HOURS_MAX = 167,
};

/* --- the block --- */

struct counts {
    uint64_t is_ut, is_standard, leaps, times, types, chars;
};

static uint64_t be_get(const char *at, unsigned bytes)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

static bool zone_take_head(struct slice *rest, struct counts *out)
{
    if (rest->len < HEAD_BYTES || memcmp(rest->at, "TZif", 4) != 0 || rest->at[4] < '2')
        return false;
    uint64_t numbers[6];
    for (unsigned i = 0; i < 6; i++)
        numbers[i] = be_get(rest->at + COUNTS_AT + (size_t)i * 4, 4);
    *out =
        (struct counts){ numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5] };
    *rest = slice_from(*rest, HEAD_BYTES);
    return true;
}

/* The length of a block whose times have that many bytes; at most 2^38. */
static uint64_t block_bytes(const struct counts *c, unsigned time_bytes)
{
    return c->times * (time_bytes + 1) + c->types * TYPE_BYTES + c->chars +
           c->leaps * (time_bytes + 4) + c->is_standard + c->is_ut;
}

static bool zone_read_offset(const char *type, int32_t *out)
{
    *out = (int32_t)(uint32_t)be_get(type, 4);
    return *out >= -ZONE_OFFSET_MAX && *out <= ZONE_OFFSET_MAX;
}

static bool zone_read_block(const char *block, const struct counts *c, struct arena *arena,
                            struct zone *out)
{
    int64_t *at = arena_alloc(arena, c->times * sizeof(*at));
    int32_t *offset = arena_alloc(arena, c->times * sizeof(*offset));
    const char *numbers = block + c->times * 8;
    const char *types = numbers + c->times;
    if (!at || !offset || !zone_read_offset(types, &out->first))
        return false;
    for (size_t i = 0; i < c->times; i++) {
        unsigned char number = (unsigned char)numbers[i];
        at[i] = (int64_t)be_get(block + i * 8, 8);
        if (number >= c->types ||
            !zone_read_offset(types + (size_t)number * TYPE_BYTES, &offset[i]))
            return false;
        if (i > 0 && at[i] <= at[i - 1])
            return false;
    }
    out->at = at;
    out->offset = offset;
    out->n = c->times;
    return true;
}

/* --- the rule --- */

static bool zone_take_byte(struct slice *rest, char byte)
{
    if (rest->len == 0 || rest->at[0] != byte)
        return false;
    *rest = slice_from(*rest, 1);
    return true;
}

/* Takes a decimal number from `min` to `max`. */
static bool zone_take_number(struct slice *rest, int64_t min, int64_t max, int64_t *out)
{
    uint64_t value;
    size_t n = number_digits(*rest);
    if (!number_parse((struct slice){ rest->at, n }, (uint64_t)max, &value))
        return false;
    *rest = slice_from(*rest, n);
    *out = (int64_t)value;
    return *out >= min;
}

/* Takes the abbreviation of a zone: letters, or anything in angle brackets. */
static bool take_abbreviation(struct slice *rest)
{
    size_t n = 0;
    if (zone_take_byte(rest, '<')) {
        *rest = slice_from(*rest, slice_find(*rest, '>'));
        return zone_take_byte(rest, '>');
    }
    while (n < rest->len && ascii_is_letter(rest->at[n]))
        n++;
    *rest = slice_from(*rest, n);
    return n > 0;
}

/* Takes [+-]hh[:mm[:ss]], in seconds. */
static bool zone_take_time(struct slice *rest, int64_t *out)
{
    int64_t hours, minutes = 0, seconds = 0;
    bool negative = zone_take_byte(rest, '-');
    if (!negative)
        (void)zone_take_byte(rest, '+');
    if (!zone_take_number(rest, 0, RULE_HOURS_MAX, &hours))
        return false;
    if (zone_take_byte(rest, ':') && !zone_take_number(rest, 0, 59, &minutes))
        return false;
    if (zone_take_byte(rest, ':') && !zone_take_number(rest, 0, 59, &seconds))
        return false;
    *out = (hours * HOUR + minutes * 60 + seconds) * (negative ? -1 : 1);
    return true;
}

/* Takes ",date[/time]". */
static bool zone_take_change(struct slice *rest, struct zone_change *out)
{
    bool taken;
    *out = (struct zone_change){ .kind = ZONE_DAY, .time = 2 * HOUR };
    if (!zone_take_byte(rest, ','))
        return false;
    if (zone_take_byte(rest, 'M')) {
        out->kind = ZONE_WEEKDAY;
        taken = zone_take_number(rest, 1, 12, &out->month) && zone_take_byte(rest, '.') &&
                zone_take_number(rest, 1, 5, &out->week) && zone_take_byte(rest, '.') &&
                zone_take_number(rest, 0, 6, &out->day);
    } else if (zone_take_byte(rest, 'J')) {
        out->kind = ZONE_DAY_WITHOUT_LEAP;
        taken = zone_take_number(rest, 1, 365, &out->day);
    } else {
        taken = zone_take_number(rest, 0, 365, &out->day);
    }
    return taken && (!zone_take_byte(rest, '/') || zone_take_time(rest, &out->time));
}

/* The offset of a rule counts west as positive. */
static bool take_west(struct slice *rest, int32_t *offset)
{
    int64_t west;
    if (!zone_take_time(rest, &west) || west < -ZONE_OFFSET_MAX || west > ZONE_OFFSET_MAX)
        return false;
    *offset = (int32_t)-west;
    return true;
}

/* Parses the line after the block: "\nCET-1CEST,M3.5.0,M10.5.0/3\n", or "\n\n" for no rule. */
static bool zone_read_rule(struct slice rest, struct zone *out)
{
    if (!zone_take_byte(&rest, '\n'))
        return false;
    if (zone_take_byte(&rest, '\n'))
        return true;
    out->has_rule = true;
    if (!take_abbreviation(&rest) || !take_west(&rest, &out->standard))
        return false;
    if (zone_take_byte(&rest, '\n'))
        return true;
    out->has_summer = true;
    out->summer = out->standard + HOUR;
    if (!take_abbreviation(&rest))
        return false;
    if (rest.len && rest.at[0] != ',' && !take_west(&rest, &out->summer))
        return false;
    return zone_take_change(&rest, &out->begins) && zone_take_change(&rest, &out->ends) &&
           zone_take_byte(&rest, '\n');
}

bool zone_parse(struct slice file, struct arena *arena, struct zone *out)
{
    struct counts counts;
    *out = (struct zone){ .n = 0 };
    if (file.len > ZONE_FILE_MAX || !zone_take_head(&file, &counts) ||
        block_bytes(&counts, 4) > file.len)
        return false;
    file = slice_from(file, (size_t)block_bytes(&counts, 4));
    if (!zone_take_head(&file, &counts) || block_bytes(&counts, 8) > file.len)
        return false;
    return counts.leaps == 0 && counts.types > 0 && zone_read_block(file.at, &counts, arena, out) &&
           zone_read_rule(slice_from(file, (size_t)block_bytes(&counts, 8)), out);
}

bool zone_parse_offset(struct slice text, struct zone *out)
{
    int64_t hours, minutes;
    bool west = zone_take_byte(&text, '-');
    if ((!west && !zone_take_byte(&text, '+')) || text.len != sizeof("00:00") - 1 ||
        !zone_take_number(&text, 0, 23, &hours) || !zone_take_byte(&text, ':') ||
        !zone_take_number(&text, 0, 59, &minutes) || text.len > 0)
        return false;
    *out = (struct zone){ .first = (int32_t)(hours * HOUR + minutes * 60) * (west ? -1 : 1) };
    return true;
}

/* --- use --- */

/* When the clocks change in `year`: the local time before it, in seconds from 1970 as if it were
 * UTC. The caller subtracts the offset. */
static int64_t change_in(const struct zone_change *change, int64_t year)
{
    int64_t first = date_to_days((struct date){ year, 1, 1 });
    int64_t day = first + change->day;
    if (change->kind == ZONE_DAY_WITHOUT_LEAP) {
        enum { MARCH_1 = 60 }; /* in a year that is no leap year */
        bool after = change->day >= MARCH_1 && date_month_days(year, 2) == 29;
        day += after ? 0 : -1;
    } else if (change->kind == ZONE_WEEKDAY) {
        first = date_to_days((struct date){ year, change->month, 1 });
        int64_t weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
        day = first + (change->day - weekday + 7) % 7 + 7 * (change->week - 1);
        if (day >= first + date_month_days(year, change->month))
            day -= 7;
    }
    return day * DATE_DAY_SECONDS + change->time;
}

static int32_t rule_offset(const struct zone *zone, int64_t at)
{
    if (!zone->has_summer)
        return zone->standard;
    int64_t local = at + zone->standard;
    int64_t days = local / DATE_DAY_SECONDS - (local % DATE_DAY_SECONDS < 0);
    int64_t year = date_of_days(days).year;
    int64_t begin = change_in(&zone->begins, year) - zone->standard;
    int64_t end = change_in(&zone->ends, year) - zone->summer;
    bool is_summer = begin < end ? at >= begin && at < end : at >= begin || at < end;
    return is_summer ? zone->summer : zone->standard;
}

int32_t zone_offset(const struct zone *zone, int64_t at)
{
    if (!zone)
        return 0;
    size_t low = 0;
    size_t high = zone->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (zone->at[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == zone->n && zone->has_rule)
        return rule_offset(zone, at);
    return low > 0 ? zone->offset[low - 1] : zone->first;
}

int64_t zone_day(const struct zone *zone, int64_t at)
{
    int64_t local = at + zone_offset(zone, at);
    return local / DATE_DAY_SECONDS - (local % DATE_DAY_SECONDS < 0);
}

int64_t zone_day_begin(const struct zone *zone, int64_t day)
{
    int64_t low = day * DATE_DAY_SECONDS - ZONE_OFFSET_MAX - 1; /* shows an earlier day */
    int64_t high = day * DATE_DAY_SECONDS + ZONE_OFFSET_MAX;
    while (zone && high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (zone_day(zone, middle) < day)
            low = middle;
        else
            high = middle;
    }
    return zone ? high : day * DATE_DAY_SECONDS;
}
