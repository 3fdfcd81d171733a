/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of units: who is sent and why, what they do, and what happens when they cannot.
 *
 * The forces: tests/story/forces.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "dispatcher/core/state.h"
#include "tests/story/forces.h"

static void a_fire_gets_what_its_run_card_asks_for(void **state)
{
    struct world *w = *state;
    uint64_t incident = register_fire(w, 100, 100);
    world_skip(w);
    assert_int_equal(dispatch(w, incident, FIRE, 0), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_moved step=dispatch\n"
                    "[0.0] task_opened department=5 kind=lead\n"
                    "[0.0] plan_activated card=1 level=1 cause=dispatch alerts=yes\n"
                    "[0.0] unit_moved unit=501 step=alert to=alerted sign_due=60.0 department=5\n"
                    "[0.0] unit_moved unit=502 step=alert\n"
                    "[0.0] task_opened department=6 kind=assist\n"
                    "[0.0] unit_moved unit=601 step=alert department=6\n");
    expect_plan(w, "501 next_station, 502 next_station, 601 next_station");
}

static void the_first_units_steps_are_its_tasks_and_its_incidents(void **state)
{
    struct world *w = *state;
    (void)fire(w);
    world_skip(w);
    assert_int_equal(report(w, 502, UNIT_STEP_SIGN), REFUSAL_NONE);
    assert_int_equal(report(w, 502, UNIT_STEP_ROLL), REFUSAL_NONE);
    assert_int_equal(report(w, 501, UNIT_STEP_SIGN), REFUSAL_NONE);
    assert_int_equal(report(w, 501, UNIT_STEP_ROLL), REFUSAL_NONE);
    world_expect(w, "[0.0] unit_moved unit=502 step=sign from=alerted to=signed\n"
                    "[0.0] task_moved department=5 step=sign from=sent to=signed\n"
                    "[0.0] incident_moved step=sign to=handling\n"
                    "[0.0] unit_moved unit=502 step=roll\n"
                    "[0.0] task_moved department=5 step=roll from=signed to=rolling\n"
                    "[0.0] unit_moved unit=501 step=sign\n"
                    "[0.0] unit_moved unit=501 step=roll\n");
}

static void a_second_alarm_sends_only_what_it_asks_for_itself(void **state)
{
    struct world *w = *state;
    uint64_t incident = fire(w);
    assert_int_equal(raise_to(w, incident, 1, false), REFUSAL_ALREADY);
    world_skip(w);
    assert_int_equal(raise_to(w, incident, 2, false), REFUSAL_NONE);
    world_expect(w, "[0.0] plan_activated card=1 level=2 cause=raised alerts=yes\n"
                    "[0.0] unit_moved unit=503 step=alert\n"
                    "[0.0] unit_moved unit=504 step=alert\n"
                    "[0.0] unit_moved unit=510 step=alert\n");
    assert_int_equal(raise_to(w, incident, 1, false), REFUSAL_LEVEL_LOWER);
    assert_int_equal(raise_to(w, incident, 3, false), REFUSAL_NO_PLAN);
}

