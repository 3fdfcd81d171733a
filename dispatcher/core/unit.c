/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What may be decided about a unit. */
#include "dispatcher/core/unit.h"

#include "base/require.h"
#include "dispatcher/core/check_in.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/plan.h"
#include "dispatcher/core/rows.h"
#include "dispatcher/core/scene.h"
#include "dispatcher/core/task.h"

bool unit_is_free(const struct unit *unit)
{
    return unit->state == UNIT_STATE_AVAILABLE || unit->state == UNIT_STATE_LEFT;
}

bool unit_is_staffed(const struct unit *unit)
{
    return !unit->crew_said || unit->crew >= (unit->row.crew ? unit->row.crew : 1);
}

const struct unit *unit_first(const struct scene *scene)
{
    return list_first(&scene->units);
}

const struct unit *unit_after(const struct scene *scene, const struct unit *unit)
{
    return list_next(&scene->units, &unit->of_scene);
}

struct event *unit_event(struct decision *decision, enum event_kind kind, const struct unit *unit,
                         uint64_t incident)
{
    const struct incident *of = core_incident(decision->core, incident);
    const struct task *task = of ? task_open_of(of, unit->row.department) : NULL;
    struct event *event = decision_event(decision, kind);
    event->incident = incident;
    event->department = unit->row.department;
    event->task = task ? task->id : 0;
    event->line = of ? of->line : 0;
    return event;
}

static struct event *move(struct decision *decision, const struct unit *unit, enum unit_state from,
                          enum unit_step step, uint64_t incident)
{
    enum unit_state to = unit_next(unit->row.machine, from, step);
    REQUIRE(to != UNIT_STATE_NONE);
    struct event *event = unit_event(decision, EVENT_UNIT_MOVED, unit, incident);
    event->unit_moved.unit = unit->row.unit;
    event->unit_moved.step = step;
    event->unit_moved.from = from;
    event->unit_moved.to = to;
    event->unit_moved.check_in_due_ms = check_in_due_ms(decision, unit, to);
    return event;
}

void unit_alert(struct decision *decision, const struct unit *unit, enum unit_state from,
                uint64_t incident)
{
    struct event *event = move(decision, unit, from, UNIT_STEP_ALERT, incident);
    event->unit_moved.sign_due_ms =
        decision->at_ms + decision->core->parameters[PARAMETER_UNIT_SIGN_MS];
}

bool unit_task(struct decision *decision, const struct unit *unit, const struct incident *incident)
{
    if (task_open_of(incident, unit->row.department))
        return true;
    if (pool_room(&decision->core->tasks) == 0 || task_count(incident) >= TASKS_PER_INCIDENT_MAX)
        return false;
    task_open(decision, incident, unit->row.department, TASK_KIND_ASSIST);
    return true;
}

static void unstack(struct decision *decision, const struct unit *unit, uint64_t incident)
{
    unit_event(decision, EVENT_UNIT_UNSTACKED, unit, incident)->unit_unstacked.unit =
        unit->row.unit;
}

/* What waited for it comes next; an incident that ended meanwhile is taken out by its scene. Where its
 * department can have no task any more, nobody waits for a unit that will not come. */
static void go_on(struct decision *decision, const struct unit *unit, enum unit_state from)
{
    for (uint32_t i = 0; i < unit->stack_count; i++) {
        const struct incident *incident = core_incident(decision->core, unit->stack[i]);
        if (!incident || !incident_takes_units(incident))
            continue;
        if (!unit_task(decision, unit, incident)) {
            unstack(decision, unit, incident->id);
            continue;
        }
        unit_alert(decision, unit, from, incident->id);
        return;
    }
}

struct event *unit_step(struct decision *decision, const struct unit *unit, enum unit_step step)
{
    enum unit_state to = unit_next(unit->row.machine, unit->state, step);
    struct event *event = move(decision, unit, unit->state, step, unit->incident);
    if (unit_is_out(unit->state) && (to == UNIT_STATE_AVAILABLE || to == UNIT_STATE_LEFT))
        go_on(decision, unit, to);
    return event;
}

/* ---- what the first unit's step is to its task and its incident ---------------------------- */

/* Takes the task on as far as the table goes; returns where it is then. */
static enum task_state task_on(struct decision *decision, const struct task *task,
                               enum task_state from, enum task_step step)
{
    if (task_next(from, step) == TASK_STATE_NONE)
        return from;
    struct event *event = task_step_from(decision, task, from, step);
    if (step == TASK_STEP_SIGN)
        task_lead_signed(decision, task);
    return event->task_moved.to;
}

static void incident_on(struct decision *decision, const struct incident *incident,
                        enum incident_step step)
{
    enum incident_state state = incident->state;
    /* This very decision may have signed for it. */
    for (uint32_t i = 0; i < decision->verdict->count; i++)
        if (decision->verdict->events[i].kind == EVENT_INCIDENT_MOVED)
            state = decision->verdict->events[i].incident_moved.to;
    if (incident_next(incident->emergency, state, step) != INCIDENT_STATE_NONE)
        incident_step(decision, incident, state, step);
}

