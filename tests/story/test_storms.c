/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of storms: more calls than the forecast bears, many calls about one place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dispatcher/core/state.h"
#include "tests/story/world.h"

static enum refusal forecast(struct world *w, uint32_t line, uint32_t weekday, uint32_t calls)
{
    struct command command = from_system(COMMAND_FORECAST_DEFINE);
    struct forecast_row *row = &command.forecast_define.row;
    command.forecast_define.has_row = true;
    row->line = line;
    row->weekday = weekday;
    row->calls_count = 48;
    for (uint32_t i = 0; i < 48; i++)
        row->calls[i] = calls;
    row->handling_ms = 180 * SECOND;
    return world_send(w, command);
}

static uint64_t call_from(struct world *w, uint32_t line, uint64_t caller, uint32_t east,
                          uint32_t north)
{
    struct command command = from_gateway(1, COMMAND_CONTACT_ARRIVE);
    command.caller = caller;
    command.contact_arrive.call = w->next_call++;
    command.contact_arrive.line = line;
    command.contact_arrive.channel = CHANNEL_VOICE;
    command.contact_arrive.east_cell = east;
    command.contact_arrive.north_cell = north;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    return w->verdict.contact;
}

/* Registers a record of its own for the contact, as a supervisor. */
static uint64_t registered(struct world *w, uint64_t contact)
{
    struct command command = from_user(3001, COMMAND_INCIDENT_REGISTER);
    command.incident_register.contact = contact;
    command.incident_register.category = 20100;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    return w->verdict.incident;
}

static enum refusal simply(struct world *w, uint32_t user, enum command_kind kind)
{
    return world_send(w, from_user(user, kind));
}

/* ---- rate --------------------------------------------------------------------------------------- */

static void as_many_as_expected_are_no_storm(void **state)
{
    struct world *w = *state;
    assert_int_equal(forecast(w, 12345, 1, 120), REFUSAL_NONE);
    assert_int_equal(forecast(w, 12345, 1, 120), REFUSAL_ALREADY);
    assert_int_equal(forecast(w, 99, 1, 120), REFUSAL_NO_SUCH_LINE);
    assert_int_equal(forecast(w, 12345, 8, 120), REFUSAL_MALFORMED);
    for (uint64_t i = 0; i < 240; i++) { /* two hours, every 30 s */
        uint64_t contact = call_in(w, 12345, 1000 + i);
        assert_int_equal(hang_up(w, contact, END_CAUSE_CANCELLED), REFUSAL_NONE);
        world_wait(w, 30 * SECOND);
        world_skip(w);
    }
    assert_null(last_event(w, EVENT_STORM_ENTERED));
}

static void three_times_as_many_are_a_storm(void **state)
{
    struct world *w = *state;
    assert_int_equal(forecast(w, 12345, 1, 120), REFUSAL_NONE);
    uint64_t called = 0;
    while (!last_event(w, EVENT_STORM_ENTERED) && called < 200) {
        (void)call_in(w, 12345, 1000 + called++);
        world_wait(w, 10 * SECOND);
    }
    const struct event *entered = last_event(w, EVENT_STORM_ENTERED);
    assert_in_range(called, 40, 60); /* 25 / (1 - √2 / 3), after some minutes */
    assert_int_equal(entered->line, 12345);
    assert_int_equal(entered->storm_entered.cause, STORM_CAUSE_RATE);
    assert_int_equal(entered->storm_entered.forecast, 120);
    assert_in_range(entered->storm_entered.rate, 340, 372);
    /* Everyone who waits is offered a callback, the next one at once. */
    world_wait(w, 0);
    assert_int_equal(count_events(w, EVENT_WAIT_ESTIMATED), called);
    uint64_t next = call_in(w, 12345, 5000);
    assert_int_equal(last_event(w, EVENT_WAIT_ESTIMATED)->contact, next);
    assert_int_equal(last_event(w, EVENT_WAIT_ESTIMATED)->wait_estimated.announcement,
                     ANNOUNCEMENT_CALLBACK_OFFER);
    assert_int_equal(count_events(w, EVENT_CONTACT_ENDED), 0); /* offered, never hung up */
    world_wait(w, 11 * MINUTE);
    assert_int_equal(last_event(w, EVENT_STORM_LEFT)->storm_left.cause, STORM_CAUSE_QUIET);
    world_skip(w);
}