/* Units go out first, and the questions go on meanwhile. */
static void what_is_learnt_later_asks_for_what_is_not_there(void **state)
{
    struct world *w = *state;
    define_card(w, (struct run_card_row){
                       .run_card = 21,
                       .category = 10100,
                       .flags_count = 1,
                       .flags = { PLAN_FLAG_HIGH_RISE },
                       .needs_count = 3,
                       .needs = { { "engine", 3 }, { "ladder", 1 }, { "ambulance", 1 } } });
    uint64_t incident = fire(w);
    world_skip(w);
    assert_int_equal(flag(w, incident, PLAN_FLAG_HIGH_RISE), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_flagged flags=2\n"
                    "[0.0] plan_activated card=2 level=1 cause=facts\n");
    expect_plan(w, "503 next_station, 510 only_one");
    assert_int_equal(flag(w, incident, PLAN_FLAG_CHILD), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_flagged flags=1026\n"); /* that changes no card */
    assert_int_equal(raise_to(w, incident, 1, false), REFUSAL_NONE);
    world_expect(w, "[0.0] plan_activated card=2 level=1 cause=raised alerts=yes\n"
                    "[0.0] unit_moved unit=503 step=alert\n"
                    "[0.0] unit_moved unit=510 step=alert\n");
}

static void another_cards_second_alarm_counts_who_is_there(void **state)
{
    struct world *w = *state;
    define_card(w, (struct run_card_row){ .run_card = 21,
                                          .category = 10100,
                                          .flags_count = 1,
                                          .flags = { PLAN_FLAG_HIGH_RISE },
                                          .needs_count = 2,
                                          .needs = { { "engine", 3 }, { "ambulance", 1 } } });
    define_card(w, (struct run_card_row){
                       .run_card = 22,
                       .needs_count = 3,
                       .needs = { { "ladder", 1 }, { "ambulance", 1 }, { "engine", 1 } } });
    uint64_t incident = fire(w);
    assert_int_equal(flag(w, incident, PLAN_FLAG_HIGH_RISE), REFUSAL_NONE);
    assert_int_equal(raise_to(w, incident, 2, false), REFUSAL_NONE);
    expect_plan(w, "503 next_station, 504 next_station, 602 only_one, 510 only_one");
}

static void a_kind_named_twice_sends_nobody_twice(void **state)
{
    struct world *w = *state;
    struct command command = from_system(COMMAND_RUN_CARD_DEFINE);
    command.run_card_define.has_row = true;
    command.run_card_define.row =
        (struct run_card_row){ .run_card = 11,
                               .category = 10100,
                               .automatic = true,
                               .needs_count = 2,
                               .needs = { { "engine", 1 }, { "engine", 1 } } };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    (void)fire(w);
    expect_plan(w, "501 next_station, 502 next_station");
}

static void a_proposal_alerts_nobody(void **state)
{
    struct world *w = *state;
    uint64_t incident = register_fire(w, 100, 100);
    assert_int_equal(raise_to(w, incident, 1, false), REFUSAL_NOT_DISPATCHED);
    world_skip(w);
    assert_int_equal(raise_to(w, incident, 1, true), REFUSAL_NONE);
    world_expect(w, "[0.0] plan_activated card=1 level=1 cause=proposed\n");
    assert_false(plan(w)->alerts);
}

static void a_whole_run_of_an_ambulance(void **state)
{
    struct world *w = *state;
    uint64_t incident = fire(w);
    run(w, 601, UNIT_STEP_ARRIVE);
    world_skip(w);
    assert_int_equal(report(w, 601, UNIT_STEP_DEPLOY), REFUSAL_WRONG_STATE);
    assert_int_equal(report(w, 601, UNIT_STEP_LOAD), REFUSAL_NONE);
    assert_int_equal(report_as(w, 1001, 601, UNIT_STEP_STAND_DOWN), REFUSAL_WRONG_STATE);
    assert_int_equal(report(w, 601, UNIT_STEP_LEAVE_SCENE), REFUSAL_NONE);
    /* The department has told all it knows; the patient is still aboard. */
    assert_int_equal(reply(w, task_at(w, incident, AMBULANCE)), REFUSAL_NONE);
    assert_int_equal(report(w, 601, UNIT_STEP_REACH_HOSPITAL), REFUSAL_NONE);
    assert_int_equal(report(w, 601, UNIT_STEP_HAND_OVER), REFUSAL_NONE);
    assert_int_equal(report(w, 601, UNIT_STEP_RETURN), REFUSAL_NONE);
    world_expect(w, "[0.0] unit_moved unit=601 step=load from=arrived to=loaded\n"
                    "[0.0] unit_moved unit=601 step=leave_scene to=left_scene\n"
                    "[0.0] task_moved department=6 step=reply\n"
                    "[0.0] unit_moved unit=601 step=reach_hospital to=at_hospital\n"
                    "[0.0] unit_moved unit=601 step=hand_over to=handed_over\n"
                    "[0.0] unit_moved unit=601 step=release from=handed_over to=left\n"
                    "[0.0] unit_moved unit=601 step=return from=left to=available\n");
}

static void units_leave_when_their_task_ends(void **state)
{
    struct world *w = *state;
    uint64_t incident = fire(w);
    run(w, 501, UNIT_STEP_DEPLOY);
    run(w, 502, UNIT_STEP_ROLL);
    run(w, 601, UNIT_STEP_SIGN);
    world_skip(w);
    assert_int_equal(reply(w, task_at(w, incident, AMBULANCE)), REFUSAL_NONE);
    world_expect(w, "[0.0] task_moved department=6 step=reply\n"
                    "[0.0] unit_moved unit=601 step=release from=signed to=available\n");
    assert_int_equal(reply(w, task_at(w, incident, FIRE)), REFUSAL_NONE);
    world_expect(w, "[0.0] task_moved department=5 step=reply\n"
                    "[0.0] incident_moved step=reply to=replied\n"
                    "[0.0] clock_started clock=tell\n"
                    "[0.0] unit_moved unit=501 step=release from=deployed to=left\n"
                    "[0.0] unit_moved unit=502 step=release from=rolling to=left\n");
}

static void a_unit_that_cannot_go_on_is_replaced_at_once(void **state)
{
    struct world *w = *state;
    (void)fire(w);
    run(w, 501, UNIT_STEP_ROLL);
    world_skip(w);
    assert_int_equal(unable(w, 501, UNABLE_REASON_NONE), REFUSAL_REASON_MISSING);
    assert_int_equal(unable(w, 501, UNABLE_REASON_ACCIDENT), REFUSAL_NONE);
    world_expect(w, "[0.0] unit_moved unit=501 step=unable to=out_of_service reason=accident\n"
                    "[0.0] plan_activated cause=unable alerts=yes\n"
                    "[0.0] unit_moved unit=503 step=alert\n");
    assert_int_equal(report(w, 501, UNIT_STEP_SIGN), REFUSAL_WRONG_STATE);
    assert_int_equal(report(w, 501, UNIT_STEP_PUT_IN), REFUSAL_NONE);
}

static void a_unit_that_does_not_sign_is_followed_by_the_next(void **state)
{
    struct world *w = *state;
    uint64_t incident = fire(w);
    (void)report(w, 501, UNIT_STEP_SIGN);
    (void)report(w, 601, UNIT_STEP_SIGN);
    world_wait(w, 59 * SECOND);
    world_skip(w);
    world_wait(w, SECOND);
    world_expect(w, "[60.0] unit_passed unit=502 unanswered=yes\n"
                    "[60.0] plan_activated cause=unanswered alerts=yes\n"
                    "[60.0] unit_moved unit=503 step=alert\n");
    assert_int_equal(report(w, 502, UNIT_STEP_SIGN), REFUSAL_NONE); /* it may still come */
    assert_int_equal(report(w, 503, UNIT_STEP_SIGN), REFUSAL_NONE);
    (void)incident;
}

/* Their radio is down: that must not empty the city. */
static void a_silence_does_not_send_the_whole_city(void **state)
{
    struct world *w = *state;
    add_engine(w, 506, "engine", 6);
    (void)fire(w); /* two engines, an ambulance */
    world_wait(w, 10 * MINUTE);
    assert_false(plan(w)->alerts);
    assert_int_equal(core_unit(w->core, 504)->state, UNIT_STATE_ALERTED);
    assert_int_equal(core_unit(w->core, 602)->state, UNIT_STATE_ALERTED);
    assert_int_equal(core_unit(w->core, 506)->state, UNIT_STATE_AVAILABLE);
    assert_int_equal(report(w, 501, UNIT_STEP_SIGN), REFUSAL_NONE); /* it is heard again */
}

static void a_second_call_keeps_the_first_in_sight(void **state)
{
    struct world *w = *state;
    (void)fire(w);
    run(w, 501, UNIT_STEP_WATER - 1);
    uint64_t second = register_fire(w, 200, 200);
    assert_int_equal(dispatch(w, second, FIRE, 0), REFUSAL_NONE);
    assert_int_equal(alert(w, 501, second, false), REFUSAL_UNIT_BUSY);
    world_skip(w);
    assert_int_equal(alert(w, 501, second, true), REFUSAL_NONE);
    assert_int_equal(alert(w, 501, second, true), REFUSAL_ALREADY);
    world_expect(w, "[0.0] unit_stacked unit=501\n");
    assert_int_equal(report(w, 501, UNIT_STEP_CONTROL), REFUSAL_NONE);
    assert_int_equal(report(w, 501, UNIT_STEP_LEAVE), REFUSAL_NONE);
    world_expect(w, "[0.0] unit_moved unit=501 step=control from=deployed to=under_control\n"
                    "[0.0] incident_moved step=control from=on_scene to=controlled\n"
                    "[0.0] unit_moved unit=501 step=leave from=under_control to=left\n"
                    "[0.0] unit_moved unit=501 step=alert from=left to=alerted\n");
    assert_true(w->history[w->history_count - 1].incident == second);
}

static void what_waits_for_a_unit_is_bounded_and_ends_with_its_incident(void **state)
{
    struct world *w = *state;
    uint64_t waiting[5];
    define_card(
        w, (struct run_card_row){
               .run_card = 11, .category = 99, .needs_count = 1, .needs = { { "engine", 1 } } });
    uint64_t active = fire(w);
    assert_int_equal(alert(w, 501, active, false), REFUSAL_NONE);
    for (int i = 0; i < 5; i++) {
        waiting[i] = fire(w);
        assert_int_equal(alert(w, 501, waiting[i], true),
                         i < 4 ? REFUSAL_NONE : REFUSAL_STACK_FULL);
    }
    assert_int_equal(sign(w, task_at(w, waiting[0], FIRE)), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(reply(w, task_at(w, waiting[0], FIRE)), REFUSAL_NONE);
    world_expect(w, "[0.0] task_moved step=reply\n"
                    "[0.0] incident_moved step=reply\n"
                    "[0.0] clock_started clock=tell\n"
                    "[0.0] unit_unstacked unit=501\n");
    assert_int_equal(report_as(w, 3001, 501, UNIT_STEP_STAND_DOWN), REFUSAL_NONE);
    assert_true(w->history[w->history_count - 1].incident == waiting[1]);
}

/* The round has as many tasks as it may have: the fire brigade gets no other one there. */
static void fill_with_tasks(struct world *w, uint64_t incident)
{
    enum refusal refusal = REFUSAL_NONE;
    for (int i = 0; i < 32 && refusal == REFUSAL_NONE; i++) {
        struct command command = from_user(1001, COMMAND_TASK_ADD);
        command.task_add.incident = incident;
        command.task_add.department = 2;
        command.task_add.kind = TASK_KIND_ASSIST;
        refusal = world_send(w, command);
        if (refusal)
            break;
        command = from_user(1001, COMMAND_TASK_RECALL);
        command.task_recall.task = task_at(w, incident, 2);
        assert_int_equal(world_send(w, command), REFUSAL_NONE);
    }
    assert_int_equal(refusal, REFUSAL_LIMIT);
}

static void nobody_waits_for_a_unit_that_will_not_come(void **state)
{
    struct world *w = *state;
    (void)fire(w);
    run(w, 501, UNIT_STEP_ARRIVE);
    uint64_t second = register_fire(w, 200, 200);
    uint64_t third = register_fire(w, 200, 201);
    assert_int_equal(dispatch(w, second, AMBULANCE, FIRE), REFUSAL_NONE);
    assert_int_equal(dispatch(w, third, FIRE, 0), REFUSAL_NONE);
    assert_int_equal(alert(w, 501, second, true), REFUSAL_NONE);
    assert_int_equal(alert(w, 501, third, true), REFUSAL_NONE);
    assert_int_equal(sign(w, task_at(w, second, FIRE)), REFUSAL_NONE);
    assert_int_equal(reply(w, task_at(w, second, FIRE)), REFUSAL_NONE);
    fill_with_tasks(w, second);
    world_skip(w);
    assert_int_equal(report(w, 501, UNIT_STEP_LEAVE), REFUSAL_NONE);
    world_expect(w, "[0.0] unit_moved unit=501 step=leave to=left\n"
                    "[0.0] unit_unstacked unit=501\n"
                    "[0.0] unit_moved unit=501 step=alert from=left to=alerted\n");
    assert_true(w->history[w->history_count - 1].incident == third);
    assert_true(w->history[w->history_count - 2].incident == second);
}

static void a_stale_position_is_never_used_as_if_it_were_fresh(void **state)
{
    struct world *w = *state;
    uint64_t incident = register_fire(w, 100, 100);
    assert_int_equal(place_at(w, 503, 101, 100), REFUSAL_NONE);
    assert_int_equal(raise_to(w, incident, 1, true), REFUSAL_NONE);
    expect_plan(w, "503 nearest_by_distance, 501 next_station, 601 next_station");
    assert_int_equal(plan(w)->picks[0].distance_m, 250);
    /* 31 minutes later nobody knows where it is; it counts for its own district, behind those whose
     * distance can be told. */
    world_wait(w, 31 * MINUTE);
    assert_int_equal(raise_to(w, incident, 1, true), REFUSAL_NONE);
    expect_plan(w, "501 next_station, 502 next_station, 601 next_station");
    assert_int_equal(raise_to(w, incident, 2, true), REFUSAL_NONE);
    expect_plan(w, "501 next_station, 502 next_station, 510 only_one");
}

static void a_hole_says_what_kept_them_away(void **state)
{
    struct world *w = *state;
    define_card(w, (struct run_card_row){
                       .run_card = 13,
                       .radius_m = 30000,
                       .needs_count = 3,
                       .needs = { { "engine", 6 }, { "pump", 1 }, { "ambulance", 2 } } });
    for (uint32_t i = 501; i <= 505; i++) {
        struct unit_row row = {
            .unit = i, .department = FIRE, .machine = UNIT_MACHINE_ENGINE, .district = 2, .crew = 4
        };
        assert_int_equal(define_unit(w, row, "engine"), REFUSAL_NONE);
    }
    assert_int_equal(place_at(w, 501, 101, 100), REFUSAL_NONE);
    assert_int_equal(place_at(w, 502, 102, 100), REFUSAL_NONE);
    assert_int_equal(staff(w, 502, 3), REFUSAL_NONE);
    assert_int_equal(place_at(w, 503, 400, 400), REFUSAL_NONE);
    assert_int_equal(place_at(w, 504, 103, 100), REFUSAL_NONE);
    world_wait(w, 40 * MINUTE);
    assert_int_equal(place_at(w, 501, 102, 100), REFUSAL_NONE);
    assert_int_equal(place_at(w, 502, 103, 100), REFUSAL_NONE);
    assert_int_equal(place_at(w, 503, 400, 401), REFUSAL_NONE);
    assert_int_equal(report(w, 601, UNIT_STEP_GO_OFF), REFUSAL_NONE);
    uint64_t incident = register_fire(w, 100, 100);
    assert_int_equal(raise_to(w, incident, 3, true), REFUSAL_NONE);
    expect_plan(w, "501 only_one, 602 only_one; engine 5 out_of_radius; pump 1 none_of_kind; "
                   "ambulance 1 out_of_service");
    const struct plan_hole *hole = &plan(w)->holes[0];
    assert_int_equal(hole->far, 2); /* 503, and 505 that nobody can place */
    assert_int_equal(hole->stale, 1);
    assert_int_equal(hole->unstaffed, 1);
}

static void nobody_is_taken_from_another_scene(void **state)
{
    struct world *w = *state;
    (void)fire(w);
    (void)fire(w);
    uint64_t third = fire(w);
    expect_plan(w, "; engine 2 all_busy; ambulance 1 all_busy");
    const struct plan_hole *hole = &plan(w)->holes[0];
    assert_int_equal(hole->busy, 4);
    assert_int_equal(hole->far, 1);
    assert_int_equal(hole->out, 0);
    assert_int_equal(raise_to(w, third, 2, false), REFUSAL_NONE);
    expect_plan(w, "510 only_one; engine 2 all_busy");
}

static void without_a_place_the_hole_says_so(void **state)
{
    struct world *w = *state;
    struct command command = from_user(1001, COMMAND_INCIDENT_REGISTER);
    command.incident_register.line = 110;
    command.incident_register.category = 10100;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(raise_to(w, w->verdict.incident, 1, true), REFUSAL_NONE);
    expect_plan(w, "; engine 2 place_unknown; ambulance 1 place_unknown");
    assert_int_equal(plan(w)->holes[0].far, 0);
    assert_true(plan(w)->holes[0].unplaced > 0);
}

static void who_would_be_there_first_goes_not_who_stands_nearest(void **state)
{
    struct world *w = *state;
    uint64_t incident = register_fire(w, 100, 100);
    /* 503 comes back on the road, 1.25 km away; 501 must still leave its station, 1 km away. */
    assert_int_equal(alert(w, 503, fire(w), false), REFUSAL_NONE);
    run(w, 503, UNIT_STEP_ARRIVE);
    assert_int_equal(report(w, 503, UNIT_STEP_LEAVE), REFUSAL_NONE);
    assert_int_equal(place_at(w, 503, 105, 100), REFUSAL_NONE);
    assert_int_equal(report_as(w, 3001, 501, UNIT_STEP_STAND_DOWN), REFUSAL_NONE);
    assert_int_equal(raise_to(w, incident, 1, true), REFUSAL_NONE);
    expect_plan(w, "503 nearest_by_travel, 501 next_station, 602 only_one");
}

static void equal_distance_goes_to_who_waited_longest(void **state)
{
    struct world *w = *state;
    for (uint32_t i = 501; i <= 504; i++)
        assert_int_equal(place_at(w, i, 110, 100), REFUSAL_NONE);
    (void)fire(w);
    expect_plan(w, "501 nearest_by_distance, 502 nearest_by_distance, 601 next_station");
    world_wait(w, 10 * SECOND);
    run(w, 501, UNIT_STEP_ARRIVE);
    assert_int_equal(report(w, 501, UNIT_STEP_LEAVE), REFUSAL_NONE);
    assert_int_equal(report(w, 501, UNIT_STEP_RETURN), REFUSAL_NONE);
    (void)register_fire(w, 100, 100);
    assert_int_equal(raise_to(w, w->verdict.incident, 1, true), REFUSAL_NONE);
    expect_plan(w, "503 nearest_by_distance, 504 nearest_by_distance, 602 only_one");
}

static void rest_is_overridden_only_when_nobody_else_is_there(void **state)
{
    struct world *w = *state;
    (void)set_parameter(w, PARAMETER_UNIT_REST_MS, HOUR);
    uint64_t incident = fire(w);
    run(w, 601, UNIT_STEP_ARRIVE);
    assert_int_equal(report(w, 601, UNIT_STEP_LEAVE), REFUSAL_NONE);
    assert_int_equal(report(w, 601, UNIT_STEP_RETURN), REFUSAL_NONE);
    assert_int_equal(raise_to(w, incident, 1, true), REFUSAL_NONE);
    expect_plan(w, "503 next_station, 504 next_station, 602 next_station");
    assert_int_equal(report(w, 602, UNIT_STEP_TAKE_OUT), REFUSAL_NONE);
    assert_int_equal(raise_to(w, incident, 1, true), REFUSAL_NONE);
    expect_plan(w, "503 next_station, 504 next_station, 601 rest_overridden");
}

static void no_rest_is_broken_for_a_work_order(void **state)
{
    struct world *w = *state;
    (void)set_parameter(w, PARAMETER_UNIT_REST_MS, HOUR);
    define_card(w, (struct run_card_row){ 41, .category = 20100, .needs_count = 1,
                                          .needs = { { "ambulance", 1 } } });
    (void)fire(w);
    run(w, 601, UNIT_STEP_ARRIVE);
    (void)report(w, 601, UNIT_STEP_LEAVE);
    (void)report(w, 601, UNIT_STEP_RETURN);
    (void)report(w, 602, UNIT_STEP_TAKE_OUT);
    struct command order = from_user(1001, COMMAND_INCIDENT_REGISTER);
    order.incident_register.line = 12345;
    order.incident_register.category = 20100;
    assert_int_equal(world_send(w, order), REFUSAL_NONE);
    uint64_t incident = w->verdict.incident;
    (void)raise_to(w, incident, 1, true);
    expect_plan(w, "; ambulance 1 resting");
    world_wait(w, HOUR);
    (void)raise_to(w, incident, 1, true);
    expect_plan(w, "601 only_one");
}

static void the_most_particular_card_counts(void **state)
{
    struct world *w = *state;
    define_card(w, (struct run_card_row){ .run_card = 21,
                                          .category = 101,
                                          .flags_count = 1,
                                          .flags = { PLAN_FLAG_HIGH_RISE },
                                          .needs_count = 1,
                                          .needs = { { "ladder", 1 } } });
    define_card(w, (struct run_card_row){ .run_card = 31,
                                          .category = 1,
                                          .from_time = 2200,
                                          .until_time = 600,
                                          .east_cell = 100,
                                          .north_cell = 101,
                                          .within_m = 500,
                                          .needs_count = 1,
                                          .needs = { { "ladder", 1 } } });
    uint64_t incident = register_fire(w, 100, 100);
    assert_int_equal(raise_to(w, incident, 1, true), REFUSAL_NONE);
    assert_int_equal(plan(w)->card, 1);
    assert_int_equal(flag(w, incident, PLAN_FLAG_HIGH_RISE), REFUSAL_NONE);
    assert_int_equal(flag(w, incident, PLAN_FLAG_HIGH_RISE), REFUSAL_ALREADY);
    assert_int_equal(raise_to(w, incident, 1, true), REFUSAL_NONE);
    assert_int_equal(plan(w)->card, 2);
    world_wait(w, 14 * HOUR); /* 23:00 */
    assert_int_equal(raise_to(w, incident, 1, true), REFUSAL_NONE);
    assert_int_equal(plan(w)->card, 3);
}

static void crews_in_danger_check_in(void **state)
{
    struct world *w = *state;
    (void)fire(w);
    run(w, 501, UNIT_STEP_DEPLOY);
    (void)report(w, 502, UNIT_STEP_SIGN);
    (void)report(w, 601, UNIT_STEP_SIGN);
    world_wait(w, MINUTE);
    assert_int_equal(report(w, 501, UNIT_STEP_WATER), REFUSAL_NONE); /* the clock goes on */
    world_wait(w, 18 * MINUTE);
    world_skip(w);
    world_wait(w, MINUTE);
    world_expect(w, "[1200.0] check_in_missed unit=501 due=1200.0 next_due=1500.0\n");
    assert_int_equal(check_in(w, 502), REFUSAL_WRONG_STATE);
    assert_int_equal(check_in(w, 501), REFUSAL_NONE);
    world_expect(w, "[1200.0] checked_in unit=501 next_due=2400.0\n");
    assert_int_equal(report(w, 501, UNIT_STEP_CONTROL), REFUSAL_NONE);
    assert_int_equal(report(w, 501, UNIT_STEP_PUT_OUT), REFUSAL_NONE);
    assert_int_equal(check_in(w, 501), REFUSAL_WRONG_STATE); /* out of danger */
    world_wait(w, HOUR);
    uint32_t missed = 0;
    for (uint32_t i = 0; i < w->history_count; i++)
        missed += w->history[i].kind == EVENT_CHECK_IN_MISSED;
    assert_int_equal(missed, 1);
}

/* A second alarm is more of the danger, not less. */
static void a_further_alarm_loosens_no_check_in(void **state)
{
    struct world *w = *state;
    define_card(
        w, (struct run_card_row){ .run_card = 12, .needs_count = 1, .needs = { { "ladder", 1 } } });
    define_card(w, (struct run_card_row){ .run_card = 13,
                                          .check_in_ms = 10 * MINUTE,
                                          .needs_count = 1,
                                          .needs = { { "ladder", 1 } } });
    uint64_t incident = fire(w);
    run(w, 601, UNIT_STEP_ARRIVE);
    assert_int_equal(raise_to(w, incident, 2, false), REFUSAL_NONE);
    assert_int_equal(check_in(w, 601), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_CHECKED_IN)->checked_in.next_due_ms,
                     w->now_ms + 20 * MINUTE);
    assert_int_equal(raise_to(w, incident, 3, false), REFUSAL_NONE);
    assert_int_equal(check_in(w, 601), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_CHECKED_IN)->checked_in.next_due_ms,
                     w->now_ms + 10 * MINUTE);
}

