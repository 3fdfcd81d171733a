/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * turned away: calls to the city's numbers that found no place here, at their carrier or with the
 * dispatcher (503). Told to the dispatcher by the minute, so that the city's figures know of those whom
 * no queue ever saw (docs/kpi.md, C2). A killed process forgets its last minute. Private to trunk. */
#ifndef GATEWAYS_TRUNK_TURNED_AWAY_H
#define GATEWAYS_TRUNK_TURNED_AWAY_H

#include <stdint.h>

#include "gateways/trunk/dial_plan.h"

struct turned_away {
    uint64_t minute_ms; /* UTC: when the minute began that is counted */
    uint32_t count;
    struct turned_away_line {
        uint32_t line;
        uint32_t calls;
    } lines[DIAL_PLAN_LINES_MAX];
};

struct exchange;

/* One call more to this line. */
void turned_away_count(struct exchange *exchange, uint32_t line);

/* Tells of a minute that is over, and of one that will not end here. */
void turned_away_tick(struct exchange *exchange);

#endif