static void tell_task(struct decision *decision, const struct unit *unit, enum unit_step step)
{
    const struct incident *incident = core_incident(decision->core, unit->incident);
    const struct task *task = incident ? task_open_of(incident, unit->row.department) : NULL;
    if (!task)
        return;
    enum task_state state = task->state;
    if (step == UNIT_STEP_SIGN || step == UNIT_STEP_ROLL || step == UNIT_STEP_ARRIVE)
        state = task_on(decision, task, state, TASK_STEP_SIGN);
    if (step == UNIT_STEP_ROLL)
        state = task_on(decision, task, state, TASK_STEP_ROLL);
    if (step == UNIT_STEP_ARRIVE) {
        (void)task_on(decision, task, state, TASK_STEP_ARRIVE);
        incident_on(decision, incident, INCIDENT_STEP_ARRIVE);
    }
    if (step == UNIT_STEP_CONTROL)
        incident_on(decision, incident, INCIDENT_STEP_CONTROL);
}

/* ---- reports ------------------------------------------------------------------------------- */

static bool is_centre(const struct decision *decision)
{
    return decision_may(decision, ROLE_TAKER) || decision_may(decision, ROLE_SUPERVISOR);
}

enum refusal unit_find(struct decision *decision, uint32_t number, const struct unit **unit)
{
    const struct user *user = decision->user;
    *unit = core_unit(decision->core, number);
    if (!*unit)
        return REFUSAL_NO_SUCH_UNIT;
    if (user && user->row.unit)
        return user->row.unit == number ? REFUSAL_NONE : REFUSAL_NOT_YOURS;
    if (user && !is_centre(decision) && user->row.department != (*unit)->row.department)
        return REFUSAL_NOT_YOURS;
    decision->verdict->incident = (*unit)->incident;
    return REFUSAL_NONE;
}

/* The unit cannot go on: another one is sent, and nobody waits for it any longer. */
static void unable(struct decision *decision, const struct unit *unit, enum unable_reason reason)
{
    for (uint32_t i = 0; i < unit->stack_count; i++)
        unstack(decision, unit, unit->stack[i]);
    move(decision, unit, unit->state, UNIT_STEP_UNABLE, unit->incident)->unit_moved.reason = reason;
    plan_replace(decision, unit, unit->incident, PLAN_CAUSE_UNABLE);
    for (uint32_t i = 0; i < unit->stack_count; i++)
        plan_replace(decision, unit, unit->stack[i], PLAN_CAUSE_UNABLE);
}

static enum refusal mayday(struct decision *decision, const struct unit *unit, bool called)
{
    if (unit->mayday == called)
        return called ? REFUSAL_ALREADY : REFUSAL_WRONG_STATE;
    struct event *event = unit_event(decision, called ? EVENT_MAYDAY_CALLED : EVENT_MAYDAY_ENDED,
                                     unit, unit->incident);
    if (called)
        event->mayday_called.unit = unit->row.unit;
    else
        event->mayday_ended.unit = unit->row.unit;
    return REFUSAL_NONE;
}

static enum refusal check_step(const struct decision *decision, const struct unit_report *asked)
{
    switch (asked->step) {
    case UNIT_STEP_NONE:
    case UNIT_STEP_COUNT:
    case UNIT_STEP_ALERT:
    case UNIT_STEP_RELEASE:
        return REFUSAL_MALFORMED;
    case UNIT_STEP_STAND_DOWN:
        return is_centre(decision) ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED;
    case UNIT_STEP_UNABLE:
        return asked->reason ? REFUSAL_NONE : REFUSAL_REASON_MISSING;
    default: /* what units do */
        return REFUSAL_NONE;
    }
}

enum refusal decide_unit_report(struct decision *decision)
{
    const struct unit_report *asked = &decision->command->unit_report;
    const struct unit *unit;
    enum refusal refusal = unit_find(decision, asked->unit, &unit);
    if (!refusal)
        refusal = check_step(decision, asked);
    if (refusal)
        return refusal;
    if (asked->step == UNIT_STEP_MAYDAY || asked->step == UNIT_STEP_MAYDAY_END)
        return mayday(decision, unit, asked->step == UNIT_STEP_MAYDAY);
    if (unit_next(unit->row.machine, unit->state, asked->step) == UNIT_STATE_NONE)
        return REFUSAL_WRONG_STATE;
    if (asked->step == UNIT_STEP_UNABLE) {
        unable(decision, unit, asked->reason);
        return REFUSAL_NONE;
    }
    unit_step(decision, unit, asked->step);
    tell_task(decision, unit, asked->step);
    return REFUSAL_NONE;
}

