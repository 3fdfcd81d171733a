/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The auditor's books on units: one state each, moved as its table says (written down once more, from
 * what people signed: tests/golden/unit_table.txt), and one incident at most; a further one waits
 * behind it and hides nothing. (I28) */
#include "tests/sim/ledger.h"

enum whose {
    ALL,
    AMBULANCE,
    ENGINE
};

static const struct {
    enum whose whose;
    enum unit_state from;
    enum unit_step step;
    enum unit_state to;
} moves[] = {
    { ALL, UNIT_STATE_AVAILABLE, UNIT_STEP_ALERT, UNIT_STATE_ALERTED },
    { ALL, UNIT_STATE_AVAILABLE, UNIT_STEP_TAKE_OUT, UNIT_STATE_OUT_OF_SERVICE },
    { ALL, UNIT_STATE_AVAILABLE, UNIT_STEP_GO_OFF, UNIT_STATE_OFF_DUTY },
    { ALL, UNIT_STATE_ALERTED, UNIT_STEP_SIGN, UNIT_STATE_SIGNED },
    { ALL, UNIT_STATE_ALERTED, UNIT_STEP_ROLL, UNIT_STATE_ROLLING },
    { ALL, UNIT_STATE_ALERTED, UNIT_STEP_UNABLE, UNIT_STATE_OUT_OF_SERVICE },
    { ALL, UNIT_STATE_ALERTED, UNIT_STEP_STAND_DOWN, UNIT_STATE_AVAILABLE },
    { ALL, UNIT_STATE_ALERTED, UNIT_STEP_RELEASE, UNIT_STATE_AVAILABLE },
    { ALL, UNIT_STATE_SIGNED, UNIT_STEP_ROLL, UNIT_STATE_ROLLING },
    { ALL, UNIT_STATE_SIGNED, UNIT_STEP_ARRIVE, UNIT_STATE_ARRIVED },
    { ALL, UNIT_STATE_SIGNED, UNIT_STEP_UNABLE, UNIT_STATE_OUT_OF_SERVICE },
    { ALL, UNIT_STATE_SIGNED, UNIT_STEP_STAND_DOWN, UNIT_STATE_AVAILABLE },
    { ALL, UNIT_STATE_SIGNED, UNIT_STEP_RELEASE, UNIT_STATE_AVAILABLE },
    { ALL, UNIT_STATE_ROLLING, UNIT_STEP_ARRIVE, UNIT_STATE_ARRIVED },
    { ALL, UNIT_STATE_ROLLING, UNIT_STEP_UNABLE, UNIT_STATE_OUT_OF_SERVICE },
    { ALL, UNIT_STATE_ROLLING, UNIT_STEP_STAND_DOWN, UNIT_STATE_LEFT },
    { ALL, UNIT_STATE_ROLLING, UNIT_STEP_RELEASE, UNIT_STATE_LEFT },
    { ALL, UNIT_STATE_ARRIVED, UNIT_STEP_LEAVE, UNIT_STATE_LEFT },
    { ALL, UNIT_STATE_ARRIVED, UNIT_STEP_UNABLE, UNIT_STATE_OUT_OF_SERVICE },
    { ALL, UNIT_STATE_ARRIVED, UNIT_STEP_STAND_DOWN, UNIT_STATE_LEFT },
    { ALL, UNIT_STATE_ARRIVED, UNIT_STEP_RELEASE, UNIT_STATE_LEFT },
    { ALL, UNIT_STATE_LEFT, UNIT_STEP_ALERT, UNIT_STATE_ALERTED },
    { ALL, UNIT_STATE_LEFT, UNIT_STEP_RETURN, UNIT_STATE_AVAILABLE },
    { ALL, UNIT_STATE_LEFT, UNIT_STEP_TAKE_OUT, UNIT_STATE_OUT_OF_SERVICE },
    { ALL, UNIT_STATE_LEFT, UNIT_STEP_GO_OFF, UNIT_STATE_OFF_DUTY },
    { ALL, UNIT_STATE_OUT_OF_SERVICE, UNIT_STEP_PUT_IN, UNIT_STATE_AVAILABLE },
    { ALL, UNIT_STATE_OUT_OF_SERVICE, UNIT_STEP_GO_OFF, UNIT_STATE_OFF_DUTY },
    { ALL, UNIT_STATE_OFF_DUTY, UNIT_STEP_COME_ON, UNIT_STATE_AVAILABLE },
    { AMBULANCE, UNIT_STATE_ARRIVED, UNIT_STEP_LOAD, UNIT_STATE_LOADED },
    { AMBULANCE, UNIT_STATE_LOADED, UNIT_STEP_LEAVE_SCENE, UNIT_STATE_LEFT_SCENE },
    { AMBULANCE, UNIT_STATE_LOADED, UNIT_STEP_UNABLE, UNIT_STATE_OUT_OF_SERVICE },
    { AMBULANCE, UNIT_STATE_LEFT_SCENE, UNIT_STEP_REACH_HOSPITAL, UNIT_STATE_AT_HOSPITAL },
    { AMBULANCE, UNIT_STATE_LEFT_SCENE, UNIT_STEP_UNABLE, UNIT_STATE_OUT_OF_SERVICE },
    { AMBULANCE, UNIT_STATE_AT_HOSPITAL, UNIT_STEP_HAND_OVER, UNIT_STATE_HANDED_OVER },
    { AMBULANCE, UNIT_STATE_HANDED_OVER, UNIT_STEP_LEAVE, UNIT_STATE_LEFT },
    { AMBULANCE, UNIT_STATE_HANDED_OVER, UNIT_STEP_RETURN, UNIT_STATE_AVAILABLE },
    { AMBULANCE, UNIT_STATE_HANDED_OVER, UNIT_STEP_STAND_DOWN, UNIT_STATE_LEFT },
    { AMBULANCE, UNIT_STATE_HANDED_OVER, UNIT_STEP_RELEASE, UNIT_STATE_LEFT },
    { ENGINE, UNIT_STATE_ARRIVED, UNIT_STEP_DEPLOY, UNIT_STATE_DEPLOYED },
    { ENGINE, UNIT_STATE_DEPLOYED, UNIT_STEP_WATER, UNIT_STATE_WATER_ON },
    { ENGINE, UNIT_STATE_DEPLOYED, UNIT_STEP_CONTROL, UNIT_STATE_UNDER_CONTROL },
    { ENGINE, UNIT_STATE_DEPLOYED, UNIT_STEP_LEAVE, UNIT_STATE_LEFT },
    { ENGINE, UNIT_STATE_DEPLOYED, UNIT_STEP_UNABLE, UNIT_STATE_OUT_OF_SERVICE },
    { ENGINE, UNIT_STATE_DEPLOYED, UNIT_STEP_STAND_DOWN, UNIT_STATE_LEFT },
    { ENGINE, UNIT_STATE_DEPLOYED, UNIT_STEP_RELEASE, UNIT_STATE_LEFT },
    { ENGINE, UNIT_STATE_WATER_ON, UNIT_STEP_CONTROL, UNIT_STATE_UNDER_CONTROL },
    { ENGINE, UNIT_STATE_WATER_ON, UNIT_STEP_UNABLE, UNIT_STATE_OUT_OF_SERVICE },
    { ENGINE, UNIT_STATE_WATER_ON, UNIT_STEP_STAND_DOWN, UNIT_STATE_LEFT },
    { ENGINE, UNIT_STATE_WATER_ON, UNIT_STEP_RELEASE, UNIT_STATE_LEFT },
    { ENGINE, UNIT_STATE_UNDER_CONTROL, UNIT_STEP_WATER, UNIT_STATE_WATER_ON },
    { ENGINE, UNIT_STATE_UNDER_CONTROL, UNIT_STEP_PUT_OUT, UNIT_STATE_OUT },
    { ENGINE, UNIT_STATE_UNDER_CONTROL, UNIT_STEP_LEAVE, UNIT_STATE_LEFT },
    { ENGINE, UNIT_STATE_UNDER_CONTROL, UNIT_STEP_UNABLE, UNIT_STATE_OUT_OF_SERVICE },
    { ENGINE, UNIT_STATE_UNDER_CONTROL, UNIT_STEP_STAND_DOWN, UNIT_STATE_LEFT },
    { ENGINE, UNIT_STATE_UNDER_CONTROL, UNIT_STEP_RELEASE, UNIT_STATE_LEFT },
    { ENGINE, UNIT_STATE_OUT, UNIT_STEP_WATER, UNIT_STATE_WATER_ON },
    { ENGINE, UNIT_STATE_OUT, UNIT_STEP_LEAVE, UNIT_STATE_LEFT },
    { ENGINE, UNIT_STATE_OUT, UNIT_STEP_UNABLE, UNIT_STATE_OUT_OF_SERVICE },
    { ENGINE, UNIT_STATE_OUT, UNIT_STEP_STAND_DOWN, UNIT_STATE_LEFT },
    { ENGINE, UNIT_STATE_OUT, UNIT_STEP_RELEASE, UNIT_STATE_LEFT },
};