static void a_shorter_quiet_holds_for_the_storm_there_is(void **state)
{
    struct world *w = *state;
    assert_int_equal(set_parameter(w, PARAMETER_STORM_QUIET_MS, 24 * HOUR), REFUSAL_NONE);
    assert_int_equal(forecast(w, 12345, 1, 120), REFUSAL_NONE);
    for (uint64_t called = 0; !last_event(w, EVENT_STORM_ENTERED) && called < 200; called++) {
        (void)call_in(w, 12345, 1000 + called);
        world_wait(w, 10 * SECOND);
    }
    assert_non_null(last_event(w, EVENT_STORM_ENTERED));
    assert_int_equal(set_parameter(w, PARAMETER_STORM_QUIET_MS, 10 * MINUTE), REFUSAL_NONE);
    world_wait(w, 10 * MINUTE);
    assert_non_null(last_event(w, EVENT_STORM_LEFT));
    world_skip(w);
}

static void a_line_without_a_forecast_has_no_storms_of_its_own(void **state)
{
    struct world *w = *state;
    for (uint64_t i = 0; i < 100; i++)
        (void)call_in(w, 110, 1000 + i);
    assert_null(last_event(w, EVENT_STORM_ENTERED));
    world_skip(w);
}

static void a_storm_by_hand_is_left_by_hand(void **state)
{
    struct world *w = *state;
    assert_int_equal(simply(w, 1001, COMMAND_STORM_ENTER), REFUSAL_NOT_ALLOWED);
    assert_int_equal(simply(w, 3001, COMMAND_STORM_LEAVE), REFUSAL_ALREADY);
    assert_int_equal(simply(w, 3001, COMMAND_STORM_ENTER), REFUSAL_NONE);
    assert_int_equal(simply(w, 3001, COMMAND_STORM_ENTER), REFUSAL_ALREADY);
    world_wait(w, DAY);
    assert_int_equal(simply(w, 3001, COMMAND_STORM_LEAVE), REFUSAL_NONE);
    world_expect(w, "[0.0] storm_entered cause=hand\n"
                    "[86400.0] storm_left cause=hand lasted_ms=86400000\n");
}

static void a_storm_asks_those_back_who_are_away(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    on_duty(w, 1002);
    assert_int_equal(away(w, 1002, AWAY_REASON_MEAL), REFUSAL_NONE);
    assert_int_equal(sign_on(w, 1003), REFUSAL_NONE); /* not ready yet: not on a break */
    world_skip(w);
    assert_int_equal(simply(w, 3001, COMMAND_STORM_ENTER), REFUSAL_NONE);
    world_expect(w, "[0.0] storm_entered\n[0.0] taker_recalled taker=1002\n");
}

static bool is_asked_back(struct world *w, enum away_reason reason)
{
    uint32_t before = count_events(w, EVENT_TAKER_RECALLED);
    assert_int_equal(away(w, 1002, reason), REFUSAL_NONE);
    assert_int_equal(simply(w, 3001, COMMAND_STORM_ENTER), REFUSAL_NONE);
    world_wait(w, SECOND);
    assert_int_equal(simply(w, 3001, COMMAND_STORM_LEAVE), REFUSAL_NONE);
    assert_int_equal(ready(w, 1002), REFUSAL_NONE);
    world_skip(w);
    return count_events(w, EVENT_TAKER_RECALLED) > before;
}

static void whoever_pauses_of_their_own_accord_is_asked_back(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    assert_true(is_asked_back(w, AWAY_REASON_BREAK));
    assert_true(is_asked_back(w, AWAY_REASON_MEAL));
    assert_true(is_asked_back(w, AWAY_REASON_TRAINING));
    assert_true(is_asked_back(w, AWAY_REASON_RECORD));
}

