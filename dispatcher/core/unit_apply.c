/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What events do to a unit. */
#include "base/require.h"
#include "dispatcher/core/coverage.h"
#include "dispatcher/core/scene.h"
#include "dispatcher/core/unit.h"

void unit_refile(struct core *core, struct unit *unit)
{
    uint64_t due_ms = unit->check_in_ms ? unit->check_in_ms : NEVER;
    if (unit->sign.due_ms && !unit->sign.reported && unit->sign.due_ms < due_ms)
        due_ms = unit->sign.due_ms;
    deadline_set(core, &unit->deadline, due_ms, unit->row.unit);
}

void apply_unit_defined(struct core *core, const struct event *event)
{
    const struct unit_row *row = &event->unit_defined.row;
    struct unit *unit = core_unit(core, row->unit);
    if (unit) {
        coverage_leave(core, unit);
    } else {
        unit = pool_take(&core->units);
        index_put(&core->index, ENTRY_UNIT, row->unit, 0, unit);
        unit->state = UNIT_STATE_AVAILABLE;
        unit->deadline.kind = DEADLINE_UNIT;
        unit->deadline.owner = unit;
    }
    unit->row = *row;
    coverage_enter(core, unit);
}

static void leave_scene(struct core *core, struct unit *unit, uint64_t at_ms)
{
    uint64_t incident = unit->incident;
    link_leave(&unit->of_scene);
    unit->incident = 0;
    unit->idle_ms = at_ms;
    scene_refile(core, incident);
}

static void leave_stack(struct core *core, struct unit *unit, uint64_t incident)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < unit->stack_count; i++)
        if (unit->stack[i] != incident)
            unit->stack[kept++] = unit->stack[i];
    if (kept == unit->stack_count)
        return;
    unit->stack[kept] = 0;
    unit->stack_count = kept;
    core_scene(core, incident)->stacked--;
}

static void join_scene(struct core *core, struct unit *unit, uint64_t incident)
{
    struct scene *scene = scene_open(core, incident);
    REQUIRE(unit->incident == 0);
    scene_unpick(core, scene, unit);
    leave_stack(core, unit, incident);
    unit->incident = incident;
    list_append(&scene->units, &unit->of_scene, unit);
}

void apply_unit_moved(struct core *core, const struct event *event)
{
    const struct unit_moved *moved = &event->unit_moved;
    struct unit *unit = core_unit(core, moved->unit);
    REQUIRE(unit && unit->state == moved->from);
    REQUIRE(unit_next(unit->row.machine, moved->from, moved->step) == moved->to);
    coverage_leave(core, unit);
    if (moved->to != moved->from)
        unit->since_ms = event->at_ms;
    unit->state = moved->to;
    unit->reason = moved->to == UNIT_STATE_OUT_OF_SERVICE ? moved->reason : UNABLE_REASON_NONE;
    unit->unanswered = false;
    unit->sign = (struct promise){ .due_ms = moved->sign_due_ms };
    if (unit->check_in_ms != moved->check_in_due_ms)
        unit->check_in_missed = false;
    unit->check_in_ms = moved->check_in_due_ms;
    if (moved->step == UNIT_STEP_ALERT)
        join_scene(core, unit, event->incident);
    else if (unit->incident && !unit_is_out(moved->to))
        leave_scene(core, unit, event->at_ms);
    coverage_enter(core, unit);
    unit_refile(core, unit);
    scene_refile(core, event->incident);
}

void apply_unit_placed(struct core *core, const struct event *event)
{
    const struct unit_placed *placed = &event->unit_placed;
    struct unit *unit = core_unit(core, placed->unit);
    REQUIRE(unit);
    unit->cell = (struct cell){ placed->east_cell, placed->north_cell };
    unit->measured_ms = placed->measured_ms;
    unit->placed_ms = event->at_ms;
}

void apply_unit_stacked(struct core *core, const struct event *event)
{
    struct unit *unit = core_unit(core, event->unit_stacked.unit);
    REQUIRE(unit && unit->incident && unit->stack_count < UNIT_STACK_MAX);
    unit->stack[unit->stack_count++] = event->incident;
    scene_open(core, event->incident)->stacked++;
    scene_refile(core, event->incident);
}

void apply_unit_unstacked(struct core *core, const struct event *event)
{
    struct unit *unit = core_unit(core, event->unit_unstacked.unit);
    REQUIRE(unit);
    leave_stack(core, unit, event->incident);
    scene_refile(core, event->incident);
}

void apply_unit_passed(struct core *core, const struct event *event)
{
    struct unit *unit = core_unit(core, event->unit_passed.unit);
    struct scene *scene = core_scene(core, event->incident);
    REQUIRE(unit && scene);
    if (event->unit_passed.unanswered) {
        unit->unanswered = true;
        unit->sign.reported = true;
        unit_refile(core, unit);
        return;
    }
    scene_unpick(core, scene, unit);
    scene_refile(core, event->incident);
}

void apply_unit_staffed(struct core *core, const struct event *event)
{
    struct unit *unit = core_unit(core, event->unit_staffed.unit);
    REQUIRE(unit);
    coverage_leave(core, unit);
    unit->crew = event->unit_staffed.crew;
    unit->crew_said = true;
    coverage_enter(core, unit);
}
