/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/wall_calendar.h"

uint64_t wall_day(uint32_t date)
{
    static const uint32_t months[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    uint64_t days = 0;
    for (uint32_t year = 1970; year < date / 10000; year++)
        days += year % 4 == 0 && (year % 100 || year % 400 == 0) ? 366 : 365;
    for (uint32_t month = 1; month < date / 100 % 100; month++)
        days += months[month - 1] + (month == 2 && date / 10000 % 4 == 0);
    return days + date % 100 - 1;
}

uint64_t wall_time(uint32_t date, uint64_t hour, uint64_t minute)
{
    return wall_day(date) * 86400000 + hour * 3600000 + minute * 60000 - 8 * 3600000;
}
