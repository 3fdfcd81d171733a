/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * civil: the calendar date of a moment (proleptic Gregorian), as a number that people read. */
#ifndef BASE_CIVIL_H
#define BASE_CIVIL_H

#include <stdint.h>

/* yyyymmdd of a UTC time in milliseconds, where clocks stand offset_min minutes before UTC. */
uint32_t civil_day(uint64_t at_ms, uint64_t offset_min);

#endif
