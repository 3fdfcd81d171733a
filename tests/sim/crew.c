/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The crews: engines, ambulances and patrols that are sent by hand or by a card, go their way step by
 * step, cannot go on, do not answer, or have another call waiting behind the present one. */
#include <stdio.h>

#include "tests/sim/ledger.h"
#include "tests/sim/luck.h"
#include "tests/sim/sim.h"

enum {
    UNITS = 12 /* four of each of the three forces */
};

static const struct seen_unit *find(const struct sim *sim, uint32_t number)
{
    for (uint32_t i = 0; i < sim->auditor.unit_count; i++)
        if (sim->auditor.units[i].row.unit == number)
            return &sim->auditor.units[i];
    return NULL;
}

void crew_rows(struct sim *sim, void (*define)(struct sim *sim, struct command *command))
{
    static const char *const kinds[] = { "patrol", "engine", "ambulance" };
    static const enum unit_machine machines[] = { UNIT_MACHINE_COMMON, UNIT_MACHINE_ENGINE,
                                                  UNIT_MACHINE_AMBULANCE };
    for (uint32_t i = 0; i < UNITS; i++) {
        struct command command = command_of(COMMAND_UNIT_DEFINE);
        struct unit_row *row = &command.unit_define.row;
        command.unit_define.has_row = true;
        row->unit = i + 1;
        row->department = 1 + i % 3;
        row->machine = machines[i % 3];
        row->east_cell = row->north_cell = 100 + i;
        (void)snprintf(row->kind, sizeof row->kind, "%s", kinds[i % 3]);
        define(sim, &command);
    }
    struct command command = command_of(COMMAND_RUN_CARD_DEFINE);
    struct run_card_row *card = &command.run_card_define.row;
    command.run_card_define.has_row = true;
    card->run_card = 11;
    card->category = 103;
    card->automatic = true;
    card->check_in_ms = 10 * MINUTE_MS;
    card->needs_count = 2;
    (void)snprintf(card->needs[0].kind, sizeof card->needs[0].kind, "engine");
    (void)snprintf(card->needs[1].kind, sizeof card->needs[1].kind, "ambulance");
    card->needs[0].count = card->needs[1].count = 1;
    define(sim, &command);
}

/* ---- the centre sends ------------------------------------------------------------------------ */

static void send_some(void *owner, uint64_t incident)
{
    struct sim *sim = owner;
    uint64_t wanted = between(sim, 1, 3);
    if (chance(sim, 200)) {
        struct command plan = command_of(COMMAND_PLAN_ACTIVATE);
        plan.plan_activate.incident = incident;
        plan.plan_activate.propose = chance(sim, 300);
        console_send(sim, SUPERVISOR, &plan);
        return;
    }
    for (uint64_t i = 0; i < wanted; i++) {
        struct command command = command_of(COMMAND_UNIT_ALERT);
        command.unit_alert.unit = (uint32_t)between(sim, 1, UNITS);
        command.unit_alert.incident = incident;
        command.unit_alert.stack = chance(sim, 600);
        console_send(sim, SUPERVISOR, &command);
    }
}

/* ---- a crew goes its way ----------------------------------------------------------------------- */

static enum unit_step some_step(struct sim *sim, const struct seen_unit *unit)
{
    enum unit_step legal[UNIT_STEP_COUNT];
    uint32_t count = 0;
    for (enum unit_step step = UNIT_STEP_SIGN; step < UNIT_STEP_COUNT; step++)
        if (step != UNIT_STEP_RELEASE && step != UNIT_STEP_STAND_DOWN && step != UNIT_STEP_UNABLE &&
            step != UNIT_STEP_TAKE_OUT && step != UNIT_STEP_GO_OFF &&
            auditor_unit_may_move(unit->row.machine, unit->state, step, UNIT_STATE_NONE))
            legal[count++] = step;
    if (!sim->healing && chance(sim, 60))
        return (enum unit_step)between(sim, UNIT_STEP_SIGN, UNIT_STEP_COUNT - 1);
    return count ? legal[between(sim, 0, count - 1)] : UNIT_STEP_NONE;
}

static void go_on(void *owner, uint64_t number)
{
    struct sim *sim = owner;
    const struct seen_unit *unit = find(sim, (uint32_t)number);
    struct command command = command_of(COMMAND_UNIT_REPORT);
    command.unit_report.unit = unit->row.unit;
    command.unit_report.step = some_step(sim, unit);
    command.unit_report.reason = UNABLE_REASON_BREAKDOWN;
    if (!command.unit_report.step)
        return;
    bool centre = command.unit_report.step == UNIT_STEP_STAND_DOWN;
    console_send(sim, centre ? SUPERVISOR : FIRST_CLERK + unit->row.department - 1, &command);
    if (unit->incident) /* that word may get lost, or be no good */
        soon(sim, 20 * MINUTE_MS, go_on, number);
}

static void check_in(void *owner, uint64_t number)
{
    struct sim *sim = owner;
    const struct seen_unit *unit = find(sim, (uint32_t)number);
    struct command command = command_of(COMMAND_UNIT_CHECK_IN);
    command.unit_check_in.unit = unit->row.unit;
    if (unit->check_in_ms)
        console_send(sim, FIRST_CLERK + unit->row.department - 1, &command);
}

static void moved(struct sim *sim, const struct event *event)
{
    const struct unit_moved *unit = &event->unit_moved;
    bool rests = unit->to == UNIT_STATE_OUT_OF_SERVICE || unit->to == UNIT_STATE_OFF_DUTY;
    if (unit->to == UNIT_STATE_AVAILABLE || (unit->step == UNIT_STEP_ALERT && chance(sim, 100)))
        return; /* nobody answers */
    soon(sim, rests ? HOUR_MS : 4 * MINUTE_MS, go_on, unit->unit);
    if (unit->check_in_due_ms)
        soon(sim, 8 * MINUTE_MS, check_in, unit->unit);
}

void crew_see(struct sim *sim, const struct event *event)
{
    const struct seen_incident *incident;
    switch ((uint32_t)event->kind) {
    case EVENT_INCIDENT_MOVED:
        incident = auditor_incident(&sim->auditor, event->incident);
        if (event->incident_moved.to == INCIDENT_STATE_DISPATCHED && incident &&
            incident->emergency && chance(sim, sim->swarm.crews))
            soon(sim, 30 * SECOND_MS, send_some, event->incident);
        break;
    case EVENT_UNIT_MOVED:
        moved(sim, event);
        break;
    case EVENT_CHECK_IN_MISSED:
        soon(sim, MINUTE_MS, check_in, event->check_in_missed.unit);
        break;
    default:
        break;
    }
}