/* ---- the end of it ------------------------------------------------------------------------------ */

static uint64_t calls_until_storm(struct world *w)
{
    uint64_t called = 0, before = count_events(w, EVENT_STORM_ENTERED);
    while (count_events(w, EVENT_STORM_ENTERED) == before && called < 200) {
        uint64_t contact = call_in(w, 12345, 1000 + called++);
        assert_int_equal(hang_up(w, contact, END_CAUSE_CANCELLED), REFUSAL_NONE);
        world_wait(w, 10 * SECOND);
        world_skip(w);
    }
    return called;
}

static void what_a_supervisor_ended_does_not_begin_with_the_next_call(void **state)
{
    struct world *w = *state;
    assert_int_equal(forecast(w, 12345, 1, 120), REFUSAL_NONE);
    uint64_t first = calls_until_storm(w);
    assert_int_equal(simply(w, 3001, COMMAND_STORM_LEAVE), REFUSAL_NONE);
    assert_in_range(calls_until_storm(w), first - 10, first + 10);
}

static void a_long_storm_is_over_as_soon_as_a_short_one(void **state)
{
    struct world *w = *state;
    assert_int_equal(forecast(w, 12345, 1, 120), REFUSAL_NONE);
    (void)calls_until_storm(w);
    for (uint64_t i = 0; i < 1000; i++) { /* an hour and twenty minutes of it */
        uint64_t contact = call_in(w, 12345, 5000 + i);
        assert_int_equal(hang_up(w, contact, END_CAUSE_CANCELLED), REFUSAL_NONE);
        world_wait(w, 5 * SECOND);
        world_skip(w);
    }
    for (uint64_t i = 0; i < 150; i++) { /* then as many as on any day, for 75 minutes */
        uint64_t contact = call_in(w, 12345, 9000 + i);
        assert_int_equal(hang_up(w, contact, END_CAUSE_CANCELLED), REFUSAL_NONE);
        world_wait(w, 30 * SECOND);
        world_skip(w);
    }
    assert_non_null(last_event(w, EVENT_STORM_LEFT));
}

static void machines_that_test_the_lines_are_no_storm(void **state)
{
    struct world *w = *state;
    assert_int_equal(forecast(w, 12345, 1, 120), REFUSAL_NONE);
    for (uint64_t i = 0; i < 100; i++) {
        struct command command = from_gateway(1, COMMAND_CONTACT_ARRIVE);
        command.contact_arrive = (struct contact_arrive){
            .call = w->next_call++, .line = 12345, .channel = CHANNEL_VOICE, .test = true
        };
        (void)snprintf(command.contact_arrive.trunk, sizeof command.contact_arrive.trunk,
                       "carrier-%u", (unsigned)i);
        assert_int_equal(world_send(w, command), REFUSAL_NONE);
        world_wait(w, SECOND);
        world_skip(w);
    }
    for (uint64_t i = 0; i < 5; i++)
        (void)call_in(w, 12345, 1000 + i);
    assert_null(last_event(w, EVENT_STORM_ENTERED));
    world_skip(w);
}

static void in_a_storm_ordinary_wrap_up_is_short_and_emergencies_are_left_alone(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    on_duty(w, 1002);
    assert_int_equal(simply(w, 3001, COMMAND_STORM_ENTER), REFUSAL_NONE);
    uint64_t emergency = talk(w, 110, WANG);
    uint64_t ordinary = talk(w, 12345, LI);
    world_skip(w);
    assert_int_equal(finish(w, 1002, ordinary), REFUSAL_NONE);
    assert_int_equal(finish(w, 1001, emergency), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_ended\n[0.0] wrap_up_started taker=1002 until=10.0\n"
                    "[0.0] contact_ended\n[0.0] wrap_up_started taker=1001 until=30.0\n");
    (void)call_in(w, 110, 600);
    (void)call_in(w, 110, 601);
    world_wait(w, HOUR);
    assert_null(last_event(w, EVENT_WAIT_ESTIMATED));
    assert_null(last_event(w, EVENT_CONTACT_ANNOUNCED));
    world_skip(w);
}

