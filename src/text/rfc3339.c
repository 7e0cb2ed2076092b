/* SPDX-License-Identifier: MIT */
/* Reads timestamps from left to right, and writes them. */
#include "text/rfc3339.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/number.h"
#include "text/date.h"

#define DAY_S DATE_DAY_SECONDS

/* The functions below consume from the front of `rest` and return false when it does not begin with
 * what they expect. */
static bool rfc3339_take_byte(struct slice *rest, char lower)
{
    if (rest->len == 0 || ascii_to_lower(rest->at[0]) != lower)
        return false;
    *rest = slice_from(*rest, 1);
    return true;
}

static bool rfc3339_take_number(struct slice *rest, size_t digits, int64_t min, int64_t max,
                                int64_t *out)
{
    uint64_t value;
    if (rest->len < digits ||
        !number_parse((struct slice){ rest->at, digits }, (uint64_t)max, &value))
        return false;
    *rest = slice_from(*rest, digits);
    *out = (int64_t)value;
    return *out >= min;
}

static bool take_date(struct slice *rest, struct date *d)
{
    return rfc3339_take_number(rest, 4, 1, 9999, &d->year) && rfc3339_take_byte(rest, '-') &&
           rfc3339_take_number(rest, 2, 1, 12, &d->month) && rfc3339_take_byte(rest, '-') &&
           rfc3339_take_number(rest, 2, 1, date_month_days(d->year, d->month), &d->day);
}

static bool take_fraction(struct slice *rest)
{
    if (!rfc3339_take_byte(rest, '.'))
        return true;
    size_t digits = number_digits(*rest);
    *rest = slice_from(*rest, digits);
    return digits > 0;
}

/* Reads the time of day in seconds; *leap is set to whether the seconds are 60. */
static bool take_time(struct slice *rest, int64_t *seconds, bool *leap)
{
    int64_t hour, minute, second;
    if (!rfc3339_take_number(rest, 2, 0, 23, &hour) || !rfc3339_take_byte(rest, ':') ||
        !rfc3339_take_number(rest, 2, 0, 59, &minute) || !rfc3339_take_byte(rest, ':') ||
        !rfc3339_take_number(rest, 2, 0, 60, &second) || !take_fraction(rest))
        return false;
    *seconds = hour * 3600 + minute * 60 + second;
    *leap = second == 60;
    return true;
}

static bool take_offset(struct slice *rest, int64_t *seconds)
{
    *seconds = 0;
    if (rfc3339_take_byte(rest, 'z'))
        return true;
    bool west = rfc3339_take_byte(rest, '-');
    int64_t hours, minutes;
    if ((!west && !rfc3339_take_byte(rest, '+')) || !rfc3339_take_number(rest, 2, 0, 23, &hours) ||
        !rfc3339_take_byte(rest, ':') || !rfc3339_take_number(rest, 2, 0, 59, &minutes))
        return false;
    *seconds = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return true;
}

/* A leap second is the last second of a month in UTC, so the second after it is the first of a
 * month. */
static bool begins_month(int64_t at)
{
    return at % DAY_S == 0 && date_of_days(at / DAY_S).day == 1;
}

bool rfc3339_parse(struct slice text, int64_t *seconds)
{
    struct date date;
    int64_t time = 0, offset = 0;
    bool leap = false;
    if (!take_date(&text, &date))
        return false;
    if (text.len > 0 && !(rfc3339_take_byte(&text, 't') && take_time(&text, &time, &leap) &&
                          take_offset(&text, &offset) && text.len == 0))
        return false;
    int64_t at = date_to_days(date) * DAY_S + time - offset;
    if (at < RFC3339_MIN || at > RFC3339_MAX || (leap && !begins_month(at)))
        return false;
    *seconds = at;
    return true;
}

/* Whether `text` begins with digits and separators as in `shape`, where 0 stands for any digit. */
static bool has_shape(struct slice text, const char *shape)
{
    size_t i = 0;
    for (; i < text.len && shape[i] != '\0'; i++) {
        if (shape[i] == '0' ? !ascii_is_digit(text.at[i]) : text.at[i] != shape[i])
            return false;
    }
    return shape[i] == '\0';
}

/* The fault in what follows a date. */
static const char *time_fault(struct slice rest)
{
    int64_t seconds;
    bool leap;
    if (rest.at[0] == ' ')
        return "has a space instead of a T between date and time";
    if (!rfc3339_take_byte(&rest, 't') || !has_shape(rest, "00:00:00"))
        return "has no time of day like T08:00:00 after the date";
    if (!take_time(&rest, &seconds, &leap))
        return "names a time of day that does not exist";
    if (rest.len == 0)
        return "has no time zone at its end: Z, or an offset like +02:00";
    if (!take_offset(&rest, &seconds) || rest.len)
        return "has a time zone that is neither Z nor an offset like +02:00";
    return leap ? "names a leap second that does not exist"
                : "is before the year 1 or past the year 9999";
}

const char *rfc3339_fault(struct slice text)
{
    struct date date;
    if (text.len == 0)
        return "is empty";
    if (!has_shape(text, "0000-00-00"))
        return "does not begin with a date like 2026-11-22";
    if (!take_date(&text, &date))
        return "names a day that does not exist";
    return text.len ? time_fault(text) : "is out of range";
}

/* `seconds`, moved into the range that can be written. */
static int64_t clamp(int64_t seconds)
{
    if (seconds < RFC3339_MIN)
        return RFC3339_MIN;
    return seconds > RFC3339_MAX ? RFC3339_MAX : seconds;
}

static void put_two_digits(char *at, int64_t number)
{
    at[0] = (char)('0' + number / 10);
    at[1] = (char)('0' + number % 10);
}

static void format_local(int64_t seconds, char out[RFC3339_SIZE])
{
    int64_t days = (seconds - RFC3339_MIN) / DAY_S + RFC3339_MIN / DAY_S;
    int64_t of_day = seconds - days * DAY_S;
    struct date d = date_of_days(days);
    memcpy(out, "0000-00-00T00:00:00Z", RFC3339_SIZE);
    put_two_digits(out, d.year / 100);
    put_two_digits(out + 2, d.year % 100);
    put_two_digits(out + 5, d.month);
    put_two_digits(out + 8, d.day);
    put_two_digits(out + 11, of_day / 3600);
    put_two_digits(out + 14, of_day / 60 % 60);
    put_two_digits(out + 17, of_day % 60);
}

void rfc3339_format(int64_t seconds, char out[RFC3339_SIZE])
{
    format_local(clamp(seconds), out);
}

void rfc3339_format_offset(int64_t seconds, int32_t offset_s, char out[RFC3339_OFFSET_SIZE])
{
    char local[RFC3339_SIZE];
    int minutes = offset_s / 60;
    format_local(clamp(seconds + (int64_t)minutes * 60), local);
    unsigned size = (unsigned)(minutes < 0 ? -minutes : minutes);
    (void)snprintf(out, RFC3339_OFFSET_SIZE, "%.19s%c%02u:%02u", local, minutes < 0 ? '-' : '+',
                   size / 60 % 100, size % 60);
}
