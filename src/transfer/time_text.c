/* SPDX-License-Identifier: MIT */
/* Takes a time apart: a date, a time of day, an offset. */
#include "transfer/time_text.h"

#include <string.h>

#include "base/ascii.h"
#include "base/number.h"
#include "text/date.h"
#include "text/rfc3339.h"
#include "transfer/import_change.h"

enum {
    HOUR = 3600,
    YEAR_DIGITS = 4,
};

struct time_parts {
    struct date date;
    int64_t second; /* of the day */
    bool has_offset;
    int64_t offset; /* seconds ahead of UTC */
};

static bool take_char(struct slice *rest, char c)
{
    if (rest->len == 0 || rest->at[0] != c)
        return false;
    *rest = slice_from(*rest, 1);
    return true;
}

/* Takes a number of at most `digits` digits. */
static bool take_digits(struct slice *rest, size_t digits, int64_t *out)
{
    uint64_t value;
    size_t n = number_digits(*rest);
    if (n == 0 || n > digits || !number_parse((struct slice){ rest->at, n }, INT32_MAX, &value))
        return false;
    *rest = slice_from(*rest, n);
    *out = (int64_t)value;
    return true;
}

/* Takes the word in either case. */
static bool take_word(struct slice *rest, struct slice word)
{
    if (rest->len < word.len || !slice_eq_nocase((struct slice){ rest->at, word.len }, word))
        return false;
    *rest = slice_from(*rest, word.len);
    return true;
}

/* --- the date --- */

/* Says which of the two numbers is the day. */
static bool order_date(struct date *date, int64_t first, int64_t second, enum date_order order)
{
    if (order == DATE_ORDER_UNKNOWN && first != second && first <= 12 && second <= 12)
        return false;
    bool month_first = order == DATE_ORDER_MDY || (order == DATE_ORDER_UNKNOWN && second > 12);
    date->month = month_first ? first : second;
    date->day = month_first ? second : first;
    return true;
}

static bool time_text_take_date(struct slice *rest, enum date_order order, struct date *out,
                                const char **why)
{
    static const char separators[] = { '-', '/', '.' };
    int64_t first, second, third;
    size_t n = number_digits(*rest);
    if (!take_digits(rest, YEAR_DIGITS, &first))
        return false;
    char separator = rest->len ? rest->at[0] : 0;
    if (!separator || !memchr(separators, separator, sizeof(separators)) ||
        !take_char(rest, separator) || !take_digits(rest, 2, &second) ||
        !take_char(rest, separator))
        return false;
    size_t last = number_digits(*rest);
    if (!take_digits(rest, YEAR_DIGITS, &third))
        return false;
    if (n == YEAR_DIGITS) {
        *out = (struct date){ first, second, third };
        return last <= 2;
    }
    if (n > 2 || last != YEAR_DIGITS)
        return false;
    out->year = third;
    if (separator == '.')
        order = DATE_ORDER_DMY;
    if (!order_date(out, first, second, order)) {
        *why = "does not say which number is the month: use --date-order dmy or mdy";
        return false;
    }
    return true;
}

static bool date_is_valid(struct date date)
{
    return date.year >= 1 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
           date.day <= date_month_days(date.year, date.month);
}

/* --- the time of day --- */

/* Takes " AM" or " PM", if it is there. */
static bool take_half(struct slice *rest, int64_t *hour)
{
    struct slice text = slice_trim(*rest);
    bool afternoon = take_word(&text, SLICE("PM"));
    if (!afternoon && !take_word(&text, SLICE("AM")))
        return true;
    *rest = text;
    if (*hour < 1 || *hour > 12)
        return false;
    *hour = *hour % 12 + (afternoon ? 12 : 0);
    return true;
}

static bool time_text_take_clock(struct slice *rest, int64_t *second)
{
    int64_t hour, minute, seconds = 0;
    if (!take_digits(rest, 2, &hour) || !take_char(rest, ':') || !take_digits(rest, 2, &minute))
        return false;
    if (take_char(rest, ':') && !take_digits(rest, 2, &seconds))
        return false;
    if (take_char(rest, '.')) {
        if (number_digits(*rest) == 0)
            return false;
        *rest = slice_from(*rest, number_digits(*rest));
    }
    if (!take_half(rest, &hour) || hour > 23 || minute > 59 || seconds > 59)
        return false;
    *second = hour * HOUR + minute * 60 + seconds;
    return true;
}

/* Takes "Z", "UTC", "GMT", "+01", "+0100", "+01:00", "+0000 UTC", with blanks before it. */
static bool time_text_take_offset(struct slice *rest, struct time_parts *out)
{
    *rest = slice_trim(*rest);
    out->has_offset = rest->len > 0;
    bool west = take_char(rest, '-');
    if (west || take_char(rest, '+')) {
        int64_t hours, minutes = 0;
        size_t n = number_digits(*rest);
        if (!take_digits(rest, 4, &hours) || (n != 2 && n != 4))
            return false;
        if (n == 4) {
            minutes = hours % 100;
            hours /= 100;
        } else if (take_char(rest, ':') && !take_digits(rest, 2, &minutes)) {
            return false;
        }
        if (hours > 23 || minutes > 59)
            return false;
        out->offset = (hours * HOUR + minutes * 60) * (west ? -1 : 1);
        *rest = slice_trim(*rest);
        return rest->len == 0 || take_word(rest, SLICE("UTC"));
    }
    return rest->len == 0 || take_char(rest, 'Z') || take_char(rest, 'z') ||
           take_word(rest, SLICE("UTC")) || take_word(rest, SLICE("GMT"));
}