/* ---- orders by hand ------------------------------------------------------------------------ */

static bool waits_for(const struct unit *unit, uint64_t incident)
{
    for (uint32_t i = 0; i < unit->stack_count; i++)
        if (unit->stack[i] == incident)
            return true;
    return false;
}

static enum refusal check_busy(const struct unit *unit, const struct unit_alert *asked)
{
    if (unit->incident == asked->incident || waits_for(unit, asked->incident))
        return REFUSAL_ALREADY;
    if (unit->row.retired)
        return REFUSAL_NO_SUCH_UNIT;
    if (unit_is_free(unit))
        return REFUSAL_NONE;
    if (!unit_is_out(unit->state))
        return REFUSAL_WRONG_STATE;
    if (!asked->stack)
        return REFUSAL_UNIT_BUSY;
    return unit->stack_count < UNIT_STACK_MAX ? REFUSAL_NONE : REFUSAL_STACK_FULL;
}

enum refusal decide_unit_alert(struct decision *decision)
{
    const struct unit_alert *asked = &decision->command->unit_alert;
    const struct incident *incident;
    const struct unit *unit;
    enum refusal refusal = unit_find(decision, asked->unit, &unit);
    if (!refusal)
        refusal = incident_find(decision, asked->incident, INCIDENT_STEP_NONE, &incident);
    if (refusal)
        return refusal;
    if (!incident_takes_units(incident))
        return REFUSAL_NOT_DISPATCHED;
    if (!is_centre(decision) && !task_open_of(incident, unit->row.department))
        return REFUSAL_NOT_YOURS;
    refusal = check_busy(unit, asked);
    if (refusal)
        return refusal;
    if (!scene_may_open(decision->core, incident->id) || !unit_task(decision, unit, incident))
        return REFUSAL_LIMIT;
    if (unit_is_free(unit)) {
        unit_alert(decision, unit, unit->state, incident->id);
        return REFUSAL_NONE;
    }
    struct event *event = unit_event(decision, EVENT_UNIT_STACKED, unit, incident->id);
    event->unit_stacked.unit = unit->row.unit;
    event->unit_stacked.behind = unit->incident;
    return REFUSAL_NONE;
}

enum refusal decide_unit_staff(struct decision *decision)
{
    const struct unit_staff *asked = &decision->command->unit_staff;
    const struct unit *unit;
    enum refusal refusal = unit_find(decision, asked->unit, &unit);
    if (refusal)
        return refusal;
    if (unit->crew_said && unit->crew == asked->crew)
        return REFUSAL_ALREADY;
    struct event *event = unit_event(decision, EVENT_UNIT_STAFFED, unit, unit->incident);
    event->unit_staffed.unit = unit->row.unit;
    event->unit_staffed.crew = asked->crew;
    return REFUSAL_NONE;
}

/* ---- what becomes due ---------------------------------------------------------------------- */

void unit_due(struct decision *decision, const struct unit *unit)
{
    bool unsigned_yet = unit->sign.due_ms && !unit->sign.reported;
    if (!unsigned_yet || unit->sign.due_ms > decision->at_ms) {
        check_in_missed(decision, unit);
        return;
    }
    struct event *event = unit_event(decision, EVENT_UNIT_PASSED, unit, unit->incident);
    event->unit_passed.unit = unit->row.unit;
    event->unit_passed.unanswered = true;
    plan_replace(decision, unit, unit->incident, PLAN_CAUSE_UNANSWERED);
}

/* ---- rows ---------------------------------------------------------------------------------- */

enum refusal decide_unit_define(struct decision *decision)
{
    const struct unit_define *asked = &decision->command->unit_define;
    const struct core *core = decision->core;
    if (!asked->has_row || asked->row.unit == 0 ||
        !cell_is_sound((struct cell){ asked->row.east_cell, asked->row.north_cell }))
        return REFUSAL_MALFORMED;
    const struct department *department = core_department(core, asked->row.department);
    if (!department || (department->row.retired && !asked->row.retired))
        return REFUSAL_NO_SUCH_DEPARTMENT;
    const struct unit *unit = core_unit(core, asked->row.unit);
    if (!unit && pool_room(&core->units) == 0)
        return REFUSAL_LIMIT;
    if (unit && unit_fingerprint(&unit->row) == unit_fingerprint(&asked->row))
        return REFUSAL_ALREADY;
    /* In the middle of a run its states and its task would be another's. */
    if (unit && unit->incident &&
        (unit->row.machine != asked->row.machine || unit->row.department != asked->row.department))
        return REFUSAL_WRONG_STATE;
    struct event *event = decision_event(decision, EVENT_UNIT_DEFINED);
    event->department = asked->row.department;
    event->unit_defined.has_row = true;
    event->unit_defined.row = asked->row;
    return REFUSAL_NONE;
}
