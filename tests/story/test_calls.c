/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of calls and texts: arriving, being offered, answered, lost, called back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/story/world.h"

static void a_call_is_offered_answered_and_ended(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = call_in(w, 110, LI);
    assert_int_equal(answer(w, last_offer(w)), REFUSAL_NONE);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    world_wait(w, MINUTE);
    world_expect(w, "[0.0] taker_signed_on taker=1001\n"
                    "[0.0] taker_became_ready taker=1001\n"
                    "[0.0] contact_arrived contact=1 line=110 channel=voice band=life due=10.0\n"
                    "[0.0] offer_made contact=1 taker=1001 phone=\"sip:1001@phones\" until=15.0\n"
                    "[0.0] contact_connected contact=1 taker=1001\n"
                    "[0.0] contact_ended contact=1 cause=caller from=connected\n"
                    "[0.0] wrap_up_started taker=1001 until=30.0\n"
                    "[30.0] wrap_up_ended taker=1001\n");
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_ALREADY);
}

static void the_console_answers_for_the_phone(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = call_in(w, 110, LI);
    uint64_t offer = last_offer(w);
    struct command ring = from_gateway(1, COMMAND_OFFER_RING);
    ring.offer_ring.offer = offer;
    world_wait(w, 10 * SECOND);
    world_skip(w);
    assert_int_equal(world_send(w, ring), REFUSAL_NONE);
    assert_int_equal(world_send(w, ring), REFUSAL_ALREADY);
    assert_int_equal(accept(w, 1001, offer), REFUSAL_NONE);
    assert_int_equal(accept(w, 1001, offer), REFUSAL_ALREADY); /* the lease grows once */
    world_wait(w, 14 * SECOND);
    assert_int_equal(answer(w, offer), REFUSAL_NONE);
    world_expect(w, "[10.0] offer_rang taker=1001\n"
                    "[10.0] offer_accepted gateway=1 call=1 until=25.0\n"
                    "[24.0] contact_connected taker=1001 waited_ms=24000\n");
    assert_int_equal(finish(w, 1002, contact), REFUSAL_NOT_YOURS);
    assert_int_equal(finish(w, 1001, contact), REFUSAL_NONE);
    world_expect(w, "[24.0] contact_ended cause=taker\n"
                    "[24.0] wrap_up_started\n");
}

static void the_longest_idle_at_the_best_level_answers(void **state)
{
    struct world *w = *state;
    on_duty(w, 1003); /* level 2, idle longest */
    world_wait(w, SECOND);
    on_duty(w, 1002);
    world_wait(w, SECOND);
    on_duty(w, 1001);
    world_skip(w);
    (void)call_in(w, 12345, LI);
    (void)call_in(w, 12345, WANG);
    (void)call_in(w, 12345, ZHAO);
    world_expect(w, "[2.0] contact_arrived\n[2.0] offer_made taker=1002\n"
                    "[2.0] contact_arrived\n[2.0] offer_made taker=1001\n"
                    "[2.0] contact_arrived\n[2.0] offer_made taker=1003\n");
}

static void the_most_urgent_then_the_longest_waiting_is_next(void **state)
{
    struct world *w = *state;
    uint64_t ordinary = call_in(w, 12345, LI);
    world_wait(w, MINUTE);
    uint64_t second = call_in(w, 12345, WANG);
    uint64_t emergency = call_in(w, 110, ZHAO);
    world_skip(w);
    on_duty(w, 1001);
    on_duty(w, 1002);
    on_duty(w, 1003);
    char expected[512];
    struct text text = text_into(expected, sizeof expected);
    text_print(&text,
               "[60.0] taker_signed_on\n[60.0] taker_became_ready taker=1001\n"
               "[60.0] offer_made contact=%d line=110 taker=1001\n"
               "[60.0] taker_signed_on\n[60.0] taker_became_ready taker=1002\n"
               "[60.0] offer_made contact=%d line=12345 taker=1002\n"
               "[60.0] taker_signed_on\n[60.0] taker_became_ready taker=1003\n"
               "[60.0] offer_made contact=%d line=12345 taker=1003\n",
               (int)(emergency - w->base), (int)(ordinary - w->base), (int)(second - w->base));
    world_expect(w, expected);
}

static void a_call_whose_answer_is_late_is_reported_once(void **state)
{
    struct world *w = *state;
    (void)call_in(w, 110, LI);
    world_skip(w);
    world_wait(w, HOUR);
    world_expect(w, "[10.0] clock_overdue line=110 clock=answer due=10.0\n");
}

