/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/calendar.h"

enum {
    DAYS_WALKED_MAX =
        3660 /* ten years: no limit is longer; a city without working days ends here */
};

static uint64_t offset_ms(const struct core *core)
{
    return core->parameters[PARAMETER_UTC_OFFSET_MIN] * 60000;
}

/* Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": civil_from_days, for dates after
 * 1970. Years begin in March, so that the leap day is the last one. */
static uint32_t date_of_day(uint64_t day)
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

uint32_t calendar_date(const struct core *core, uint64_t at_ms)
{
    return date_of_day((at_ms + offset_ms(core)) / DAY_MS);
}

bool calendar_works(const struct core *core, uint64_t day)
{
    const struct day *listed = index_find(&core->index, ENTRY_DAY, date_of_day(day), 0);
    if (listed)
        return listed->row.working;
    uint64_t weekday = (day + 3) % 7; /* 1970-01-01 was a Thursday; 0 is Monday */
    return weekday < 5;
}

static uint64_t end_of_working_day(const struct core *core, uint64_t day, uint64_t days)
{
    for (uint64_t i = 0; i < DAYS_WALKED_MAX && days > 0; i++)
        if (calendar_works(core, ++day))
            days--;
    return (day + 1) * DAY_MS;
}

static uint64_t after_working_hours(const struct core *core, uint64_t local_ms, uint64_t length_ms)
{
    uint64_t day = local_ms / DAY_MS;
    uint64_t within = local_ms % DAY_MS;
    for (uint64_t i = 0; i < DAYS_WALKED_MAX; i++, day++, within = 0) {
        if (!calendar_works(core, day) || within >= WORKDAY_LAST_HOUR * HOUR_MS)
            continue;
        if (within < WORKDAY_FIRST_HOUR * HOUR_MS)
            within = WORKDAY_FIRST_HOUR * HOUR_MS;
        uint64_t rest = WORKDAY_LAST_HOUR * HOUR_MS - within;
        if (length_ms <= rest)
            return day * DAY_MS + within + length_ms;
        length_ms -= rest;
    }
    return day * DAY_MS;
}

uint64_t calendar_due(const struct core *core, uint64_t at_ms, uint64_t length_ms,
                      bool working_time)
{
    if (!working_time || length_ms == 0)
        return at_ms + length_ms;
    uint64_t local_ms = at_ms + offset_ms(core);
    uint64_t due_ms = length_ms % WORKING_DAY_MS == 0
                          ? end_of_working_day(core, local_ms / DAY_MS, length_ms / WORKING_DAY_MS)
                          : after_working_hours(core, local_ms, length_ms);
    return due_ms - offset_ms(core);
}