bool auditor_unit_may_move(enum unit_machine machine, enum unit_state from, enum unit_step step,
                           enum unit_state to)
{
    for (uint32_t i = 0; i < sizeof moves / sizeof moves[0]; i++)
        if (moves[i].from == from && moves[i].step == step &&
            (to == UNIT_STATE_NONE || moves[i].to == to) &&
            (moves[i].whose == ALL ||
             (moves[i].whose == AMBULANCE && machine == UNIT_MACHINE_AMBULANCE) ||
             (moves[i].whose == ENGINE && machine == UNIT_MACHINE_ENGINE)))
            return true;
    return false;
}

static bool is_free(enum unit_state state)
{
    return state == UNIT_STATE_AVAILABLE || state == UNIT_STATE_LEFT;
}

static bool is_out(enum unit_state state)
{
    return !is_free(state) && state != UNIT_STATE_OUT_OF_SERVICE && state != UNIT_STATE_OFF_DUTY;
}

/* Departments work on it: more may be sent. */
static bool takes_units(const struct seen_incident *incident)
{
    return incident && auditor_work_in(incident->state) == AUDITOR_WORK_OPEN;
}

static bool works_there(const struct auditor *auditor, const struct seen_incident *incident,
                        uint32_t department)
{
    for (uint32_t at = incident->first_task; at; at = auditor->tasks[at - 1].next_task)
        if (auditor->tasks[at - 1].department == department &&
            auditor_task_is_open(auditor->tasks[at - 1].state))
            return true;
    return false;
}