static void an_unanswered_offer_goes_to_the_next_at_once(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    on_duty(w, 1003);
    (void)call_in(w, 110, LI);
    world_skip(w);
    world_wait(w, 15 * SECOND);
    world_expect(w, "[10.0] clock_overdue clock=answer\n"
                    "[15.0] offer_ended taker=1001 cause=unanswered gateway=1 call=1\n"
                    "[15.0] taker_went_away taker=1001 reason=unanswered\n"
                    "[15.0] offer_made taker=1003 until=30.0\n");
    assert_int_equal(ready(w, 1001), REFUSAL_NONE);
}

static void the_second_unanswered_offer_in_a_row_when_the_city_says_so(void **state)
{
    struct world *w = *state;
    assert_int_equal(set_parameter(w, PARAMETER_UNANSWERED_AWAY, 2), REFUSAL_NONE);
    on_duty(w, 1001);
    (void)call_in(w, 110, LI);
    world_wait(w, 14 * SECOND);
    world_skip(w);
    world_wait(w, 30 * SECOND);
    world_expect(w, "[15.0] offer_ended cause=unanswered\n"
                    "[15.0] offer_made taker=1001 until=30.0\n"
                    "[30.0] offer_ended cause=unanswered\n"
                    "[30.0] taker_went_away reason=unanswered\n");
}

static void a_declined_offer_puts_the_taker_behind_the_others(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    world_wait(w, SECOND);
    on_duty(w, 1002);
    (void)call_in(w, 12345, LI);
    uint64_t offer = last_offer(w);
    world_wait(w, SECOND);
    world_skip(w);
    assert_int_equal(decline(w, 1002, offer), REFUSAL_NOT_YOURS);
    assert_int_equal(decline(w, 1001, offer), REFUSAL_NONE);
    world_expect(w, "[2.0] offer_ended taker=1001 cause=declined\n"
                    "[2.0] offer_made taker=1002\n");
    assert_int_equal(decline(w, 1001, offer), REFUSAL_NO_SUCH_OFFER);
}

static void a_phone_that_cannot_be_reached_takes_its_seat_out(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    (void)call_in(w, 110, LI);
    world_skip(w);
    struct command wrong = from_gateway(2, COMMAND_OFFER_FAIL);
    wrong.offer_fail.offer = last_offer(w);
    wrong.offer_fail.cause = OFFER_END_PHONE_FAILED;
    assert_int_equal(world_send(w, wrong), REFUSAL_NOT_YOURS);
    assert_int_equal(fail_offer(w, last_offer(w), OFFER_END_CALLER_GONE), REFUSAL_MALFORMED);
    assert_int_equal(fail_offer(w, last_offer(w), OFFER_END_PHONE_FAILED), REFUSAL_NONE);
    world_expect(w, "[0.0] offer_ended taker=1001 cause=phone_failed\n"
                    "[0.0] taker_went_away taker=1001 reason=phone_failed\n");
}

static void an_answer_in_the_last_moment_wins(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    (void)call_in(w, 110, LI);
    world_wait(w, 15 * SECOND - 1);
    w->now_ms += 1; /* the lease ends in this very millisecond */
    world_skip(w);
    assert_int_equal(answer(w, last_offer(w)), REFUSAL_NONE);
    world_expect(w, "[15.0] contact_connected taker=1001\n");
}

static void a_caller_who_gives_up_on_an_emergency_line_is_called_back(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = call_in(w, 110, LI);
    world_skip(w);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CANCELLED), REFUSAL_NONE);
    world_expect(w, "[0.0] offer_ended taker=1001 cause=caller_gone\n"
                    "[0.0] contact_ended cause=cancelled from=offered abandoned=yes\n"
                    "[0.0] callback_opened line=110 caller=501 due=60.0\n");
    world_wait(w, HOUR);
    world_expect(w, "[1.0] taker_rested taker=1001\n"
                    "[60.0] clock_overdue clock=callback due=60.0\n");
    struct command done = from_user(1001, COMMAND_CALLBACK_FINISH);
    done.callback_finish.callback = w->history[w->history_count - 1].clock_overdue.subject;
    assert_int_equal(world_send(w, done), REFUSAL_REASON_MISSING);
    done.callback_finish.end = CALLBACK_END_REACHED;
    assert_int_equal(world_send(w, done), REFUSAL_NONE);
    assert_int_equal(world_send(w, done), REFUSAL_NO_SUCH_CALLBACK);
}

static void who_calls_again_needs_no_callback(void **state)
{
    struct world *w = *state;
    (void)hang_up(w, call_in(w, 110, LI), END_CAUSE_CANCELLED);
    world_skip(w);
    (void)call_in(w, 12345, LI); /* the hotline is not where help was asked for */
    (void)call_in(w, 120, LI);
    world_expect(w, "[0.0] contact_arrived line=12345\n"
                    "[0.0] contact_arrived line=120\n"
                    "[0.0] callback_ended end=called_again\n");
}