/* ---- clusters ----------------------------------------------------------------------------------- */

/* Five citizens on one line tell of one corner within two minutes; returns the first's record. */
static uint64_t five_tell(struct world *w, uint32_t line)
{
    uint64_t first = 0;
    for (uint32_t i = 0; i < 5; i++) {
        uint64_t contact = call_from(w, line, 700 + i, 40 + i % 2, 60);
        uint64_t incident = registered(w, contact);
        first = first ? first : incident;
        assert_int_equal(count_events(w, EVENT_CLUSTER_FORMED), i == 4);
        world_wait(w, 20 * SECOND);
    }
    return first;
}

static void a_cluster_ends_by_the_quiet_that_holds_now(void **state)
{
    struct world *w = *state;
    (void)set_parameter(w, PARAMETER_CLUSTER_QUIET_MS, DAY);
    (void)five_tell(w, 12345);
    assert_int_equal(set_parameter(w, PARAMETER_CLUSTER_QUIET_MS, 10 * MINUTE), REFUSAL_NONE);
    world_wait(w, 10 * MINUTE);
    assert_non_null(last_event(w, EVENT_CLUSTER_ENDED));
    world_skip(w);
}

static void five_about_one_corner_are_a_cluster(void **state)
{
    struct world *w = *state;
    uint64_t first = five_tell(w, 12345);
    const struct event *formed = last_event(w, EVENT_CLUSTER_FORMED);
    assert_int_equal(formed->incident, first);
    assert_int_equal(formed->cluster_formed.calls, 5);
    assert_int_equal(formed->line, 12345);
    assert_int_equal(last_event(w, EVENT_STORM_ENTERED)->storm_entered.cause, STORM_CAUSE_CLUSTER);
    uint64_t sixth = registered(w, call_from(w, 12345, 800, 41, 61));
    assert_true(sixth != first);
    assert_int_equal(last_event(w, EVENT_CLUSTER_GREW)->cluster_grew.calls, 6);
    world_skip(w);
    world_wait(w, 2 * HOUR);
    assert_int_equal(last_event(w, EVENT_CLUSTER_ENDED)->cluster_ended.calls, 6);
    assert_int_equal(last_event(w, EVENT_STORM_LEFT)->storm_left.cause, STORM_CAUSE_QUIET);
    world_skip(w);
}

static void what_is_far_apart_slow_or_one_number_is_none(void **state)
{
    struct world *w = *state;
    for (uint32_t i = 0; i < 5; i++) /* a kilometre from each other */
        (void)registered(w, call_from(w, 12345, 700 + i, 40 + 4 * i, 60));
    for (uint32_t i = 0; i < 5; i++) { /* a minute apart */
        (void)registered(w, call_from(w, 12345, 710 + i, 100, 100));
        world_wait(w, MINUTE);
    }
    for (uint32_t i = 0; i < 5; i++) /* one citizen, five times */
        (void)registered(w, call_from(w, 12345, 720, 200, 200));
    for (uint32_t i = 0; i < 5; i++) /* nobody knows where */
        (void)registered(w, call_from(w, 12345, 730 + i, 0, 0));
    assert_null(last_event(w, EVENT_CLUSTER_FORMED));
    world_skip(w);
}