static struct seen_unit *find(struct auditor *auditor, uint32_t number)
{
    for (uint32_t i = 0; i < auditor->unit_count; i++)
        if (auditor->units[i].row.unit == number)
            return &auditor->units[i];
    return NULL;
}

static struct seen_unit *known(struct auditor *auditor, uint32_t number)
{
    struct seen_unit *unit = find(auditor, number);
    PROMISE("I28", unit, "a unit nobody defined");
    return unit;
}

static void see_row(struct auditor *auditor, const struct event *event)
{
    struct seen_unit *unit = find(auditor, event->unit_defined.row.unit);
    PROMISE("I18", unit || auditor->unit_count < SEEN_UNITS_MAX, "room for units");
    if (!unit) {
        unit = &auditor->units[auditor->unit_count++];
        unit->state = UNIT_STATE_AVAILABLE;
    }
    unit->row = event->unit_defined.row;
}

/* ---- what waits behind the present one ------------------------------------------------------- */

static uint32_t place_in_stack(const struct seen_unit *unit, uint64_t incident)
{
    uint32_t place = 0;
    while (place < unit->stack_count && unit->stack[place] != incident)
        place++;
    return place;
}

static void unstack(struct seen_unit *unit, uint32_t place)
{
    for (unit->stack_count--; place < unit->stack_count; place++)
        unit->stack[place] = unit->stack[place + 1];
}

