/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * clock: the two times a program at the edge reads. Pure code gets its time in what it is asked. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since an arbitrary start; never goes back, counts through suspend (CLOCK_BOOTTIME). */
uint64_t clock_mono_ms(void);
uint64_t clock_mono_ns(void);

/* UTC milliseconds; may jump when an operator or NTP sets the clock. */
uint64_t clock_wall_ms(void);

#endif
