/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/scene.h"

#include "base/require.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/plan.h"
#include "dispatcher/core/run_card.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/unit.h"

bool incident_takes_units(const struct incident *incident)
{
    switch (incident->state) {
    case INCIDENT_STATE_DISPATCHED:
    case INCIDENT_STATE_HANDLING:
    case INCIDENT_STATE_ON_SCENE:
    case INCIDENT_STATE_CONTROLLED:
        return true;
    default: /* not yet with a department, or no longer */
        return false;
    }
}

/* Nothing more is sent there; who is there goes. */
static bool is_over(const struct core *core, const struct scene *scene)
{
    const struct incident *incident = core_incident(core, scene->incident);
    return !incident || !incident_takes_units(incident);
}

/* Its department's work there ended, and it is free to go. */
static bool may_go(const struct core *core, const struct scene *scene, const struct unit *unit)
{
    const struct incident *incident = core_incident(core, scene->incident);
    if (incident && incident_takes_units(incident) && task_open_of(incident, unit->row.department))
        return false;
    return unit_next(unit->row.machine, unit->state, UNIT_STEP_RELEASE) != UNIT_STATE_NONE;
}

static const struct unit *next_to_go(const struct core *core, const struct scene *scene)
{
    for (const struct unit *unit = unit_first(scene); unit; unit = unit_after(scene, unit))
        if (may_go(core, scene, unit))
            return unit;
    return NULL;
}

/* A unit that has the incident in its stack; a walk over all, but only where there is one. */
static const struct unit *next_stacked(const struct core *core, const struct scene *scene)
{
    for (uint32_t i = 0; scene->stacked && i < core->units.reached; i++) {
        const struct unit *unit = pool_at(&core->units, i);
        for (uint32_t j = 0; j < unit->stack_count; j++)
            if (unit->stack[j] == scene->incident)
                return unit;
    }
    return NULL;
}

static bool is_settled(const struct core *core, const struct scene *scene)
{
    if (is_over(core, scene))
        return scene->stacked == 0 && !next_to_go(core, scene);
    return !scene->plan_due && scene->picked_count == 0 && !next_to_go(core, scene);
}

/* ---- deciding ------------------------------------------------------------------------------ */

static void pass(struct decision *decision, const struct unit *unit, uint64_t incident)
{
    unit_event(decision, EVENT_UNIT_PASSED, unit, incident)->unit_passed.unit = unit->row.unit;
}

static void alert_picked(struct decision *decision, const struct scene *scene)
{
    const struct incident *incident = core_incident(decision->core, scene->incident);
    const struct unit *unit = core_unit(decision->core, scene->picked[0]);
    REQUIRE(incident && unit);
    if (unit_is_free(unit) && unit_task(decision, unit, incident))
        unit_alert(decision, unit, unit->state, incident->id);
    else
        pass(decision, unit, incident->id);
}

bool scene_next(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct scene *scene = list_first(&core->unsettled_scenes);
    if (!scene)
        return false;
    const struct unit *unit = next_to_go(core, scene);
    bool over = is_over(core, scene);
    if (unit) {
        unit_step(decision, unit, UNIT_STEP_RELEASE);
    } else if (over) {
        unit = next_stacked(core, scene);
        REQUIRE(unit);
        unit_event(decision, EVENT_UNIT_UNSTACKED, unit, scene->incident)->unit_unstacked.unit =
            unit->row.unit;
    } else if (scene->plan_due) {
        plan_dispatched(decision, core_incident(core, scene->incident));
    } else {
        alert_picked(decision, scene);
    }
    return true;
}

/* ---- applying ------------------------------------------------------------------------------ */

bool scene_may_open(const struct core *core, uint64_t incident)
{
    return core_scene(core, incident) || pool_room(&core->scenes) > 0;
}

struct scene *scene_open(struct core *core, uint64_t incident)
{
    struct scene *scene = core_scene(core, incident);
    if (scene)
        return scene;
    scene = pool_take(&core->scenes);
    scene->incident = incident;
    list_init(&scene->units);
    index_put(&core->index, ENTRY_SCENE, incident, 0, scene);
    return scene;
}

static void forget(struct core *core, struct scene *scene)
{
    link_leave(&scene->unsettled);
    index_remove(&core->index, ENTRY_SCENE, scene->incident, 0);
    pool_give(&core->scenes, scene);
}

void scene_unpick(struct core *core, struct scene *scene, struct unit *unit)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < scene->picked_count; i++)
        if (scene->picked[i] != unit->row.unit)
            scene->picked[kept++] = scene->picked[i];
    scene->picked_count = kept;
    if (unit->picked == scene->incident)
        unit->picked = 0;
    (void)core;
}

void scene_refile(struct core *core, uint64_t incident)
{
    struct scene *scene = pool_used(&core->scenes) ? core_scene(core, incident) : NULL;
    if (!scene)
        return;
    bool over = is_over(core, scene);
    while (over && scene->picked_count > 0)
        scene_unpick(core, scene, core_unit(core, scene->picked[0]));
    if (over)
        scene->plan_due = false;
    if (over && !unit_first(scene) && scene->stacked == 0) {
        forget(core, scene);
        return;
    }
    bool settled = is_settled(core, scene);
    if (settled)
        link_leave(&scene->unsettled);
    else if (!link_held(&scene->unsettled))
        list_append(&core->unsettled_scenes, &scene->unsettled, scene);
}

void scene_dispatched(struct core *core, const struct incident *incident)
{
    if (!run_card_of(core, incident, core->at_ms) || !scene_may_open(core, incident->id))
        return;
    scene_open(core, incident->id)->plan_due = true;
    scene_refile(core, incident->id);
}
