/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A line keeps the takers that its city says it must have (lines.csv, seats_min): nobody leaves it alone by a
 * pause or a sign-off, but with a supervisor's word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "dispatcher/core/state.h"
#include "tests/story/world.h"

/* 1001 and 1003 attend to 110, 1002 to 12345 alone. */
static void demand(struct world *w, uint32_t line, uint32_t seats)
{
    struct command command = from_system(COMMAND_LINE_DEFINE);
    command.line_define.has_row = true;
    command.line_define.row = core_line(w->core, line)->row;
    command.line_define.row.seats_min = seats;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void the_last_of_a_line_does_not_leave_it(void **state)
{
    struct world *w = *state;
    demand(w, 110, 1);
    on_duty(w, 1001);
    assert_int_equal(away(w, 1001, AWAY_REASON_MEAL), REFUSAL_SEATS_MIN);
    assert_int_equal(sign_off(w, 1001), REFUSAL_SEATS_MIN);
    on_duty(w, 1003);
    assert_int_equal(away(w, 1001, AWAY_REASON_MEAL), REFUSAL_NONE);
    assert_int_equal(sign_off(w, 1003), REFUSAL_SEATS_MIN); /* who pauses does not attend */
    assert_int_equal(sign_off(w, 1001), REFUSAL_NONE);      /* and may go home */
    assert_int_equal(away(w, 1003, AWAY_REASON_MEAL), REFUSAL_SEATS_MIN);
}

static void a_supervisor_lets_the_last_one_go(void **state)
{
    struct world *w = *state;
    demand(w, 110, 2);
    on_duty(w, 1001);
    on_duty(w, 1003);
    struct command command = from_user(3001, COMMAND_TAKER_AWAY);
    command.taker_away.taker = 1001;
    command.taker_away.reason = AWAY_REASON_SUPERVISOR;
    assert_int_equal(away(w, 1001, AWAY_REASON_MEAL), REFUSAL_SEATS_MIN);
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    command = from_user(3001, COMMAND_TAKER_SIGN_OFF);
    command.taker_sign_off.taker = 1003;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void a_line_without_a_demand_holds_nobody(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    assert_int_equal(away(w, 1001, AWAY_REASON_MEAL), REFUSAL_NONE);
    assert_int_equal(sign_off(w, 1001), REFUSAL_NONE);
}

/* The phone rang and nobody came: the seat is as good as empty, whatever the line demands. */
static void who_does_not_answer_is_away_all_the_same(void **state)
{
    struct world *w = *state;
    demand(w, 110, 1);
    on_duty(w, 1001);
    (void)call_in(w, 110, WANG);
    world_skip(w);
    world_wait(w, 15000);
    assert_true(core_user(w->core, 1001)->away != AWAY_REASON_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_last_of_a_line_does_not_leave_it, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_supervisor_lets_the_last_one_go, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_line_without_a_demand_holds_nobody, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(who_does_not_answer_is_away_all_the_same, world_setup,
                                        world_teardown),
    };
    return cmocka_run_group_tests_name("seats", tests, NULL, NULL);
}
