/* SPDX-License-Identifier: MIT */
/* The times of access logs. */
#include "base/number.h"
#include "follow/log_line.h"
#include "text/date.h"
#include "text/rfc3339.h"

enum {
    DIGITS_S = 11, /* digits of the latest time in seconds, with one to spare */
    DIGITS_MS = 14,
    DIGITS_US = 17,
    DIGITS_NS = 19,
    CLF_BYTES = 20,    /* "30/Nov/2026:17:00:00" */
    OFFSET_BYTES = 5,  /* "+0100" */
    RFC3339_LONG = 40, /* bytes of a longer text are not copied */
};

static bool log_time_read_epoch(struct slice text, int64_t *at)
{
    size_t digits = number_digits(text);
    uint64_t value = 0, divisor = 1;
    bool is_whole = digits == text.len || text.at[digits] == '.';
    if (!is_whole || digits > DIGITS_NS ||
        !number_parse((struct slice){ text.at, digits }, UINT64_MAX, &value))
        return false;
    if (digits > DIGITS_US)
        divisor = 1000000000;
    else if (digits > DIGITS_MS)
        divisor = 1000000;
    else if (digits > DIGITS_S)
        divisor = 1000;
    *at = (int64_t)(value / divisor);
    return true;
}

/* "+0100" or "-0330"; without one, the time is UTC. */
static bool log_time_read_offset(struct slice text, int64_t *offset_s)
{
    uint64_t value = 0;
    *offset_s = 0;
    if (text.len == 0)
        return true;
    if (text.len != OFFSET_BYTES || !number_parse(slice_from(text, 1), 2359, &value) ||
        (text.at[0] != '+' && text.at[0] != '-'))
        return false;
    *offset_s = (int64_t)(value / 100 * 3600 + value % 100 * 60);
    if (text.at[0] == '-')
        *offset_s = -*offset_s;
    return true;
}

static int64_t log_time_month(struct slice name)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int64_t i = 0; i < 12; i++) {
        if (slice_eq(name, (struct slice){ months + 3 * i, 3 }))
            return i + 1;
    }
    return 0;
}

static bool log_time_read_common(struct slice text, int64_t *at)
{
    uint64_t day = 0, year = 0, hour = 0, minute = 0, second = 0;
    int64_t offset_s = 0;
    const char *t = text.at;
    if (t[2] != '/' || t[6] != '/' || t[11] != ':' || t[14] != ':' || t[17] != ':' ||
        !number_parse((struct slice){ t, 2 }, 31, &day) ||
        !number_parse((struct slice){ t + 7, 4 }, 9999, &year) ||
        !number_parse((struct slice){ t + 12, 2 }, 23, &hour) ||
        !number_parse((struct slice){ t + 15, 2 }, 59, &minute) ||
        !number_parse((struct slice){ t + 18, 2 }, 60, &second) ||
        !log_time_read_offset(slice_trim(slice_from(text, CLF_BYTES)), &offset_s))
        return false;
    const struct date date = { (int64_t)year, log_time_month((struct slice){ t + 3, 3 }),
                               (int64_t)day };
    if (date.month == 0 || date.year == 0 || date.day == 0 ||
        date.day > date_month_days(date.year, date.month))
        return false;
    *at = date_to_days(date) * DATE_DAY_SECONDS + (int64_t)(hour * 3600 + minute * 60 + second) -
          offset_s;
    return true;
}

/* RFC 3339, the colon of the offset restored where it is missing. */
static bool log_time_read_rfc3339(struct slice text, int64_t *at)
{
    char copy[RFC3339_LONG + 1];
    size_t sign = text.len >= OFFSET_BYTES ? text.len - OFFSET_BYTES : 0;
    bool has_colon = sign < 19 || (text.at[sign] != '+' && text.at[sign] != '-');
    if (has_colon || text.len > RFC3339_LONG)
        return rfc3339_parse(text, at);
    memcpy(copy, text.at, text.len - 2);
    copy[text.len - 2] = ':';
    memcpy(copy + text.len - 1, text.at + text.len - 2, 2);
    return rfc3339_parse((struct slice){ copy, text.len + 1 }, at);
}

bool log_time_parse(struct slice text, int64_t *at)
{
    int64_t read = 0;
    bool is_read = false;
    if (text.len >= CLF_BYTES && text.at[2] == '/')
        is_read = log_time_read_common(text, &read);
    else if (text.len >= CLF_BYTES && text.at[4] == '-')
        is_read = log_time_read_rfc3339(text, &read);
    else if (text.len)
        is_read = log_time_read_epoch(text, &read);
    if (!is_read || read < 0 || read > UINT32_MAX)
        return false;
    *at = read;
    return true;
}