/* Whom the further alarm finds at work in the danger is asked from now on, too. */
static void a_further_alarm_asks_crews_that_are_there(void **state)
{
    struct world *w = *state;
    define_card(w, (struct run_card_row){ .run_card = 11,
                                          .category = 10100,
                                          .automatic = true,
                                          .needs_count = 2,
                                          .needs = { { "engine", 1 }, { "ambulance", 1 } } });
    uint64_t incident = fire(w);
    run(w, 601, UNIT_STEP_ARRIVE);
    run(w, 501, UNIT_STEP_DEPLOY);
    assert_int_equal(check_in(w, 601), REFUSAL_WRONG_STATE);
    assert_int_equal(raise_to(w, incident, 2, false), REFUSAL_NONE);
    assert_int_equal(report(w, 510, UNIT_STEP_SIGN), REFUSAL_NONE);
    assert_int_equal(report(w, 502, UNIT_STEP_SIGN), REFUSAL_NONE);
    assert_int_equal(report(w, 503, UNIT_STEP_SIGN), REFUSAL_NONE);
    world_wait(w, 19 * MINUTE);
    world_skip(w);
    world_wait(w, MINUTE);
    world_expect(w, "[1200.0] check_in_missed unit=501 due=1200.0 next_due=1500.0\n"
                    "[1200.0] check_in_missed unit=601 due=1200.0 next_due=1500.0\n");
}