static void one_number_has_one_callback_but_withheld_numbers_each(void **state)
{
    struct world *w = *state;
    uint64_t first = call_in(w, 110, LI);
    uint64_t second = call_in(w, 110, LI);
    uint64_t third = call_in(w, 110, 0);
    uint64_t fourth = call_in(w, 110, 0);
    world_skip(w);
    (void)hang_up(w, first, END_CAUSE_CANCELLED);
    (void)hang_up(w, second, END_CAUSE_CANCELLED);
    (void)hang_up(w, third, END_CAUSE_CANCELLED);
    (void)hang_up(w, fourth, END_CAUSE_CANCELLED);
    world_expect(w, "[0.0] contact_ended\n[0.0] callback_opened caller=501\n"
                    "[0.0] contact_ended\n"
                    "[0.0] contact_ended\n[0.0] callback_opened\n"
                    "[0.0] contact_ended\n[0.0] callback_opened\n");
}

static void an_abandoned_hotline_call_opens_no_callback(void **state)
{
    struct world *w = *state;
    uint64_t contact = call_in(w, 12345, LI);
    world_skip(w);
    (void)hang_up(w, contact, END_CAUSE_CANCELLED);
    world_expect(w, "[0.0] contact_ended abandoned=yes\n");
}

static void an_emergency_call_cut_off_by_the_city_is_called_back(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    world_skip(w);
    (void)hang_up(w, contact, END_CAUSE_MEDIA_LOST);
    world_expect(w, "[0.0] contact_ended cause=media_lost from=connected\n"
                    "[0.0] wrap_up_started\n"
                    "[0.0] callback_opened\n");
}

static void an_emergency_cuts_wrap_up_short_and_the_hotline_does_not(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    (void)hang_up(w, talk(w, 12345, LI), END_CAUSE_CALLER);
    world_skip(w);
    (void)call_in(w, 12345, WANG);
    world_expect(w, "[0.0] contact_arrived\n");
    (void)call_in(w, 110, ZHAO);
    world_expect(w, "[0.0] contact_arrived line=110\n"
                    "[0.0] wrap_up_ended taker=1001\n"
                    "[0.0] offer_made line=110 taker=1001\n");
}

static void who_wants_a_break_after_the_call_gets_it(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    assert_int_equal(away(w, 1001, AWAY_REASON_NONE), REFUSAL_REASON_MISSING);
    assert_int_equal(away(w, 1001, AWAY_REASON_MEAL), REFUSAL_NONE);
    assert_int_equal(away(w, 1001, AWAY_REASON_MEAL), REFUSAL_ALREADY);
    (void)hang_up(w, contact, END_CAUSE_CALLER);
    world_skip(w);
    (void)call_in(w, 110, WANG); /* not even an emergency reaches somebody who is away */
    world_expect(w, "[0.0] contact_arrived\n");
    assert_int_equal(ready(w, 1001), REFUSAL_NONE);
    world_expect(w, "[0.0] wrap_up_ended\n"
                    "[0.0] taker_became_ready\n"
                    "[0.0] offer_made taker=1001\n");
}

static void wrap_up_may_be_finished_early_or_left_out(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    assert_int_equal(finish_wrap_up(w, 1001), REFUSAL_WRONG_STATE);
    (void)hang_up(w, talk(w, 12345, LI), END_CAUSE_CALLER);
    world_skip(w);
    assert_int_equal(finish_wrap_up(w, 1001), REFUSAL_NONE);
    assert_int_equal(set_parameter(w, PARAMETER_WRAP_UP_MS, 0), REFUSAL_NONE);
    (void)hang_up(w, talk(w, 12345, LI), END_CAUSE_CALLER);
    world_expect(w, "[0.0] wrap_up_ended\n"
                    "[0.0] parameter_changed parameter=wrap_up_ms\n"
                    "[0.0] contact_arrived\n[0.0] offer_made\n[0.0] contact_connected\n"
                    "[0.0] contact_ended\n");
}

static void nobody_signs_off_out_of_a_conversation(void **state)
{
    struct world *w = *state;
    assert_int_equal(ready(w, 1001), REFUSAL_WRONG_STATE);
    on_duty(w, 1001);
    assert_int_equal(sign_on(w, 1001), REFUSAL_ALREADY);
    assert_int_equal(ready(w, 1001), REFUSAL_ALREADY);
    uint64_t contact = talk(w, 110, LI);
    assert_int_equal(sign_off(w, 1001), REFUSAL_WRONG_STATE);
    (void)hang_up(w, contact, END_CAUSE_CALLER);
    (void)finish_wrap_up(w, 1001);
    (void)call_in(w, 110, WANG);
    world_skip(w);
    assert_int_equal(sign_off(w, 1001), REFUSAL_NONE);
    world_expect(w, "[0.0] offer_ended cause=taker_left\n"
                    "[0.0] taker_signed_off taker=1001\n");
    assert_int_equal(sign_off(w, 1001), REFUSAL_ALREADY);
}

