/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * calendar: the city's civil dates and its working time. Weekdays 09:00–17:00, except where the
 * state's yearly notice says otherwise (DayRow: holidays, and working weekend days that make up for
 * them). Each load of other days or hours is a version; a year is known when it has a listed day
 * that is not provisional.
 *
 * The three measures of a limit:
 *   wall clock      every hour, from the event on
 *   working hours   between the hours of work on working days
 *   working days    24 h each; the day it began does not count, whatever its hour; the last one ends
 *                   at 24:00, or at the city's due time ("from the next day": 7 Chinese rules agree)
 *
 * Everything is a look-up in a table of working days from 2000 to 2099, rebuilt when a day is
 * listed; other years are walked. */
#ifndef DISPATCHER_CORE_CALENDAR_H
#define DISPATCHER_CORE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

#include "dispatcher/core/decision.h"

enum {
    WORKDAY_FIRST_HOUR = 9,
    WORKDAY_LAST_HOUR = 17
};
#define MINUTE_MS      60000ULL
#define HOUR_MS        3600000ULL
#define DAY_MS         (24 * HOUR_MS)
#define WORKING_DAY_MS (8 * HOUR_MS) /* as parameters and older limits write a working day */

/* yyyymmdd of the city's civil date at this moment. */
uint32_t calendar_date(const struct core *core, uint64_t at_ms);

/* Is this day (counted from 1970-01-01, city time) a working day? */
bool calendar_works(const struct core *core, uint64_t day);

/* When `length_ms` of the measure have passed since start_ms: the first such moment. */
uint64_t calendar_after(const struct core *core, enum measure measure, uint64_t start_ms,
                        uint64_t length_ms);

/* How much of from_ms … until_ms counts for a length that began at start_ms. */
uint64_t calendar_between(const struct core *core, enum measure measure, uint64_t start_ms,
                          uint64_t from_ms, uint64_t until_ms);

/* Does this due time lie in a year whose holidays are not known? */
bool calendar_is_provisional(const struct core *core, enum measure measure, uint64_t due_ms);

/* A length as parameters and older limits write it: working time in 8 h days, and whole days of it are
 * working days. */
struct span calendar_span(uint64_t length_ms, bool working_time);

/* calendar_after() for such a length. */
uint64_t calendar_due(const struct core *core, uint64_t at_ms, uint64_t length_ms,
                      bool working_time);

/* ---- versions ---- */

/* With a load of the city: other days or hours than the last version's are a new one. */
void calendar_load(struct decision *decision);

/* Sets up the table of an empty core; again from a day on whose row came or changed. */
void calendar_begin(struct core *core);
void calendar_relist(struct core *core, uint32_t date);

void apply_calendar_loaded(struct core *core, const struct event *event);

#endif