static void a_mayday_moves_nothing_and_is_heard_at_once(void **state)
{
    struct world *w = *state;
    (void)fire(w);
    run(w, 501, UNIT_STEP_DEPLOY);
    world_skip(w);
    assert_int_equal(report_as(w, TERMINAL_501, 501, UNIT_STEP_MAYDAY), REFUSAL_NONE);
    assert_int_equal(report_as(w, TERMINAL_501, 501, UNIT_STEP_MAYDAY), REFUSAL_ALREADY);
    world_expect(w, "[0.0] mayday_called unit=501\n");
    assert_int_equal(report(w, 501, UNIT_STEP_MAYDAY_END), REFUSAL_NONE);
    assert_int_equal(report(w, 501, UNIT_STEP_MAYDAY_END), REFUSAL_WRONG_STATE);
}

static void everybody_speaks_for_their_own_units(void **state)
{
    struct world *w = *state;
    (void)fire(w);
    assert_int_equal(report_as(w, TERMINAL_501, 502, UNIT_STEP_SIGN), REFUSAL_NOT_YOURS);
    assert_int_equal(report_as(w, 2006, 501, UNIT_STEP_SIGN), REFUSAL_NOT_YOURS);
    assert_int_equal(report_as(w, 3002, 501, UNIT_STEP_SIGN), REFUSAL_NOT_ALLOWED);
    assert_int_equal(report_as(w, TERMINAL_501, 501, UNIT_STEP_STAND_DOWN), REFUSAL_NOT_ALLOWED);
    assert_int_equal(report_as(w, TERMINAL_501, 501, UNIT_STEP_SIGN), REFUSAL_NONE);
    assert_int_equal(report(w, 9, UNIT_STEP_SIGN), REFUSAL_NO_SUCH_UNIT);
    assert_int_equal(report(w, 501, UNIT_STEP_RELEASE), REFUSAL_MALFORMED);
}

