/* SPDX-License-Identifier: MIT */
/* Dates of the Gregorian calendar, to and from days since 1970-01-01. */
#pragma once

#include <stdint.h>

#define DATE_DAY_SECONDS INT64_C(86400)

struct date {
    int64_t year;
    int64_t month; /* 1 to 12 */
    int64_t day;   /* 1 to 31 */
};

/* The number of days of a month: 28 to 31. */
int64_t date_month_days(int64_t year, int64_t month);

/* The days from 1970-01-01 to a date of the year 1 or later. */
int64_t date_to_days(struct date d);

/* The inverse, for days from 0000-03-01 on. */
struct date date_of_days(int64_t days);

/* The first day of a day's month. */
static inline int64_t date_month_of(int64_t days)
{
    return days - (date_of_days(days).day - 1);
}
