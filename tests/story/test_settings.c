/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of settings that a city changes while something runs by them: what was promised stays, what is
 * only waited for follows at once (dispatcher/core/city.c). Storms, clusters and texts of a silent gateway
 * tell the same where they are told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "dispatcher/core/state.h"
#include "tests/story/forces.h"

static void a_silent_gateway_s_calls_are_given_up_by_the_time_that_holds_now(void **state)
{
    struct world *w = *state;
    (void)set_parameter(w, PARAMETER_GATEWAY_LOST_MS, 10 * MINUTE);
    (void)call_in(w, 110, 13811112222);
    struct command fall = from_system(COMMAND_GATEWAY_FALL);
    fall.gateway_fall.gateway = 1;
    fall.gateway_fall.epoch = 1;
    assert_int_equal(world_send(w, fall), REFUSAL_NONE);
    world_wait(w, 5 * SECOND);
    assert_int_equal(set_parameter(w, PARAMETER_GATEWAY_LOST_MS, 10 * SECOND), REFUSAL_NONE);
    world_skip(w);
    world_wait(w, 6 * SECOND);
    world_expect(w, "[10.0] clock_overdue clock=answer\n"
                    "[10.0] contact_ended cause=gateway_lost\n"
                    "[10.0] callback_opened\n");
}

static void a_gap_in_the_coverage_is_told_by_the_time_that_holds_now(void **state)
{
    struct world *w = *state;
    struct command command = from_system(COMMAND_COVERAGE_DEFINE);
    command.coverage_define.has_row = true;
    command.coverage_define.row =
        (struct coverage_row){ .coverage = 1, .kind = "ambulance", .district = 1, .minimum = 2 };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    (void)set_parameter(w, PARAMETER_COVERAGE_HOLD_MS, HOUR);
    assert_int_equal(report(w, 601, UNIT_STEP_TAKE_OUT), REFUSAL_NONE);
    assert_int_equal(set_parameter(w, PARAMETER_COVERAGE_HOLD_MS, MINUTE), REFUSAL_NONE);
    world_skip(w);
    world_wait(w, 2 * MINUTE);
    world_expect(w, "[60.0] coverage_changed low=yes available=1\n");
}

static void a_trunk_s_test_is_missed_by_the_times_that_hold_now(void **state)
{
    struct world *w = *state;
    struct command command = from_gateway(1, COMMAND_CONTACT_ARRIVE);
    command.contact_arrive.call = w->next_call++;
    command.contact_arrive.line = 110;
    command.contact_arrive.channel = CHANNEL_VOICE;
    command.contact_arrive.test = true;
    strcpy(command.contact_arrive.trunk, "telecom-a");
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    (void)set_parameter(w, PARAMETER_TEST_MISSED, 100);
    assert_int_equal(set_parameter(w, PARAMETER_TEST_MISSED, 1), REFUSAL_NONE);
    assert_int_equal(set_parameter(w, PARAMETER_TEST_EVERY_MS, MINUTE), REFUSAL_NONE);
    world_skip(w);
    world_wait(w, 2 * MINUTE);
    world_expect(w, "[60.0] test_missed trunk=\"telecom-a\"\n");
    assert_int_equal(set_parameter(w, PARAMETER_TEST_EVERY_MS, HOUR), REFUSAL_NONE);
    world_skip(w);
    world_wait(w, 3 * HOUR); /* it was told: nobody is told again */
    world_expect(w, "");
}

static void a_caller_hears_the_wait_by_the_time_that_holds_now(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, 13811112222);
    world_wait(w, 4 * MINUTE);
    assert_int_equal(finish(w, 1001, contact), REFUSAL_NONE);
    (void)finish_wrap_up(w, 1001);
    (void)set_parameter(w, PARAMETER_WAIT_FIRST_MS, 10 * MINUTE);
    (void)talk(w, 12345, 13811112222);
    uint64_t next = call_in(w, 12345, 13911112222);
    world_wait(w, 10 * SECOND);
    assert_null(last_event(w, EVENT_WAIT_ESTIMATED));
    assert_int_equal(set_parameter(w, PARAMETER_WAIT_FIRST_MS, 12 * SECOND), REFUSAL_NONE);
    world_wait(w, 3 * SECOND);
    assert_int_equal(last_event(w, EVENT_WAIT_ESTIMATED)->contact, next);
    world_skip(w);
}

static void what_was_promised_stays(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, 13811112222);
    assert_int_equal(finish(w, 1001, contact), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(set_parameter(w, PARAMETER_WRAP_UP_MS, 10 * MINUTE), REFUSAL_NONE);
    world_wait(w, MINUTE); /* the half minute that began */
    world_expect(w, "[0.0] parameter_changed\n[30.0] wrap_up_ended taker=1001\n");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, forces_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_silent_gateway_s_calls_are_given_up_by_the_time_that_holds_now),
        STORY(a_gap_in_the_coverage_is_told_by_the_time_that_holds_now),
        STORY(a_trunk_s_test_is_missed_by_the_times_that_hold_now),
        STORY(a_caller_hears_the_wait_by_the_time_that_holds_now),
        STORY(what_was_promised_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