static void positions_do_not_flood_the_journal(void **state)
{
    struct world *w = *state;
    assert_int_equal(place_at(w, 501, 0, 7), REFUSAL_MALFORMED);
    assert_int_equal(place_at(w, 501, 100, 100), REFUSAL_NONE);
    uint32_t before = w->history_count;
    for (int i = 1; i <= 1800; i++) { /* every second for half an hour, another cell each minute */
        world_wait(w, SECOND);
        (void)place_at(w, 501, 100 + (uint32_t)i / 60, 100);
    }
    assert_int_equal(w->history_count - before, 30);
    before = w->history_count;
    for (int i = 1; i <= 1800; i++) { /* and parked */
        world_wait(w, SECOND);
        (void)place_at(w, 501, 130, 100);
    }
    assert_int_equal(w->history_count - before, 2); /* it is still there */
    before = w->history_count;
    for (uint32_t i = 1; i <= 60; i++) { /* a helicopter: another cell each second */
        world_wait(w, SECOND);
        (void)place_at(w, 501, 130 + i, 100);
    }
    assert_int_equal(w->history_count - before, 6);
    assert_int_equal(place_at(w, 501, 190, 100), REFUSAL_ALREADY);
}

/* A terminal that was in a tunnel sends an old position, and then a fresh one of the same cell. */
static void a_fresh_position_ends_what_an_old_one_says(void **state)
{
    struct world *w = *state;
    uint64_t incident = register_fire(w, 100, 100);
    world_wait(w, HOUR);
    struct command command = from_gateway(1, COMMAND_UNIT_PLACE);
    command.unit_place = (struct unit_place){
        .unit = 503, .east_cell = 101, .north_cell = 100, .measured_ms = w->now_ms - 29 * MINUTE
    };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_wait(w, MINUTE);
    assert_int_equal(place_at(w, 503, 101, 100), REFUSAL_NONE);
    world_wait(w, 5 * MINUTE);
    assert_int_equal(raise_to(w, incident, 1, true), REFUSAL_NONE);
    expect_plan(w, "503 nearest_by_distance, 501 next_station, 601 next_station");
}