static void a_supervisor_speaks_for_a_taker_and_a_taker_does_not(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    struct command command = from_user(1002, COMMAND_TAKER_AWAY);
    command.taker_away.taker = 1001;
    command.taker_away.reason = AWAY_REASON_SUPERVISOR;
    assert_int_equal(world_send(w, command), REFUSAL_NOT_ALLOWED);
    command.actor = 3001;
    world_skip(w);
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_expect(w, "[0.0] taker_went_away taker=1001 reason=supervisor\n");
}

static void ordinary_calls_leave_the_reserve_to_emergencies(void **state)
{
    struct world *w = *state;
    assert_int_equal(set_parameter(w, PARAMETER_RESERVE_PERMILLE, 500), REFUSAL_NONE);
    on_duty(w, 1001);
    on_duty(w, 1003); /* two with an emergency skill: one is kept */
    (void)call_in(w, 12345, LI);
    world_skip(w);
    (void)call_in(w, 12345, WANG);
    world_expect(w, "[0.0] contact_arrived\n");
    on_duty(w, 1002); /* not of the reserve */
    world_expect(w, "[0.0] taker_signed_on\n[0.0] taker_became_ready\n"
                    "[0.0] offer_made taker=1002 line=12345\n");
    (void)call_in(w, 12345, LI);
    (void)call_in(w, 110, ZHAO);
    world_expect(w, "[0.0] contact_arrived line=12345\n"
                    "[0.0] contact_arrived line=110\n"
                    "[0.0] offer_made line=110 taker=1003\n");
}

static void a_text_is_answered_in_the_console(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    world_skip(w);
    uint64_t contact = text_in(w, 12345, LI);
    world_expect(w, "[0.0] contact_arrived channel=sms\n"
                    "[0.0] offer_made taker=1001 gateway=3\n");
    assert_null(strstr(w->buffer, "phone="));
    assert_int_equal(accept(w, 1001, last_offer(w)), REFUSAL_NONE);
    assert_int_equal(finish(w, 1001, contact), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_connected\n"
                    "[0.0] contact_ended cause=taker\n"
                    "[0.0] wrap_up_started\n");
}

static void a_text_to_the_police_is_confirmed_without_a_sound(void **state)
{
    struct world *w = *state;
    (void)text_in(w, 110, LI);
    world_expect(w, "[0.0] contact_arrived\n"
                    "[0.0] text_ordered template=emergency_received\n");
}

static void a_repeated_arrival_is_the_same_contact(void **state)
{
    struct world *w = *state;
    uint64_t contact = call_in(w, 110, LI);
    struct command again = from_gateway(1, COMMAND_CONTACT_ARRIVE);
    again.contact_arrive.call = w->next_call - 1;
    again.contact_arrive.line = 110;
    again.contact_arrive.channel = CHANNEL_VOICE;
    assert_int_equal(world_send(w, again), REFUSAL_ALREADY);
    assert_true(w->verdict.contact == contact);
    again.actor = 2; /* another gateway's own number */
    assert_int_equal(world_send(w, again), REFUSAL_NONE);
}

static void nonsense_is_refused(void **state)
{
    struct world *w = *state;
    assert_int_equal(call_in(w, 999, LI), 0);
    assert_int_equal(w->verdict.refusal, REFUSAL_NO_SUCH_LINE);
    struct command command = from_gateway(9, COMMAND_CONTACT_ARRIVE);
    assert_int_equal(world_send(w, command), REFUSAL_NO_SUCH_GATEWAY);
    command = from_user(1001, COMMAND_CONTACT_ARRIVE);
    assert_int_equal(world_send(w, command), REFUSAL_NOT_ALLOWED);
    command = from_user(9999, COMMAND_TAKER_READY);
    assert_int_equal(world_send(w, command), REFUSAL_NO_SUCH_USER);
    command = (struct command){ .kind = COMMAND_TICK };
    assert_int_equal(world_send(w, command), REFUSAL_NOT_SIGNED_IN);
    command = from_system(COMMAND_NONE);
    assert_int_equal(world_send(w, command), REFUSAL_UNKNOWN_KIND);
    struct core_counts counts;
    core_count(w->core, &counts);
    assert_int_equal(counts.refused[REFUSAL_UNKNOWN_KIND], 1);
}

