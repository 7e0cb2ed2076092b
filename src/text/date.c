/* SPDX-License-Identifier: MIT */
/* Calendar arithmetic on days. The year begins in March, so that the leap day is its last day; 400
 * years always have 146,097 days. */
#include "text/date.h"

#include <stdbool.h>

#define DAYS_OF_400     INT64_C(146097)
#define DAYS_OF_100     INT64_C(36524)
#define DAYS_OF_4       INT64_C(1461)
#define DAYS_UNTIL_1970 INT64_C(719468) /* from 0000-03-01 to 1970-01-01 */

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int64_t date_month_days(int64_t year, int64_t month)
{
    static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

int64_t date_to_days(struct date d)
{
    int64_t year = d.month <= 2 ? d.year - 1 : d.year;
    int64_t month = (d.month + 9) % 12; /* March is 0 */
    int64_t leap_days = year / 4 - year / 100 + year / 400;
    int64_t day_of_year = (153 * month + 2) / 5 + d.day - 1;
    return 365 * year + leap_days + day_of_year - DAYS_UNTIL_1970;
}

struct date date_of_days(int64_t days)
{
    days += DAYS_UNTIL_1970;
    int64_t era = days / DAYS_OF_400;
    int64_t of_era = days % DAYS_OF_400;
    int64_t year_of_era =
        (of_era - of_era / (DAYS_OF_4 - 1) + of_era / DAYS_OF_100 - of_era / (DAYS_OF_400 - 1)) /
        365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * of_year + 2) / 153;
    struct date d = { .year = era * 400 + year_of_era,
                      .month = month < 10 ? month + 3 : month - 9,
                      .day = of_year - (153 * month + 2) / 5 + 1 };
    if (d.month <= 2)
        d.year++;
    return d;
}