static void a_gap_in_the_coverage_is_told_when_it_lasts(void **state)
{
    struct world *w = *state;
    struct command command = from_system(COMMAND_COVERAGE_DEFINE);
    command.coverage_define.has_row = true;
    command.coverage_define.row =
        (struct coverage_row){ .coverage = 1, .kind = "ambulance", .district = 1, .minimum = 2 };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(report(w, 601, UNIT_STEP_TAKE_OUT), REFUSAL_NONE);
    world_wait(w, 59 * SECOND);
    assert_int_equal(report(w, 601, UNIT_STEP_PUT_IN), REFUSAL_NONE);
    world_wait(w, 10 * MINUTE);
    world_skip(w);
    assert_int_equal(report(w, 602, UNIT_STEP_TAKE_OUT), REFUSAL_NONE);
    world_wait(w, 2 * MINUTE);
    assert_int_equal(report(w, 602, UNIT_STEP_PUT_IN), REFUSAL_NONE);
    world_wait(w, 2 * MINUTE);
    world_expect(w, "[659.0] unit_moved unit=602 step=take_out\n"
                    "[719.0] coverage_changed coverage=1 low=yes available=1 minimum=2\n"
                    "[779.0] unit_moved unit=602 step=put_in\n"
                    "[839.0] coverage_changed coverage=1 available=2\n");
}