static void a_call_moves_to_the_line_it_belongs_to(void **state)
{
    struct world *w = *state;
    uint64_t contact = call_in(w, 12345, LI);
    struct command command = from_user(1001, COMMAND_CONTACT_RELINE);
    command.contact_reline.contact = contact;
    command.contact_reline.line = 110;
    assert_int_equal(world_send(w, command), REFUSAL_NOT_YOURS);
    command.actor = 3001;
    world_skip(w);
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_relined line=110 from=12345 to=110 band=life due=10.0\n");
    assert_int_equal(world_send(w, command), REFUSAL_ALREADY);
    on_duty(w, 1001);
    assert_int_equal(answer(w, last_offer(w)), REFUSAL_NONE);
    command.actor = 1001;
    command.contact_reline.line = 12345;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static enum refusal rise(struct world *w, uint32_t gateway, uint64_t epoch)
{
    struct command command = from_gateway(gateway, COMMAND_GATEWAY_RISE);
    command.gateway_rise.epoch = epoch;
    return world_send(w, command);
}

static enum refusal fall(struct world *w, uint32_t gateway, uint64_t epoch)
{
    struct command command = from_system(COMMAND_GATEWAY_FALL);
    command.gateway_fall.gateway = gateway;
    command.gateway_fall.epoch = epoch;
    return world_send(w, command);
}

static void a_gateway_that_starts_anew_has_lost_its_calls(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    (void)talk(w, 110, LI);
    (void)call_in(w, 12345, WANG);
    (void)call_by(w, 2, 12345, ZHAO);
    uint64_t text = text_in(w, 12345, ZHAO);
    world_skip(w);
    assert_int_equal(rise(w, 1, 1), REFUSAL_ALREADY);
    assert_int_equal(rise(w, 1, 2), REFUSAL_NONE);
    assert_int_equal(rise(w, 3, 2), REFUSAL_NONE);
    world_expect(w, "[0.0] gateway_rose gateway=1 epoch=2\n"
                    "[0.0] contact_ended line=110 cause=gateway_lost from=connected\n"
                    "[0.0] wrap_up_started taker=1001\n"
                    "[0.0] callback_opened line=110\n"
                    "[0.0] contact_ended line=12345 cause=gateway_lost from=waiting abandoned=yes\n"
                    "[0.0] gateway_rose gateway=3\n");
    (void)finish_wrap_up(w, 1001);
    (void)away(w, 1001, AWAY_REASON_BREAK); /* the other trunk's call was offered: let it go */
    (void)hang_up(w, text - 1, END_CAUSE_CALLER);
    (void)ready(w, 1001);
    world_wait(w, SECOND); /* nobody is asked twice in one */
    assert_int_equal(accept(w, 1001, last_offer(w)), REFUSAL_NONE);
    assert_true(w->verdict.contact == text);
}

static void a_silent_gateway_keeps_its_calls_for_a_while(void **state)
{
    struct world *w = *state;
    (void)call_in(w, 110, LI);
    assert_int_equal(fall(w, 1, 7), REFUSAL_WRONG_STATE);
    world_skip(w);
    assert_int_equal(fall(w, 1, 1), REFUSAL_NONE);
    assert_int_equal(fall(w, 1, 1), REFUSAL_ALREADY);
    on_duty(w, 1001); /* nobody waits at a dead wire */
    world_wait(w, 5 * SECOND);
    assert_int_equal(rise(w, 1, 1), REFUSAL_NONE);
    world_expect(w, "[0.0] gateway_fell gateway=1\n"
                    "[0.0] taker_signed_on\n[0.0] taker_became_ready\n"
                    "[5.0] gateway_rose gateway=1 epoch=1\n"
                    "[5.0] offer_made taker=1001\n");
    (void)fall(w, 1, 1);
    world_skip(w);
    world_wait(w, 20 * SECOND);
    world_expect(w, "[10.0] clock_overdue clock=answer\n"
                    "[15.0] offer_ended cause=gateway_lost\n"
                    "[15.0] contact_ended cause=gateway_lost\n"
                    "[15.0] callback_opened\n");
}

static void a_gateway_that_dies_with_many_calls_is_cleared_over_ticks(void **state)
{
    struct world *w = *state;
    for (uint64_t i = 0; i < 200; i++)
        (void)call_in(w, 110, 1000 + i);
    assert_int_equal(rise(w, 1, 2), REFUSAL_NONE);
    assert_true(w->verdict.count <= CORE_EVENTS_MAX);
    assert_true(core_next_deadline_ms(w->core) <= w->now_ms);
    world_wait(w, SECOND);
    struct core_counts counts;
    core_count(w->core, &counts);
    assert_int_equal(counts.waiting, 0);
    assert_int_equal(counts.callbacks, 200);
}

static void a_full_centre_refuses_and_forgets_only_ended_calls(void **state)
{
    struct world *w = *state;
    uint32_t taken = 0;
    for (uint64_t i = 0; i < 300; i++)
        taken += call_in(w, 110, 2000 + i) != 0;
    assert_int_equal(taken, 256);
    assert_int_equal(w->verdict.refusal, REFUSAL_LIMIT);
    const struct event *first = NULL;
    for (uint32_t i = 0; !first; i++)
        if (w->history[i].kind == EVENT_CONTACT_ARRIVED)
            first = &w->history[i];
    (void)hang_up(w, first->contact, END_CAUSE_CANCELLED);
    assert_true(call_in(w, 110, LI) != 0);
    assert_int_equal(hang_up(w, first->contact, END_CAUSE_CANCELLED), REFUSAL_NO_SUCH_CONTACT);
}

static void a_seat_without_a_phone_takes_texts_alone(void **state)
{
    struct world *w = *state;
    struct command user = from_system(COMMAND_USER_DEFINE);
    user.user_define.has_row = true;
    user.user_define.row = (struct user_row){ .user = 1004,
                                              .roles = 1U << ROLE_TAKER,
                                              .skills_count = 1,
                                              .skills = { { .line = 12345, .level = 1 } } };
    assert_int_equal(world_send(w, user), REFUSAL_NONE);
    assert_int_equal(world_send(w, user), REFUSAL_ALREADY);
    on_duty(w, 1004);
    world_skip(w);
    (void)call_in(w, 12345, LI);
    world_expect(w, "[0.0] contact_arrived\n");
    struct command phone = from_gateway(1, COMMAND_PHONE_REGISTER);
    phone.phone_register.user = 1004;
    memcpy(phone.phone_register.phone, "sip:soft@pc", 12);
    assert_int_equal(world_send(w, phone), REFUSAL_NONE);
    assert_int_equal(world_send(w, phone), REFUSAL_ALREADY);
    world_expect(w, "[0.0] phone_registered taker=1004 phone=\"sip:soft@pc\"\n"
                    "[0.0] offer_made taker=1004 phone=\"sip:soft@pc\"\n");
}

static enum refusal retire(struct world *w, uint32_t taker, bool retired)
{
    struct command user = from_system(COMMAND_USER_DEFINE);
    user.user_define.has_row = true;
    user.user_define.row = (struct user_row){ .user = taker,
                                              .roles = 1U << ROLE_TAKER,
                                              .phone = "sip:seat",
                                              .retired = retired,
                                              .skills_count = 1,
                                              .skills = { { .line = 110, .level = 1 } } };
    return world_send(w, user);
}

static void a_retired_taker_leaves_the_seat_but_no_conversation(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    on_duty(w, 1003);
    world_skip(w);
    assert_int_equal(retire(w, 1001, true), REFUSAL_NONE);
    assert_int_equal(finish(w, 1001, contact), REFUSAL_NO_SUCH_USER);
    world_expect(w, "[0.0] user_defined\n");
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_ended cause=caller\n"
                    "[0.0] taker_signed_off taker=1001\n");
    uint64_t other = call_in(w, 110, WANG);
    world_skip(w);
    assert_int_equal(retire(w, 1003, true), REFUSAL_NONE);
    world_expect(w, "[0.0] offer_ended cause=taker_left\n"
                    "[0.0] taker_signed_off taker=1003\n"
                    "[0.0] user_defined\n");
    assert_int_equal(sign_on(w, 1003), REFUSAL_NO_SUCH_USER);
    assert_int_equal(retire(w, 1003, false), REFUSAL_NONE);
    on_duty(w, 1003);
    assert_int_equal(answer(w, last_offer(w)), REFUSAL_NONE);
    assert_int_equal(finish(w, 1003, other), REFUSAL_NONE);
}

