/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/story/forces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void define_force(struct world *w, uint32_t department)
{
    struct command command = from_system(COMMAND_DEPARTMENT_DEFINE);
    command.department_define.has_row = true;
    command.department_define.row =
        (struct department_row){ .department = department, .force = true };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    command = from_system(COMMAND_USER_DEFINE);
    command.user_define.has_row = true;
    command.user_define.row = (struct user_row){ .user = 2000 + department,
                                                 .roles = 1U << ROLE_DEPARTMENT,
                                                 .department = department };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

enum refusal define_unit(struct world *w, struct unit_row row, const char *kind)
{
    struct command command = from_system(COMMAND_UNIT_DEFINE);
    (void)snprintf(row.kind, sizeof row.kind, "%s", kind);
    command.unit_define.has_row = true;
    command.unit_define.row = row;
    return world_send(w, command);
}

void add_engine(struct world *w, uint32_t unit, const char *kind, uint32_t km)
{
    struct unit_row row = { .unit = unit,
                            .department = FIRE,
                            .machine = UNIT_MACHINE_ENGINE,
                            .district = 1,
                            .east_cell = 100 + km * CELLS_1_KM,
                            .north_cell = 100 };
    assert_int_equal(define_unit(w, row, kind), REFUSAL_NONE);
}

static void add_ambulance(struct world *w, uint32_t unit, uint32_t km)
{
    struct unit_row row = { .unit = unit,
                            .department = AMBULANCE,
                            .machine = UNIT_MACHINE_AMBULANCE,
                            .district = 1,
                            .east_cell = 100,
                            .north_cell = 100 + km * CELLS_1_KM };
    assert_int_equal(define_unit(w, row, "ambulance"), REFUSAL_NONE);
}

void define_card(struct world *w, struct run_card_row row)
{
    struct command command = from_system(COMMAND_RUN_CARD_DEFINE);
    command.run_card_define.has_row = true;
    command.run_card_define.row = row;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

/* Card 1: a fire wants two engines and an ambulance; a second alarm two more engines and a ladder. */
static struct run_card_row first_alarm(void)
{
    return (struct run_card_row){ .run_card = 11,
                                  .category = 10100,
                                  .automatic = true,
                                  .radius_m = 30000,
                                  .check_in_ms = 20 * MINUTE,
                                  .needs_count = 2,
                                  .needs = { { "engine", 2 }, { "ambulance", 1 } } };
}

static struct run_card_row second_alarm(void)
{
    return (struct run_card_row){ .run_card = 12,
                                  .radius_m = 30000,
                                  .check_in_ms = 20 * MINUTE,
                                  .needs_count = 2,
                                  .needs = { { "engine", 2 }, { "ladder", 1 } } };
}

static void build_forces(struct world *w)
{
    define_force(w, FIRE);
    define_force(w, AMBULANCE);
    struct command command = from_system(COMMAND_USER_DEFINE);
    command.user_define.has_row = true;
    command.user_define.row = (struct user_row){
        .user = TERMINAL_501, .roles = 1U << ROLE_DEPARTMENT, .department = FIRE, .unit = 501
    };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    for (uint32_t i = 1; i <= 4; i++)
        add_engine(w, 500 + i, "engine", i);
    add_engine(w, 505, "engine", 40);
    add_engine(w, 510, "ladder", 5);
    add_ambulance(w, 601, 1);
    add_ambulance(w, 602, 2);
    define_card(w, first_alarm());
    define_card(w, second_alarm());
    world_skip(w);
}

int forces_setup(void **state)
{
    int status = world_setup(state);
    build_forces(*state);
    return status;
}

/* ---- words --------------------------------------------------------------------------------- */

uint64_t register_fire(struct world *w, uint32_t east, uint32_t north)
{
    struct command command = from_user(1001, COMMAND_INCIDENT_REGISTER);
    command.incident_register.line = 110;
    command.incident_register.category = 10100;
    command.incident_register.district = 1;
    command.incident_register.east_cell = east;
    command.incident_register.north_cell = north;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    return w->verdict.incident;
}

uint64_t fire(struct world *w)
{
    uint64_t incident = register_fire(w, 100, 100);
    assert_int_equal(dispatch(w, incident, FIRE, 0), REFUSAL_NONE);
    return incident;
}

enum refusal report_as(struct world *w, uint32_t user, uint32_t unit, enum unit_step step)
{
    struct command command = from_user(user, COMMAND_UNIT_REPORT);
    command.unit_report.unit = unit;
    command.unit_report.step = step;
    return world_send(w, command);
}

enum refusal report(struct world *w, uint32_t unit, enum unit_step step)
{
    return report_as(w, unit < 600 ? 2005 : 2006, unit, step);
}

void run(struct world *w, uint32_t unit, enum unit_step last)
{
    static const enum unit_step steps[] = { UNIT_STEP_SIGN, UNIT_STEP_ROLL, UNIT_STEP_ARRIVE };
    for (int i = 0; i < 3; i++) {
        assert_int_equal(report(w, unit, steps[i]), REFUSAL_NONE);
        if (steps[i] == last)
            return;
    }
    assert_int_equal(report(w, unit, last), REFUSAL_NONE);
}

enum refusal unable(struct world *w, uint32_t unit, enum unable_reason reason)
{
    struct command command = from_user(2005, COMMAND_UNIT_REPORT);
    command.unit_report.unit = unit;
    command.unit_report.step = UNIT_STEP_UNABLE;
    command.unit_report.reason = reason;
    return world_send(w, command);
}

enum refusal place_at(struct world *w, uint32_t unit, uint32_t east, uint32_t north)
{
    struct command command = from_gateway(1, COMMAND_UNIT_PLACE);
    command.unit_place.unit = unit;
    command.unit_place.east_cell = east;
    command.unit_place.north_cell = north;
    return world_send(w, command);
}

enum refusal alert(struct world *w, uint32_t unit, uint64_t incident, bool stack)
{
    struct command command = from_user(1001, COMMAND_UNIT_ALERT);
    command.unit_alert.unit = unit;
    command.unit_alert.incident = incident;
    command.unit_alert.stack = stack;
    return world_send(w, command);
}

enum refusal raise_to(struct world *w, uint64_t incident, uint32_t level, bool propose)
{
    struct command command = from_user(1001, COMMAND_PLAN_ACTIVATE);
    command.plan_activate.incident = incident;
    command.plan_activate.level = level;
    command.plan_activate.propose = propose;
    return world_send(w, command);
}

enum refusal check_in(struct world *w, uint32_t unit)
{
    struct command command = from_user(unit < 600 ? 2005 : 2006, COMMAND_UNIT_CHECK_IN);
    command.unit_check_in.unit = unit;
    return world_send(w, command);
}

enum refusal staff(struct world *w, uint32_t unit, uint32_t crew)
{
    struct command command = from_user(unit < 600 ? 2005 : 2006, COMMAND_UNIT_STAFF);
    command.unit_staff.unit = unit;
    command.unit_staff.crew = crew;
    return world_send(w, command);
}

enum refusal flag(struct world *w, uint64_t incident, enum plan_flag fact)
{
    struct command command = from_user(1001, COMMAND_INCIDENT_FLAG);
    command.incident_flag.incident = incident;
    command.incident_flag.flags_count = 1;
    command.incident_flag.flags[0] = fact;
    return world_send(w, command);
}

/* The newest plan. */
const struct plan_activated *plan(const struct world *w)
{
    const struct event *event = last_event(w, EVENT_PLAN_ACTIVATED);
    assert_non_null(event);
    return &event->plan_activated;
}

/* "501 nearest_by_distance, 502 …; engine 1 all_busy" */
void expect_plan(const struct world *w, const char *expected)
{
    char words[1024];
    struct text text = text_into(words, sizeof words);
    const struct plan_activated *it = plan(w);
    for (uint32_t i = 0; i < it->picks_count; i++)
        text_print(&text, "%s%u %s", i ? ", " : "", it->picks[i].unit,
                   pick_reason_name(it->picks[i].reason));
    for (uint32_t i = 0; i < it->holes_count; i++)
        text_print(&text, "; %s %u %s", it->holes[i].kind, it->holes[i].missing,
                   hole_reason_name(it->holes[i].reason));
    assert_string_equal(words, expected);
}
