/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * wall: the dispatcher's own time, UTC milliseconds. It follows the machine's clock but never goes
 * back, not even over a restart: when the clock was set back, time stands until it has caught up. */
#ifndef DISPATCHER_IO_WALL_H
#define DISPATCHER_IO_WALL_H

#include <stdint.h>

struct wall {
    uint64_t last_ms;
    uint64_t held; /* how many readings stood still because the clock was behind */
};

/* after_ms: the time of the last event. */
static inline void wall_begin(struct wall *wall, uint64_t after_ms)
{
    *wall = (struct wall){ .last_ms = after_ms };
}

/* clock_ms: what the machine's clock says. */
static inline uint64_t wall_read(struct wall *wall, uint64_t clock_ms)
{
    if (clock_ms < wall->last_ms)
        wall->held++;
    else
        wall->last_ms = clock_ms;
    return wall->last_ms;
}

#endif