static enum refusal read_personal(struct world *w, uint32_t user, uint64_t subject,
                                  enum read_reason reason)
{
    struct command command = from_user(user, COMMAND_PERSONAL_READ);
    command.personal_read.subject = subject;
    command.personal_read.reason = reason;
    return world_send(w, command);
}

static void whoever_reads_is_written_down_and_must_have_a_reason(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    uint64_t incident = register_incident(w, 1001, contact, 20100);
    (void)dispatch(w, incident, 2, 0);
    world_skip(w);
    assert_int_equal(read_personal(w, 1001, contact, READ_REASON_NONE), REFUSAL_REASON_MISSING);
    assert_int_equal(read_personal(w, 1001, contact, READ_REASON_ANSWERING), REFUSAL_NONE);
    world_expect(w, "[0.0] personal_was_read reason=answering\n");
    assert_int_equal(read_personal(w, 1002, contact, READ_REASON_ANSWERING), REFUSAL_NOT_ALLOWED);
    assert_int_equal(read_personal(w, 2002, incident, READ_REASON_HANDLING), REFUSAL_NONE);
    assert_int_equal(read_personal(w, 2003, incident, READ_REASON_HANDLING), REFUSAL_NOT_ALLOWED);
    assert_int_equal(read_personal(w, 2002, incident, READ_REASON_AUDIT), REFUSAL_NOT_ALLOWED);
    assert_int_equal(read_personal(w, 3002, incident, READ_REASON_AUDIT), REFUSAL_NONE);
    assert_int_equal(read_personal(w, 3001, incident, READ_REASON_SUPERVISION), REFUSAL_NONE);
    assert_int_equal(read_personal(w, 3001, w->base + 999999, READ_REASON_SUPERVISION),
                     REFUSAL_NO_SUCH_INCIDENT);
}

