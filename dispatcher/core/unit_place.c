/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a unit is. Feeds report every few seconds; the journal keeps a position when it says
 * something: another cell, or that the old one still holds before it would count as stale. */
#include "base/require.h"
#include "dispatcher/core/unit.h"

static bool says_something(const struct core *core, const struct unit *unit, struct cell cell,
                           uint64_t measured_ms, uint64_t at_ms)
{
    if (cell.east == unit->cell.east && cell.north == unit->cell.north)
        return measured_ms - unit->measured_ms >= core->parameters[PARAMETER_POSITION_STALE_MS] / 2;
    return unit->placed_ms == 0 ||
           at_ms - unit->placed_ms >= core->parameters[PARAMETER_POSITION_EVERY_MS];
}

enum refusal decide_unit_place(struct decision *decision)
{
    const struct unit_place *asked = &decision->command->unit_place;
    struct cell cell = { asked->east_cell, asked->north_cell };
    const struct unit *unit;
    enum refusal refusal = unit_find(decision, asked->unit, &unit);
    if (refusal)
        return refusal;
    if (!cell_is_known(cell) || !cell_is_sound(cell))
        return REFUSAL_MALFORMED;
    uint64_t measured_ms = asked->measured_ms;
    if (measured_ms == 0 || measured_ms > decision->at_ms) /* a terminal whose clock is ahead */
        measured_ms = decision->at_ms;
    if (measured_ms <= unit->measured_ms ||
        !says_something(decision->core, unit, cell, measured_ms, decision->at_ms))
        return REFUSAL_ALREADY;
    struct event *event = unit_event(decision, EVENT_UNIT_PLACED, unit, unit->incident);
    event->unit_placed.unit = unit->row.unit;
    event->unit_placed.east_cell = cell.east;
    event->unit_placed.north_cell = cell.north;
    event->unit_placed.measured_ms = measured_ms;
    return REFUSAL_NONE;
}