static void who_is_elsewhere_or_unstaffed_covers_nothing(void **state)
{
    struct world *w = *state;
    struct unit_row row = { .unit = 603, .department = AMBULANCE, .district = 2 };
    row.machine = UNIT_MACHINE_AMBULANCE;
    assert_int_equal(define_unit(w, row, "ambulance"), REFUSAL_NONE);
    assert_int_equal(staff(w, 602, 0), REFUSAL_NONE);
    struct command command = from_system(COMMAND_COVERAGE_DEFINE);
    command.coverage_define.has_row = true;
    command.coverage_define.row =
        (struct coverage_row){ .coverage = 1, .kind = "ambulance", .district = 1, .minimum = 3 };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_wait(w, 2 * MINUTE);
    assert_int_equal(last_event(w, EVENT_COVERAGE_CHANGED)->coverage_changed.available, 1);
}

static void a_plan_of_many_units_spreads_over_ticks(void **state)
{
    struct world *w = *state;
    for (uint32_t i = 0; i < 16; i++)
        add_engine(w, 520 + i, "tanker", 1 + i % 3);
    define_card(w, (struct run_card_row){
                       .run_card = 12, .needs_count = 1, .needs = { { "tanker", 16 } } });
    uint64_t incident = fire(w);
    assert_int_equal(raise_to(w, incident, 2, false), REFUSAL_NONE);
    assert_int_equal(plan(w)->picks_count, 16);
    world_wait(w, 0);
    for (uint32_t i = 0; i < 16; i++)
        assert_int_equal(report(w, 520 + i, UNIT_STEP_SIGN), REFUSAL_NONE);
}

