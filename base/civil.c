/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/civil.h"

#define MINUTE_MS 60000ULL
#define DAY_MS    (24 * 60 * MINUTE_MS)

/* Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": civil_from_days, for dates after
 * 1970. Years begin in March, so that the leap day is the last one. */
uint32_t civil_date(uint64_t day)
{
    uint64_t z = day + 719468;
    uint64_t era = z / 146097;
    uint64_t day_of_era = z - era * 146097;
    uint64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint64_t shifted = (5 * day_of_year + 2) / 153;
    uint64_t day_of_month = day_of_year - (153 * shifted + 2) / 5 + 1;
    uint64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    uint64_t year = year_of_era + era * 400 + (month <= 2);
    return (uint32_t)(year * 10000 + month * 100 + day_of_month);
}

/* The same page's days_from_civil. */
uint64_t civil_day(uint32_t date)
{
    uint64_t month = date / 100 % 100, year = date / 10000 - (month <= 2);
    uint64_t shifted = month > 2 ? month - 3 : month + 9;
    uint64_t day_of_year = (153 * shifted + 2) / 5 + date % 100 - 1;
    uint64_t year_of_era = year % 400;
    return year / 400 * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
           day_of_year - 719468;
}

uint32_t civil_date_at(uint64_t at_ms, uint64_t offset_min)
{
    return civil_date((at_ms + offset_min * MINUTE_MS) / DAY_MS);
}