static void who_calls_from_the_place_is_likely_about_it(void **state)
{
    struct world *w = *state;
    uint64_t first = five_tell(w, 110);
    world_skip(w);
    (void)call_from(w, 110, 900, 41, 60);
    (void)call_from(w, 110, 901, 200, 200);
    (void)call_from(w, 110, 700, 0, 0); /* told of it before */
    char expected[512];
    struct text text = text_into(expected, sizeof expected);
    text_print(&text,
               "[100.0] contact_arrived\n[100.0] contact_likely incident=%d\n"
               "[100.0] contact_arrived\n"
               "[100.0] contact_arrived\n[100.0] contact_likely incident=%d\n",
               (int)(first - w->base), (int)(first - w->base));
    world_expect(w, expected);
    assert_int_equal(count_events(w, EVENT_CONTACT_ATTACHED), 5); /* never by itself */
    struct command command = from_user(3001, COMMAND_CLUSTER_ANNOUNCE);
    command.cluster_announce.cluster = last_event(w, EVENT_CLUSTER_FORMED)->cluster_formed.cluster;
    command.cluster_announce.on = true;
    assert_int_equal(world_send(w, command), REFUSAL_EMERGENCY_LINE);
}

static enum refusal press_one(struct world *w, uint64_t call)
{
    struct command keys = from_gateway(1, COMMAND_CONTACT_DIGITS);
    keys.contact_digits.call = call;
    keys.contact_digits.digits[0] = '1';
    return world_send(w, keys);
}

static void who_hears_that_it_is_known_may_ask_for_the_result_and_go(void **state)
{
    struct world *w = *state;
    uint64_t first = five_tell(w, 12345);
    uint64_t waits = call_from(w, 12345, 900, 41, 60);
    struct command command = from_user(3001, COMMAND_CLUSTER_ANNOUNCE);
    command.cluster_announce.cluster = last_event(w, EVENT_CLUSTER_FORMED)->cluster_formed.cluster;
    command.cluster_announce.on = true;
    world_skip(w);
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(world_send(w, command), REFUSAL_ALREADY);
    assert_int_equal(press_one(w, w->next_call - 1), REFUSAL_NONE);
    char expected[512];
    struct text text = text_into(expected, sizeof expected);
    text_print(&text,
               "[100.0] cluster_announced on=yes\n"
               "[100.0] contact_announced contact=%d announcement=cluster\n"
               "[100.0] incident_registered contact=%d\n"
               "[100.0] contact_attached contact=%d first=yes\n"
               "[100.0] text_ordered template=received\n"
               "[100.0] incident_moved step=merge\n"
               "[100.0] incident_merged parent=%d\n"
               "[100.0] contact_ended contact=%d cause=subscribed\n",
               (int)(waits - w->base), (int)(waits - w->base), (int)(waits - w->base),
               (int)(first - w->base), (int)(waits - w->base));
    world_expect(w, expected);
    assert_int_equal(last_event(w, EVENT_CONTACT_ENDED)->actor_kind, ACTOR_KIND_SYSTEM);
    (void)call_from(w, 12345, 901, 41, 60);
    assert_int_equal(last_event(w, EVENT_CONTACT_ANNOUNCED)->contact, w->verdict.contact);
    world_skip(w);
}

/* Whoever waits hears that it is known, and presses the key. */
static enum refusal hears_and_presses(struct world *w)
{
    struct command command = from_user(3001, COMMAND_CLUSTER_ANNOUNCE);
    command.cluster_announce.cluster = last_event(w, EVENT_CLUSTER_FORMED)->cluster_formed.cluster;
    (void)world_send(w, command); /* no longer */
    command.cluster_announce.on = true;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    return press_one(w, w->next_call - 1);
}

static uint64_t result_of(const struct world *w, uint64_t incident)
{
    for (uint32_t i = w->history_count; i-- > 0;)
        if (w->history[i].kind == EVENT_TEXT_ORDERED && w->history[i].incident == incident &&
            w->history[i].text_ordered.template == TEMPLATE_RESULT)
            return w->history[i].text_ordered.text;
    return 0;
}