static enum refusal look_up(struct world *w, uint32_t user, uint64_t caller,
                            enum read_reason reason)
{
    struct command command = from_user(user, COMMAND_PERSONAL_READ);
    command.caller = caller;
    command.personal_read.reason = reason;
    return world_send(w, command);
}

static void what_leaves_the_house_is_written_down_before(void **state)
{
    struct world *w = *state;
    struct command take = from_user(3002, COMMAND_EXPORT_BEGIN);
    assert_int_equal(world_send(w, take), REFUSAL_INCOMPLETE);
    take.export_begin.kind = EXPORT_KIND_TRAIL;
    take.export_begin.incident = w->base + 999999;
    assert_int_equal(world_send(w, take), REFUSAL_NO_SUCH_INCIDENT);
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 12345, LI), 20100);
    take.export_begin.incident = incident;
    assert_int_equal(world_send(w, take), REFUSAL_NONE);
    const struct event *begun = last_event(w, EVENT_EXPORT_BEGUN);
    assert_int_equal(begun->actor, 3002);
    assert_int_equal(begun->incident, incident);
    assert_int_equal(begun->export_begun.kind, EXPORT_KIND_TRAIL);
    take.export_begin.kind = EXPORT_KIND_SHEET; /* paper wants a reason */
    assert_int_equal(world_send(w, take), REFUSAL_REASON_MISSING);
    take.export_begin.reason = READ_REASON_AUDIT;
    take.export_begin.fields = 1U << PERSONAL_FIELD_TEXT;
    assert_int_equal(world_send(w, take), REFUSAL_NONE);
    begun = last_event(w, EVENT_EXPORT_BEGUN);
    assert_int_equal(begun->export_begun.reason, READ_REASON_AUDIT);
    assert_int_equal(begun->export_begun.fields, 1U << PERSONAL_FIELD_TEXT);
    take.actor = 1001;
    assert_int_equal(world_send(w, take), REFUSAL_NOT_ALLOWED);
    world_skip(w);
}

static void who_looks_up_a_number_is_written_down_and_must_have_a_reason(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    (void)talk(w, 12345, LI);
    world_skip(w);
    assert_int_equal(look_up(w, 3002, LI, READ_REASON_NONE), REFUSAL_REASON_MISSING);
    assert_int_equal(look_up(w, 1001, LI, READ_REASON_ANSWERING), REFUSAL_NOT_ALLOWED);
    assert_int_equal(look_up(w, 1001, LI, READ_REASON_AUDIT), REFUSAL_NOT_ALLOWED);
    assert_int_equal(look_up(w, 2002, LI, READ_REASON_HANDLING), REFUSAL_NOT_ALLOWED);
    assert_int_equal(look_up(w, 3002, LI, READ_REASON_AUDIT), REFUSAL_NONE);
    assert_int_equal(w->verdict.caller, LI);
    assert_int_equal(w->verdict.events[0].personal_was_read.caller, LI);
    assert_int_equal(look_up(w, 3001, LI, READ_REASON_SUPERVISION), REFUSAL_NONE);
    assert_int_equal(look_up(w, 3002, 0, READ_REASON_AUDIT), REFUSAL_NO_SUCH_INCIDENT);
}

static void a_citizen_who_stays_hidden_is_hidden_from_departments(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    struct command command = from_user(1001, COMMAND_INCIDENT_REGISTER);
    command.incident_register.contact = talk(w, 12345, LI);
    command.incident_register.category = 20100;
    command.incident_register.secrecy = SECRECY_CONTACT_HIDDEN;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    uint64_t incident = w->verdict.incident;
    (void)dispatch(w, incident, 2, 0);
    assert_int_equal(read_personal(w, 2002, incident, READ_REASON_HANDLING), REFUSAL_NONE);
    assert_int_equal(w->verdict.events[0].personal_was_read.masked, 0); /* not even that */
    assert_int_equal(read_personal(w, 3001, incident, READ_REASON_SUPERVISION), REFUSAL_NONE);
}

