/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * wall_calendar: dates as one counts them on a calendar on the wall, by another road than base/civil. */
#ifndef TESTS_UNIT_WALL_CALENDAR_H
#define TESTS_UNIT_WALL_CALENDAR_H

#include <stdint.h>

/* Days since 1970-01-01. */
uint64_t wall_day(uint32_t date);

/* UTC milliseconds of a time of day (24 hours end it) in a city at UTC+8. */
uint64_t wall_time(uint32_t date, uint64_t hour, uint64_t minute);

#endif