static void see_stacked(struct auditor *auditor, const struct event *event)
{
    struct seen_unit *unit = known(auditor, event->unit_stacked.unit);
    PROMISE("I28", is_out(unit->state) && unit->incident, "a unit that is free lets somebody wait");
    PROMISE("I28", event->unit_stacked.behind == unit->incident,
            "behind another incident than its own");
    PROMISE("I28",
            event->incident != unit->incident &&
                place_in_stack(unit, event->incident) == unit->stack_count &&
                unit->stack_count < sizeof unit->stack / sizeof unit->stack[0],
            "the same unit twice");
    unit->stack[unit->stack_count++] = event->incident;
}

static void see_unstacked(struct auditor *auditor, const struct event *event)
{
    struct seen_unit *unit = known(auditor, event->unit_unstacked.unit);
    uint32_t place = place_in_stack(unit, event->incident);
    PROMISE("I28", place < unit->stack_count, "what did not wait is taken out");
    unstack(unit, place);
}

/* ---- moves ------------------------------------------------------------------------------------- */

static void see_alert(struct auditor *auditor, struct seen_unit *unit, const struct event *event)
{
    const struct seen_incident *incident = ledger_incident(auditor, event->incident);
    uint32_t place = place_in_stack(unit, event->incident);
    PROMISE("I28", !unit->incident, "a second call hides the first");
    PROMISE("I28", incident && (incident->stranger || takes_units(incident)),
            "a unit is sent where nobody works");
    PROMISE("I28",
            event->unit_moved.sign_due_ms ==
                event->at_ms + auditor->parameters[PARAMETER_UNIT_SIGN_MS],
            "a unit signs by another time");
    for (uint32_t i = 0; place < unit->stack_count && i < place; i++) {
        const struct seen_incident *before = ledger_incident(auditor, unit->stack[i]);
        PROMISE("I28", before->stranger || !takes_units(before),
                "who waited longer is passed over");
    }
    if (place < unit->stack_count)
        unstack(unit, place);
    unit->incident = event->incident;
    unit->passed = false;
}

/* Where its crew is in danger it must be heard of; a step of its own does not put that off. */
static void check_danger(const struct auditor *auditor, const struct seen_unit *unit,
                         const struct unit_moved *moved)
{
    bool deployed = unit->row.machine == UNIT_MACHINE_ENGINE && unit->incident &&
                    (moved->to == UNIT_STATE_DEPLOYED || moved->to == UNIT_STATE_WATER_ON ||
                     moved->to == UNIT_STATE_UNDER_CONTROL);
    PROMISE("I28",
            !deployed || moved->check_in_due_ms || !auditor->parameters[PARAMETER_CHECK_IN_MS],
            "a crew in danger that nobody listens for");
    PROMISE("I28",
            !unit->check_in_ms || !moved->check_in_due_ms ||
                moved->check_in_due_ms == unit->check_in_ms,
            "a step puts the check-in off");
}

static void see_move(struct auditor *auditor, const struct event *event)
{
    const struct unit_moved *moved = &event->unit_moved;
    struct seen_unit *unit = known(auditor, moved->unit);
    PROMISE("I28", unit->state == moved->from, "a unit moves from where it is not");
    PROMISE("I28", auditor_unit_may_move(unit->row.machine, moved->from, moved->step, moved->to),
            "a unit's move that is not listed");
    check_danger(auditor, unit, moved);
    if (moved->step == UNIT_STEP_ALERT)
        see_alert(auditor, unit, event);
    else
        PROMISE("I28", event->incident == unit->incident, "a unit works on another incident");
    unit->state = moved->to;
    unit->sign_due_ms = moved->sign_due_ms;
    unit->check_in_ms = moved->check_in_due_ms;
    if (!is_out(moved->to))
        unit->incident = 0;
}

static void see_passed(struct auditor *auditor, const struct event *event)
{
    struct seen_unit *unit = known(auditor, event->unit_passed.unit);
    if (!event->unit_passed.unanswered)
        return;
    PROMISE("I28",
            unit->sign_due_ms && !unit->passed && event->at_ms >= unit->sign_due_ms &&
                event->incident == unit->incident,
            "passed over before its time, or twice");
    unit->passed = true;
}