static void a_gateway_ends_nothing_by_a_rule_of_the_city(void **state)
{
    struct world *w = *state;
    uint64_t contact = call_in(w, 12345, LI);
    world_skip(w);
    assert_int_equal(hang_up(w, contact, END_CAUSE_NOT_REACHED), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_ended cause=caller from=waiting abandoned=yes\n");
}

static void a_recording_belongs_to_its_call(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    (void)hang_up(w, talk(w, 110, LI), END_CAUSE_CALLER);
    world_skip(w);
    struct command command = from_gateway(1, COMMAND_RECORDING_STORE);
    command.recording_store.call = w->next_call - 1;
    command.recording_store.size = 4096;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_expect(w, "[0.0] recording_stored contact=1 taker=1001 size=4096\n");
    command.recording_store.call = 99;
    assert_int_equal(world_send(w, command), REFUSAL_NO_SUCH_CONTACT);
}

static void how_a_leg_sounded_is_in_its_calls_trail(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    (void)hang_up(w, talk(w, 110, LI), END_CAUSE_CALLER);
    world_skip(w);
    struct command command = from_gateway(1, COMMAND_SOUND_REPORT);
    command.sound_report = (struct sound_report){ .call = w->next_call - 1,
                                                  .side = SOUND_SIDE_CITIZEN,
                                                  .state = SOUND_STATE_POOR,
                                                  .packets = 900,
                                                  .lost = 100,
                                                  .final = true };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_expect(w, "[0.0] sound_reported contact=1 taker=1001 side=citizen state=poor "
                    "packets=900 lost=100 final=yes\n");
    command.sound_report.call = 99;
    assert_int_equal(world_send(w, command), REFUSAL_NO_SUCH_CONTACT);
}

static void only_operators_change_the_city_and_only_changes_count(void **state)
{
    struct world *w = *state;
    struct command command = from_user(1001, COMMAND_PARAMETER_SET);
    command.parameter_set.parameter = PARAMETER_WRAP_UP_MS;
    command.parameter_set.value = 30000;
    assert_int_equal(world_send(w, command), REFUSAL_NOT_ALLOWED);
    assert_int_equal(set_parameter(w, PARAMETER_WRAP_UP_MS, 30000), REFUSAL_ALREADY);
    assert_int_equal(set_parameter(w, PARAMETER_WRAP_UP_MS, 7200000), REFUSAL_MALFORMED);
    assert_int_equal(set_parameter(w, PARAMETER_NONE, 1), REFUSAL_MALFORMED);
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        STORY(a_call_is_offered_answered_and_ended),
        STORY(the_console_answers_for_the_phone),
        STORY(the_longest_idle_at_the_best_level_answers),
        STORY(the_most_urgent_then_the_longest_waiting_is_next),
        STORY(a_call_whose_answer_is_late_is_reported_once),
        STORY(an_unanswered_offer_goes_to_the_next_at_once),
        STORY(the_second_unanswered_offer_in_a_row_when_the_city_says_so),
        STORY(a_declined_offer_puts_the_taker_behind_the_others),
        STORY(a_phone_that_cannot_be_reached_takes_its_seat_out),
        STORY(an_answer_in_the_last_moment_wins),
        STORY(a_caller_who_gives_up_on_an_emergency_line_is_called_back),
        STORY(who_calls_again_needs_no_callback),
        STORY(one_number_has_one_callback_but_withheld_numbers_each),
        STORY(an_abandoned_hotline_call_opens_no_callback),
        STORY(an_emergency_call_cut_off_by_the_city_is_called_back),
        STORY(an_emergency_cuts_wrap_up_short_and_the_hotline_does_not),
        STORY(who_wants_a_break_after_the_call_gets_it),
        STORY(wrap_up_may_be_finished_early_or_left_out),
        STORY(nobody_signs_off_out_of_a_conversation),
        STORY(a_supervisor_speaks_for_a_taker_and_a_taker_does_not),
        STORY(ordinary_calls_leave_the_reserve_to_emergencies),
        STORY(a_text_is_answered_in_the_console),
        STORY(a_text_to_the_police_is_confirmed_without_a_sound),
        STORY(a_repeated_arrival_is_the_same_contact),
        STORY(nonsense_is_refused),
        STORY(a_call_moves_to_the_line_it_belongs_to),
        STORY(a_gateway_that_starts_anew_has_lost_its_calls),
        STORY(a_silent_gateway_keeps_its_calls_for_a_while),
        STORY(a_gateway_that_dies_with_many_calls_is_cleared_over_ticks),
        STORY(a_full_centre_refuses_and_forgets_only_ended_calls),
        STORY(a_seat_without_a_phone_takes_texts_alone),
        STORY(a_retired_taker_leaves_the_seat_but_no_conversation),
        STORY(whoever_reads_is_written_down_and_must_have_a_reason),
        STORY(what_leaves_the_house_is_written_down_before),
        STORY(who_looks_up_a_number_is_written_down_and_must_have_a_reason),
        STORY(a_citizen_who_stays_hidden_is_hidden_from_departments),
        STORY(a_gateway_ends_nothing_by_a_rule_of_the_city),
        STORY(a_recording_belongs_to_its_call),
        STORY(how_a_leg_sounded_is_in_its_calls_trail),
        STORY(only_operators_change_the_city_and_only_changes_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