/* --- the zone --- */

static int64_t time_text_in_zone(const struct zone *zone, int64_t local, uint64_t *changes)
{
    int64_t before = zone_offset(zone, local - DATE_DAY_SECONDS);
    int64_t after = zone_offset(zone, local + DATE_DAY_SECONDS);
    bool before_holds = zone_offset(zone, local - before) == before;
    bool after_holds = zone_offset(zone, local - after) == after;
    *changes |= IMPORT_CHANGE_BIT(IMPORT_CHANGE_TIME_ZONE_ASSUMED);
    if (before == after)
        return local - before;
    if (before_holds && after_holds)
        *changes |= IMPORT_CHANGE_BIT(IMPORT_CHANGE_TIME_TWICE);
    if (!before_holds && !after_holds)
        *changes |= IMPORT_CHANGE_BIT(IMPORT_CHANGE_TIME_SKIPPED_HOUR);
    return after_holds && !before_holds ? local - after : local - before;
}

/* --- all of it --- */

static bool is_zeros(struct slice text)
{
    static const char zeros[] = "0000-00-00 00:00:00";
    return (text.len == 10 || text.len == sizeof(zeros) - 1) &&
           memcmp(text.at, zeros, text.len) == 0;
}

/* Seconds or milliseconds since the Unix epoch. */
static bool time_text_parse_unix(struct slice text, int64_t *seconds)
{
    uint64_t number;
    if (!number_parse(text, INT64_MAX, &number))
        return false;
    bool is_ms = text.len == 12 || text.len == 13;
    if (!is_ms && text.len != 9 && text.len != 10)
        return false;
    *seconds = (int64_t)(is_ms ? number / 1000 : number);
    return true;
}

/* Any time but zeros. */
static bool time_text_parse_any(struct slice text, const struct time_rules *rules, int64_t *seconds,
                                uint64_t *changes, const char **why)
{
    struct time_parts parts = { .second = 0 };
    bool is_rfc3339 = text.len >= RFC3339_SIZE - 1 && rfc3339_parse(text, seconds);
    if (is_rfc3339 || time_text_parse_unix(text, seconds))
        return true;
    if (!time_text_take_date(&text, rules->order, &parts.date, why) || !date_is_valid(parts.date))
        return false;
    if (take_char(&text, 'T') || take_char(&text, 't') || take_char(&text, ' ') ||
        take_word(&text, SLICE(", "))) {
        text = slice_trim(text);
        if (!time_text_take_clock(&text, &parts.second) || !time_text_take_offset(&text, &parts))
            return false;
    }
    if (text.len > 0)
        return false;
    int64_t local = date_to_days(parts.date) * DATE_DAY_SECONDS + parts.second;
    *seconds =
        parts.has_offset ? local - parts.offset : time_text_in_zone(rules->zone, local, changes);
    return true;
}

bool time_text_parse(struct slice text, const struct time_rules *rules, int64_t *seconds,
                     uint64_t *changes, const char **why)
{
    *why = "is not a time that is known, such as 2026-11-29T10:00:00Z";
    text = slice_strip(text);
    if (is_zeros(text)) {
        *changes |= IMPORT_CHANGE_BIT(IMPORT_CHANGE_TIME_ZERO);
        *seconds = 0;
        return true;
    }
    if (!time_text_parse_any(text, rules, seconds, changes, why))
        return false;
    *why = "is before 1970";
    return *seconds > 0;
}

/* --- durations --- */

bool time_text_parse_duration(struct slice text, int64_t *seconds)
{
    static const struct {
        const char *name;
        int64_t seconds;
    } units[] = {
        { "s", 1 },
        { "sec", 1 },
        { "second", 1 },
        { "m", 60 },
        { "min", 60 },
        { "minute", 60 },
        { "h", HOUR },
        { "hr", HOUR },
        { "hour", HOUR },
        { "d", 24 * HOUR },
        { "day", 24 * HOUR },
        { "w", 168 * HOUR },
        { "week", 168 * HOUR },
        { "month", 720 * HOUR },
        { "year", 8760 * HOUR },
    };
    int64_t number;
    text = slice_strip(text);
    if (!take_digits(&text, 9, &number))
        return false;
    text = slice_trim(text);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        struct slice rest = text;
        struct slice name = slice_of(units[i].name);
        if (take_word(&rest, name) &&
            (rest.len == 0 || (name.len > 1 && take_word(&rest, SLICE("s")) && rest.len == 0))) {
            *seconds = number * units[i].seconds;
            return true;
        }
    }
    return false;
}