static void see_missed(struct auditor *auditor, const struct event *event)
{
    const struct check_in_missed *missed = &event->check_in_missed;
    struct seen_unit *unit = known(auditor, missed->unit);
    PROMISE("I28",
            unit->check_in_ms && missed->due_ms == unit->check_in_ms &&
                event->at_ms >= missed->due_ms && missed->next_due_ms > event->at_ms,
            "a check-in is missed at another time");
    unit->check_in_ms = missed->next_due_ms;
}

/* Who is sent was free, and is one. */
static void see_plan(struct auditor *auditor, const struct event *event)
{
    const struct plan_activated *plan = &event->plan_activated;
    for (uint32_t i = 0; i < plan->picks_count; i++) {
        const struct seen_unit *unit = known(auditor, plan->picks[i].unit);
        PROMISE("I28", is_free(unit->state) && !unit->row.retired, "a plan picks who is not free");
        for (uint32_t j = 0; j < i; j++)
            PROMISE("I28", plan->picks[j].unit != plan->picks[i].unit, "a plan picks one twice");
    }
}

bool auditor_see_unit(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_UNIT_DEFINED:
        see_row(auditor, event);
        return true;
    case EVENT_UNIT_MOVED:
        see_move(auditor, event);
        return true;
    case EVENT_UNIT_STACKED:
        see_stacked(auditor, event);
        return true;
    case EVENT_UNIT_UNSTACKED:
        see_unstacked(auditor, event);
        return true;
    case EVENT_UNIT_PASSED:
        see_passed(auditor, event);
        return true;
    case EVENT_CHECK_IN_MISSED:
        see_missed(auditor, event);
        return true;
    case EVENT_CHECKED_IN:
        PROMISE("I28", known(auditor, event->checked_in.unit)->check_in_ms,
                "a check-in nobody waited for");
        known(auditor, event->checked_in.unit)->check_in_ms = event->checked_in.next_due_ms;
        return true;
    case EVENT_MAYDAY_CALLED:
        PROMISE("I28", !known(auditor, event->mayday_called.unit)->mayday, "called for help twice");
        known(auditor, event->mayday_called.unit)->mayday = true;
        return true;
    case EVENT_MAYDAY_ENDED:
        PROMISE("I28", known(auditor, event->mayday_ended.unit)->mayday, "nobody called for help");
        known(auditor, event->mayday_ended.unit)->mayday = false;
        return true;
    case EVENT_PLAN_ACTIVATED:
        see_plan(auditor, event);
        return true;
    case EVENT_UNIT_PLACED:
    case EVENT_UNIT_STAFFED:
    case EVENT_INCIDENT_FLAGGED:
    case EVENT_COVERAGE_CHANGED:
    case EVENT_RUN_CARD_DEFINED:
    case EVENT_COVERAGE_DEFINED:
        return true;
    default:
        return false;
    }
}

void auditor_rest_of_units(const struct auditor *auditor, uint64_t now_ms)
{
    for (uint32_t i = 0; i < auditor->unit_count; i++) {
        const struct seen_unit *unit = &auditor->units[i];
        const struct seen_incident *incident = ledger_incident(auditor, unit->incident);
        PROMISE("I28", is_out(unit->state) == (unit->incident != 0), "out for nothing");
        PROMISE("I28", !unit->sign_due_ms || unit->passed || unit->sign_due_ms > now_ms,
                "a unit that does not sign goes unnoticed");
        PROMISE("I28", !unit->check_in_ms || unit->check_in_ms > now_ms,
                "a crew that is not heard of goes unnoticed");
        for (uint32_t j = 0; is_free(unit->state) && j < unit->stack_count; j++) {
            const struct seen_incident *waits = ledger_incident(auditor, unit->stack[j]);
            PROMISE("I28", waits->stranger || !takes_units(waits),
                    "a free unit for which an incident waits");
        }
        if (!incident || incident->stranger)
            continue;
        bool stays = takes_units(incident) && works_there(auditor, incident, unit->row.department);
        PROMISE("I28",
                stays || !auditor_unit_may_move(unit->row.machine, unit->state, UNIT_STEP_RELEASE,
                                                UNIT_STATE_NONE),
                "a unit stays where it has nothing to do");
    }
}
