/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * parameter: what a row of parameters.csv may be, so that an operator hears of it before the core
 * refuses it. The bounds are the core's (dispatcher/core/city.c); unit test "city" holds them equal. */
#ifndef DISPATCHER_CITY_PARAMETER_H
#define DISPATCHER_CITY_PARAMETER_H

#include <stdint.h>

#include "proto/message.h"

struct parameter_bounds {
    uint64_t least, most;
};

/* Both 0 for PARAMETER_NONE. */
struct parameter_bounds parameter_bounds(enum parameter parameter);

#endif