/* ---- chance -------------------------------------------------------------------------------- */

static uint32_t any_unit(struct prng *prng)
{
    static const uint32_t units[] = { 501, 502, 503, 504, 505, 510, 601, 602 };
    return units[prng_below(prng, sizeof units / sizeof units[0])];
}

static void say_something(struct world *w, struct prng *prng, const uint64_t *incidents,
                          uint32_t count)
{
    uint64_t incident = incidents[prng_below(prng, count)];
    switch (prng_below(prng, 12)) {
    case 0:
        (void)alert(w, any_unit(prng), incident, prng_below(prng, 2));
        return;
    case 1:
        (void)raise_to(w, incident, 1 + (uint32_t)prng_below(prng, 2), prng_below(prng, 3) == 0);
        return;
    case 2:
        (void)unable(w, any_unit(prng), UNABLE_REASON_BLOCKED);
        return;
    case 3:
        (void)reply(w, task_at(w, incident, prng_below(prng, 2) ? FIRE : AMBULANCE));
        return;
    case 4:
        (void)place_at(w, any_unit(prng), 80 + (uint32_t)prng_below(prng, 60), 100);
        return;
    case 5:
        (void)staff(w, any_unit(prng), (uint32_t)prng_below(prng, 4));
        return;
    case 6:
        world_wait(w, prng_below(prng, 3) ? SECOND : 10 * MINUTE);
        return;
    default: /* mostly units that do their work, in any order, by anybody */
        (void)report_as(w, prng_below(prng, 4) ? 3001 : 2005, any_unit(prng),
                        (enum unit_step)prng_below(prng, UNIT_STEP_COUNT));
        return;
    }
}

/* Whatever people say in whatever order: core_check() after each word, the same digest on replay. */
static void the_books_agree_whatever_is_said(void **state)
{
    struct world *w = *state;
    uint64_t incidents[24];
    uint32_t count = 0;
    struct prng prng;
    prng_seed(&prng, 20260302);
    struct command command = from_system(COMMAND_COVERAGE_DEFINE);
    command.coverage_define.has_row = true;
    command.coverage_define.row =
        (struct coverage_row){ .coverage = 1, .kind = "engine", .minimum = 3 };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    for (uint32_t i = 0; i < 6000; i++) {
        if (i % 250 == 0)
            incidents[count++] = fire(w);
        say_something(w, &prng, incidents, count);
        world_skip(w);
    }
    uint32_t kinds[EVENT_KIND_COUNT] = { 0 };
    for (uint32_t i = 0; i < w->history_count; i++)
        kinds[w->history[i].kind]++;
    for (enum event_kind kind = EVENT_UNIT_MOVED; kind <= EVENT_COVERAGE_CHANGED; kind++)
        if (kind != EVENT_INCIDENT_FLAGGED && kind != EVENT_CHECKED_IN && kinds[kind] == 0)
            fail_msg("%s never happened", event_kind_name(kind));
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, forces_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        STORY(a_fire_gets_what_its_run_card_asks_for),
        STORY(the_first_units_steps_are_its_tasks_and_its_incidents),
        STORY(a_second_alarm_sends_only_what_it_asks_for_itself),
        STORY(what_is_learnt_later_asks_for_what_is_not_there),
        STORY(another_cards_second_alarm_counts_who_is_there),
        STORY(a_kind_named_twice_sends_nobody_twice),
        STORY(a_proposal_alerts_nobody),
        STORY(a_whole_run_of_an_ambulance),
        STORY(units_leave_when_their_task_ends),
        STORY(a_unit_that_cannot_go_on_is_replaced_at_once),
        STORY(a_unit_that_does_not_sign_is_followed_by_the_next),
        STORY(a_silence_does_not_send_the_whole_city),
        STORY(a_second_call_keeps_the_first_in_sight),
        STORY(what_waits_for_a_unit_is_bounded_and_ends_with_its_incident),
        STORY(nobody_waits_for_a_unit_that_will_not_come),
        STORY(a_stale_position_is_never_used_as_if_it_were_fresh),
        STORY(a_hole_says_what_kept_them_away),
        STORY(without_a_place_the_hole_says_so),
        STORY(nobody_is_taken_from_another_scene),
        STORY(who_would_be_there_first_goes_not_who_stands_nearest),
        STORY(equal_distance_goes_to_who_waited_longest),
        STORY(rest_is_overridden_only_when_nobody_else_is_there),
        STORY(no_rest_is_broken_for_a_work_order),
        STORY(the_most_particular_card_counts),
        STORY(crews_in_danger_check_in),
        STORY(a_further_alarm_loosens_no_check_in),
        STORY(a_further_alarm_asks_crews_that_are_there),
        STORY(a_mayday_moves_nothing_and_is_heard_at_once),
        STORY(everybody_speaks_for_their_own_units),
        STORY(positions_do_not_flood_the_journal),
        STORY(a_fresh_position_ends_what_an_old_one_says),
        STORY(a_gap_in_the_coverage_is_told_when_it_lasts),
        STORY(who_is_elsewhere_or_unstaffed_covers_nothing),
        STORY(a_plan_of_many_units_spreads_over_ticks),
        STORY(the_books_agree_whatever_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
