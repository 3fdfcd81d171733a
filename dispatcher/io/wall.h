/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * wall: the dispatcher's own time, UTC milliseconds. It follows the machine's clock but never goes
 * back, not even over a restart. When the clock was set back, time goes on by the machine's steady
 * clock, a tenth slower, until the clock has caught up: no lease and no alarm waits for that. */
#ifndef DISPATCHER_IO_WALL_H
#define DISPATCHER_IO_WALL_H

#include <stdint.h>

struct wall {
    uint64_t last_ms;
    uint64_t steady_ms; /* at the last reading */
    uint64_t tenths;    /* of a millisecond, passed but not yet shown */
    uint64_t held;      /* how many readings found the clock behind */
};

/* after_ms: the time of the last event. steady_ms: a clock that nobody sets. */
static inline void wall_begin(struct wall *wall, uint64_t after_ms, uint64_t steady_ms)
{
    *wall = (struct wall){ .last_ms = after_ms, .steady_ms = steady_ms };
}

/* clock_ms: what the machine's clock says. */
static inline uint64_t wall_read(struct wall *wall, uint64_t clock_ms, uint64_t steady_ms)
{
    uint64_t passed_ms = steady_ms - wall->steady_ms;
    wall->steady_ms = steady_ms;
    if (clock_ms >= wall->last_ms) {
        wall->last_ms = clock_ms;
        wall->tenths = 0;
        return clock_ms;
    }
    wall->held++;
    wall->tenths += 9 * passed_ms;
    wall->last_ms += wall->tenths / 10;
    wall->tenths %= 10;
    return wall->last_ms;
}

#endif
