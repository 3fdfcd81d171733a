/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * calendar: the city's civil dates and its working time. Weekdays 09:00–17:00, except where the
 * state's yearly notice says otherwise (DayRow: holidays, and working weekend days that make up for
 * them). One working day is 8 h of working time. */
#ifndef DISPATCHER_CORE_CALENDAR_H
#define DISPATCHER_CORE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/core/state.h"

enum {
    WORKDAY_FIRST_HOUR = 9,
    WORKDAY_LAST_HOUR = 17
};
#define HOUR_MS        3600000ULL
#define DAY_MS         (24 * HOUR_MS)
#define WORKING_DAY_MS (8 * HOUR_MS)

/* yyyymmdd of the city's civil date at this moment. */
uint32_t calendar_date(const struct core *core, uint64_t at_ms);

/* Is this day (counted from 1970-01-01, city time) a working day? */
bool calendar_works(const struct core *core, uint64_t day);

/* When `length_ms` is over, counted from at_ms.
 * Not working time: by the clock. Working time, whole working days: the end (24:00) of the n-th
 * working day after the day of receipt, which does not count. Other working time: hours between
 * 09:00 and 17:00 of working days. */
uint64_t calendar_due(const struct core *core, uint64_t at_ms, uint64_t length_ms,
                      bool working_time);

#endif