static void who_went_away_with_a_key_is_told_the_result(void **state)
{
    struct world *w = *state;
    uint64_t first = five_tell(w, 12345);
    uint64_t contact = call_from(w, 12345, 900, 41, 60);
    assert_int_equal(hears_and_presses(w), REFUSAL_NONE);
    uint64_t own = core_contact(w->core, contact)->incident;
    assert_int_not_equal(own, first);
    uint64_t again = call_from(w, 12345, 900, 41, 60); /* who calls again has the order already */
    assert_int_equal(hears_and_presses(w), REFUSAL_NONE);
    assert_int_equal(core_contact(w->core, again)->incident, own);
    assert_int_equal(dispatch(w, first, 2, 0), REFUSAL_NONE);
    assert_int_equal(sign(w, task_at(w, first, 2)), REFUSAL_NONE);
    assert_int_equal(reply(w, task_at(w, first, 2)), REFUSAL_NONE);
    (void)report_text(w, result_of(w, first), TEXT_STATE_SENT);
    world_wait(w, 0);
    assert_int_not_equal(result_of(w, own), 0);
    assert_int_equal(report_text(w, result_of(w, own), TEXT_STATE_SENT), REFUSAL_NONE);
    assert_int_equal(core_incident(w->core, own)->state, INCIDENT_STATE_TOLD);
    (void)call_from(w, 12345, 901, 41, 60); /* the answer is out: a taker speaks with them */
    assert_int_equal(hears_and_presses(w), REFUSAL_WRONG_STATE);
    world_skip(w);
}

static void who_cannot_be_told_is_not_let_go(void **state)
{
    struct world *w = *state;
    (void)five_tell(w, 12345);
    uint64_t nameless = call_from(w, 12345, 0, 41, 60);
    assert_int_equal(hears_and_presses(w), REFUSAL_WRONG_STATE);
    assert_int_equal(core_contact(w->core, nameless)->state, CONTACT_STATE_WAITING);
    world_skip(w);
}

static void who_told_of_it_and_calls_again_keeps_the_own_order(void **state)
{
    struct world *w = *state;
    uint64_t first = five_tell(w, 12345);
    uint64_t contact = call_from(w, 12345, 700, 41, 60);
    assert_int_equal(hears_and_presses(w), REFUSAL_NONE);
    assert_int_equal(core_contact(w->core, contact)->incident, first);
    assert_int_equal(dispatch(w, first, 2, 0), REFUSAL_NONE);
    assert_int_equal(sign(w, task_at(w, first, 2)), REFUSAL_NONE);
    assert_int_equal(reply(w, task_at(w, first, 2)), REFUSAL_NONE);
    (void)report_text(w, result_of(w, first), TEXT_STATE_SENT);
    (void)call_from(w, 12345, 700, 41, 60); /* told by now: what do they want to know? */
    assert_int_equal(hears_and_presses(w), REFUSAL_WRONG_STATE);
    world_skip(w);
}

#define STORY(story) cmocka_unit_test_setup_teardown(story, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(as_many_as_expected_are_no_storm),
        STORY(three_times_as_many_are_a_storm),
        STORY(a_shorter_quiet_holds_for_the_storm_there_is),
        STORY(a_line_without_a_forecast_has_no_storms_of_its_own),
        STORY(a_storm_by_hand_is_left_by_hand),
        STORY(a_storm_asks_those_back_who_are_away),
        STORY(whoever_pauses_of_their_own_accord_is_asked_back),
        STORY(what_a_supervisor_ended_does_not_begin_with_the_next_call),
        STORY(a_long_storm_is_over_as_soon_as_a_short_one),
        STORY(machines_that_test_the_lines_are_no_storm),
        STORY(in_a_storm_ordinary_wrap_up_is_short_and_emergencies_are_left_alone),
        STORY(five_about_one_corner_are_a_cluster),
        STORY(a_cluster_ends_by_the_quiet_that_holds_now),
        STORY(what_is_far_apart_slow_or_one_number_is_none),
        STORY(who_calls_from_the_place_is_likely_about_it),
        STORY(who_hears_that_it_is_known_may_ask_for_the_result_and_go),
        STORY(who_went_away_with_a_key_is_told_the_result),
        STORY(who_cannot_be_told_is_not_let_go),
        STORY(who_told_of_it_and_calls_again_keeps_the_own_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
