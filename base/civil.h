/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * civil: calendar dates (proleptic Gregorian, after 1970) as numbers that people read: yyyymmdd. */
#ifndef BASE_CIVIL_H
#define BASE_CIVIL_H

#include <stdint.h>

/* Days since 1970-01-01 to a date, and back. The month and day of a date must exist. */
uint32_t civil_date(uint64_t day);
uint64_t civil_day(uint32_t date);

/* The date of a UTC time in milliseconds, where clocks stand offset_min minutes before UTC. */
uint32_t civil_date_at(uint64_t at_ms, uint64_t offset_min);

#endif
