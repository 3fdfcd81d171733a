/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of those who call: told how long they wait, called back, silent, marked, or a machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dispatcher/core/state.h"
#include "tests/story/world.h"

static enum refusal press(struct world *w, uint64_t call, const char *digits)
{
    struct command command = from_gateway(1, COMMAND_CONTACT_DIGITS);
    command.contact_digits.call = call;
    (void)snprintf(command.contact_digits.digits, sizeof command.contact_digits.digits, "%s",
                   digits);
    return world_send(w, command);
}

static enum refusal offer_callback(struct world *w, uint64_t contact)
{
    struct command command = from_user(3001, COMMAND_CALLBACK_OFFER);
    command.callback_offer.contact = contact;
    return world_send(w, command);
}

static enum refusal try_contact(struct world *w, uint32_t taker, uint64_t contact,
                                enum try_result result)
{
    struct command command = from_user(taker, COMMAND_CALLBACK_TRY);
    command.callback_try.contact = contact;
    command.callback_try.result = result;
    return world_send(w, command);
}

static enum refusal try_callback(struct world *w, uint32_t user, uint64_t callback,
                                 enum try_result result)
{
    struct command command = from_user(user, COMMAND_CALLBACK_TRY);
    command.callback_try.callback = callback;
    command.callback_try.result = result;
    return world_send(w, command);
}

static enum refusal end_callback(struct world *w, uint32_t user, uint64_t callback,
                                 enum callback_end end)
{
    struct command command = from_user(user, COMMAND_CALLBACK_FINISH);
    command.callback_finish.callback = callback;
    command.callback_finish.end = end;
    return world_send(w, command);
}

/* One conversation of a minute on 12345, so that the line knows how long one takes. */
static void teach(struct world *w)
{
    uint64_t contact = talk(w, 12345, WANG);
    world_wait(w, MINUTE - 30 * SECOND);
    assert_int_equal(finish(w, 1002, contact), REFUSAL_NONE);
    world_wait(w, 30 * SECOND);
    world_skip(w);
}

/* ---- how long ---------------------------------------------------------------------------------- */

static void nobody_is_told_a_wait_that_nobody_knows(void **state)
{
    struct world *w = *state;
    (void)call_in(w, 12345, LI);
    world_skip(w);
    world_wait(w, HOUR);
    world_expect(w, "[15.0] clock_overdue clock=answer\n");
}

static void who_waits_is_told_in_steps_that_never_rise(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    teach(w);
    (void)talk(w, 12345, WANG); /* and stays */
    (void)call_in(w, 12345, 600);
    (void)call_in(w, 12345, 601);
    (void)call_in(w, 12345, 602);
    world_skip(w);
    world_wait(w, 21 * SECOND);
    uint32_t told[3] = { 0 };
    uint32_t most = 0;
    for (uint32_t i = 0; i < w->history_count; i++)
        if (w->history[i].kind == EVENT_WAIT_ESTIMATED && w->history[i].wait_estimated.minutes)
            told[most++] = w->history[i].wait_estimated.minutes;
    assert_int_equal(most, 3);
    assert_int_equal(told[0], 1);
    assert_int_equal(told[1], 3);
    assert_int_equal(told[2], 3);
    /* Nothing moves: the estimates stay, and nothing is said again. */
    world_wait(w, 10 * MINUTE);
    for (uint32_t i = 0; i < w->history_count; i++)
        if (w->history[i].kind == EVENT_WAIT_ESTIMATED)
            most += w->history[i].wait_estimated.minutes != 0;
    assert_int_equal(most, 6);
    world_skip(w);
}

static void emergency_callers_hear_no_wait(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, WANG);
    assert_int_equal(finish(w, 1001, contact), REFUSAL_NONE);
    world_wait(w, MINUTE);
    (void)talk(w, 110, WANG);
    contact = call_in(w, 110, LI);
    world_wait(w, HOUR);
    assert_int_equal(count_events(w, EVENT_WAIT_ESTIMATED), 0);
    assert_int_equal(offer_callback(w, contact), REFUSAL_EMERGENCY_LINE);
    assert_int_equal(press(w, w->next_call - 1, "1"), REFUSAL_NOTHING_OFFERED);
}

static void emergencies_that_take_the_takers_lengthen_the_wait(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, WANG);
    world_wait(w, 30 * SECOND);
    assert_int_equal(finish(w, 1001, contact), REFUSAL_NONE);
    world_wait(w, 30 * SECOND); /* a minute with its wrap-up */
    for (uint64_t i = 0; i < 6; i++) {
        contact = talk(w, 110, 600 + i);
        world_wait(w, 30 * SECOND);
        assert_int_equal(finish(w, 1001, contact), REFUSAL_NONE);
        world_wait(w, 30 * SECOND);
    }
    (void)talk(w, 12345, WANG);
    (void)call_in(w, 12345, LI);
    world_wait(w, 20 * SECOND);
    world_skip(w);
    /* Six a ten minutes, a minute each: 0.6 takers less 0.2 faded; one minute becomes about two. */
    assert_in_range(last_event(w, EVENT_WAIT_ESTIMATED)->wait_estimated.wait_ms, 100 * SECOND,
                    160 * SECOND);
}

static void a_long_wait_brings_the_offer_of_a_callback(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    teach(w);
    (void)talk(w, 12345, WANG);
    for (uint64_t i = 0; i < 12; i++)
        (void)call_in(w, 12345, 600 + i);
    world_skip(w);
    world_wait(w, 20 * SECOND);
    const struct event *told = last_event(w, EVENT_WAIT_ESTIMATED);
    assert_int_equal(told->wait_estimated.announcement, ANNOUNCEMENT_CALLBACK_OFFER);
    assert_int_equal(told->wait_estimated.minutes, 0);
    assert_int_equal(press(w, told->wait_estimated.call, "3"), REFUSAL_NOTHING_OFFERED);
    assert_int_equal(press(w, told->wait_estimated.call, "1"), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_CALLBACK_QUEUED)->contact, told->contact);
}

/* What was reckoned last. */
static uint64_t told_ms(struct world *w)
{
    world_wait(w, 20 * SECOND);
    world_skip(w);
    return last_event(w, EVENT_WAIT_ESTIMATED)->wait_estimated.wait_ms;
}

static void who_is_not_ready_and_who_writes_changes_no_wait(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    teach(w);
    (void)talk(w, 12345, WANG); /* and stays */
    uint64_t contact = call_in(w, 12345, LI);
    uint64_t wait_ms = told_ms(w);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    for (uint64_t i = 0; i < 5; i++)
        (void)text_in(w, 12345, 600 + i);
    assert_int_equal(sign_on(w, 1001), REFUSAL_NONE); /* could take it, but is not ready */
    (void)call_in(w, 12345, ZHAO);
    assert_int_equal(told_ms(w), wait_ms);
}

static void who_shows_no_number_is_offered_no_callback(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    teach(w);
    (void)talk(w, 12345, WANG);
    for (uint64_t i = 0; i < 12; i++)
        (void)call_in(w, 12345, 0);
    world_wait(w, MINUTE);
    for (uint32_t i = 0; i < w->history_count; i++)
        if (w->history[i].kind == EVENT_WAIT_ESTIMATED)
            assert_int_not_equal(w->history[i].wait_estimated.announcement,
                                 ANNOUNCEMENT_CALLBACK_OFFER);
    world_skip(w);
}

/* ---- called back in turn ----------------------------------------------------------------------- */

/* Li waits on 12345 and hangs up for a callback; returns the contact. */
static uint64_t queued(struct world *w)
{
    uint64_t contact = call_in(w, 12345, LI);
    assert_int_equal(offer_callback(w, contact), REFUSAL_NONE);
    assert_int_equal(offer_callback(w, contact), REFUSAL_ALREADY);
    assert_int_equal(press(w, w->next_call - 1, "1"), REFUSAL_NONE);
    return contact;
}

static void who_hangs_up_for_a_callback_keeps_the_place(void **state)
{
    struct world *w = *state;
    uint64_t first = queued(w);
    world_wait(w, SECOND);
    uint64_t second = call_in(w, 12345, WANG);
    world_skip(w);
    on_duty(w, 1002);
    assert_int_equal(hang_up(w, first, END_CAUSE_CALLER), REFUSAL_ALREADY); /* the old leg's end */
    assert_int_equal(accept(w, 1002, last_offer(w)), REFUSAL_NONE);
    assert_int_equal(try_contact(w, 1003, first, TRY_RESULT_REACHED), REFUSAL_NOT_YOURS);
    assert_int_equal(try_contact(w, 1002, first, TRY_RESULT_REACHED), REFUSAL_NONE);
    assert_int_equal(finish(w, 1002, first), REFUSAL_NONE);
    world_expect(w, "[1.0] taker_signed_on\n[1.0] taker_became_ready\n"
                    "[1.0] offer_made contact=1 taker=1002 dial=yes\n"
                    "[1.0] offer_accepted until=61.0\n"
                    "[1.0] callback_tried contact=1 result=reached tries=1\n"
                    "[1.0] contact_connected contact=1\n"
                    "[1.0] contact_ended cause=taker from=connected\n"
                    "[1.0] wrap_up_started\n");
    world_wait(w, MINUTE);
    assert_int_equal(last_event(w, EVENT_OFFER_MADE)->contact, second);
}

static void a_promised_call_teaches_nobody_how_long_one_waits(void **state)
{
    struct world *w = *state;
    uint64_t contact = queued(w);
    world_wait(w, 10 * MINUTE);
    on_duty(w, 1002);
    assert_int_equal(accept(w, 1002, last_offer(w)), REFUSAL_NONE);
    assert_int_equal(try_contact(w, 1002, contact, TRY_RESULT_REACHED), REFUSAL_NONE);
    assert_int_equal(core_line(w->core, 12345)->experience.waited, 0);
    world_skip(w);
}

static void a_busy_number_is_left_alone_and_tried_again(void **state)
{
    struct world *w = *state;
    uint64_t contact = queued(w);
    on_duty(w, 1002);
    world_skip(w);
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(try_contact(w, 1002, contact, TRY_RESULT_BUSY), REFUSAL_WRONG_STATE);
        assert_int_equal(accept(w, 1002, last_offer(w)), REFUSAL_NONE);
        assert_int_equal(try_contact(w, 1002, contact, TRY_RESULT_BUSY), REFUSAL_NONE);
        if (i < 3)
            world_wait(w, 30 * SECOND);
    }
    world_expect(w, "[0.0] offer_accepted\n"
                    "[0.0] callback_tried result=busy tries=1 next=30.0\n"
                    "[0.0] offer_ended cause=not_reached\n"
                    "[15.0] clock_overdue\n"
                    "[30.0] callback_fell tries=1\n"
                    "[30.0] offer_made taker=1002 dial=yes\n"
                    "[30.0] offer_accepted\n"
                    "[30.0] callback_tried result=busy tries=2 next=60.0\n"
                    "[30.0] offer_ended cause=not_reached\n"
                    "[60.0] callback_fell tries=2\n"
                    "[60.0] offer_made taker=1002 dial=yes\n"
                    "[60.0] offer_accepted\n"
                    "[60.0] callback_tried result=busy tries=3\n"
                    "[60.0] offer_ended cause=not_reached\n"
                    "[60.0] contact_ended cause=not_reached\n"
                    "[60.0] text_ordered template=lapsed\n");
}

static void the_number_calls_again_and_takes_its_older_place(void **state)
{
    struct world *w = *state;
    uint64_t first = queued(w);
    world_wait(w, MINUTE);
    uint64_t second = call_in(w, 12345, WANG);
    world_skip(w);
    uint64_t again = call_in(w, 12345, LI);
    on_duty(w, 1002);
    world_expect(w, "[60.0] contact_arrived due=15.0\n"
                    "[60.0] contact_ended contact=1 cause=called_again from=waiting\n"
                    "[60.0] clock_overdue\n"
                    "[60.0] taker_signed_on\n[60.0] taker_became_ready\n"
                    "[60.0] offer_made contact=3\n");
    assert_true(first == w->base + 1 && second == w->base + 2 && again == w->base + 3);
}

static void a_promised_callback_lapses_with_a_word(void **state)
{
    struct world *w = *state;
    (void)queued(w);
    world_skip(w);
    world_wait(w, 5 * HOUR);
    world_expect(w, "[15.0] clock_overdue\n"
                    "[14400.0] contact_ended cause=callback_lapsed\n"
                    "[14400.0] text_ordered template=lapsed\n");
}

static void a_promised_callback_lapses_in_its_time_however_late_the_next_try(void **state)
{
    struct world *w = *state;
    uint64_t contact = queued(w);
    world_wait(w, 4 * HOUR - 10 * SECOND);
    on_duty(w, 1002);
    assert_int_equal(accept(w, 1002, last_offer(w)), REFUSAL_NONE);
    assert_int_equal(try_contact(w, 1002, contact, TRY_RESULT_BUSY), REFUSAL_NONE);
    world_skip(w);
    world_wait(w, MINUTE); /* the next try would be 20 seconds behind */
    assert_int_equal(last_event(w, EVENT_CONTACT_ENDED)->at_ms - w->start_ms, 4 * HOUR);
    world_skip(w);
}

static void never_more_callbacks_are_dialled_than_takers_wait_for_them(void **state)
{
    struct world *w = *state;
    for (uint64_t i = 0; i < 5; i++) {
        uint64_t contact = call_in(w, 12345, 600 + i);
        struct command command = from_user(3001, COMMAND_CALLBACK_QUEUE);
        command.callback_queue.contact = contact;
        assert_int_equal(world_send(w, command), REFUSAL_NONE);
    }
    on_duty(w, 1002);
    assert_int_equal(count_events(w, EVENT_OFFER_MADE), 1);
}

/* A supervisor reads that it burns there. */
static enum refusal becomes_an_emergency(struct world *w, uint64_t contact)
{
    struct command command = from_user(3001, COMMAND_CONTACT_RELINE);
    command.contact_reline.contact = contact;
    command.contact_reline.line = 110;
    return world_send(w, command);
}

static void a_promised_call_that_becomes_an_emergency_is_made_at_once(void **state)
{
    struct world *w = *state;
    uint64_t contact = queued(w);
    on_duty(w, 1002);
    assert_int_equal(accept(w, 1002, last_offer(w)), REFUSAL_NONE);
    assert_int_equal(becomes_an_emergency(w, contact), REFUSAL_WRONG_STATE); /* 1002 is dialling */
    assert_int_equal(try_contact(w, 1002, contact, TRY_RESULT_BUSY), REFUSAL_NONE);
    on_duty(w, 1001);
    world_skip(w);
    assert_int_equal(becomes_an_emergency(w, contact), REFUSAL_NONE);
    world_expect(w, "[0.0] callback_fell tries=1\n"
                    "[0.0] contact_relined to=110 band=life\n"
                    "[0.0] offer_made taker=1001 dial=yes\n");
}

static void nobody_is_called_by_two_takers_at_once(void **state)
{
    struct world *w = *state;
    uint64_t contact = queued(w);
    assert_int_equal(becomes_an_emergency(w, contact), REFUSAL_NONE);
    on_duty(w, 1001);
    on_duty(w, 1003);
    for (int i = 0; i < 2; i++) /* two miss it: an emergency with a leg would ask two at once now */
        world_wait(w, 15 * SECOND);
    assert_int_equal(core_contact(w->core, contact)->unanswered, 2);
    assert_int_equal(ready(w, 1001), REFUSAL_NONE);
    assert_int_equal(ready(w, 1003), REFUSAL_NONE);
    assert_int_equal(core_contact(w->core, contact)->state, CONTACT_STATE_OFFERED);
    assert_int_equal(core_contact(w->core, contact)->leases[1].id, 0);
    for (uint32_t i = 0; i < w->history_count; i++)
        assert_int_not_equal(w->history[i].kind == EVENT_OFFER_MADE ? w->history[i].offer_made.kind
                                                                    : OFFER_KIND_NONE,
                             OFFER_KIND_PARALLEL);
}

static void who_cannot_be_dialled_is_not_offered_a_callback(void **state)
{
    struct world *w = *state;
    assert_int_equal(offer_callback(w, call_in(w, 12345, 0)), REFUSAL_NOT_DIALLABLE);
    assert_int_equal(offer_callback(w, text_in(w, 12345, LI)), REFUSAL_WRONG_STATE);
    assert_int_equal(offer_callback(w, 99), REFUSAL_NO_SUCH_CONTACT);
}

/* ---- emergencies that got lost ------------------------------------------------------------------ */

static uint64_t lost_call(struct world *w, uint64_t caller)
{
    uint64_t contact = call_in(w, 110, caller);
    world_wait(w, 5 * SECOND);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CANCELLED), REFUSAL_NONE);
    uint64_t callback = last_event(w, EVENT_CALLBACK_OPENED)->callback_opened.callback;
    world_skip(w);
    return callback;
}

static void a_busy_caller_is_tried_three_times_more(void **state)
{
    struct world *w = *state;
    uint64_t callback = lost_call(w, LI);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(try_callback(w, 1001, callback, TRY_RESULT_BUSY), REFUSAL_NONE);
        world_wait(w, 30 * SECOND);
    }
    assert_int_equal(try_callback(w, 1001, callback, TRY_RESULT_BUSY), REFUSAL_NONE);
    world_expect(w, "[5.0] callback_tried result=busy tries=1 next=35.0\n"
                    "[35.0] callback_fell tries=1\n"
                    "[35.0] callback_tried result=busy tries=2\n"
                    "[65.0] callback_fell tries=2\n"
                    "[65.0] clock_overdue clock=callback\n"
                    "[65.0] callback_tried result=busy tries=3\n"
                    "[95.0] callback_fell tries=3\n"
                    "[95.0] callback_tried result=busy tries=4\n"
                    "[95.0] text_ordered template=called_back\n");
}

static void a_callback_that_is_late_is_tried_again_all_the_same(void **state)
{
    struct world *w = *state;
    uint64_t callback = lost_call(w, LI);
    world_wait(w, 35 * SECOND);
    assert_int_equal(try_callback(w, 1001, callback, TRY_RESULT_BUSY), REFUSAL_NONE);
    world_wait(w, 60 * SECOND);
    world_expect(w, "[40.0] callback_tried result=busy tries=1 next=70.0\n"
                    "[65.0] clock_overdue clock=callback\n"
                    "[70.0] callback_fell tries=1\n");
}

static void no_answer_is_a_text_and_a_supervisors_word(void **state)
{
    struct world *w = *state;
    uint64_t callback = lost_call(w, LI);
    assert_int_equal(try_callback(w, 1001, callback, TRY_RESULT_NO_ANSWER), REFUSAL_NONE);
    world_expect(w, "[5.0] callback_tried result=no_answer tries=1\n"
                    "[5.0] text_ordered template=called_back\n");
    assert_int_equal(end_callback(w, 1001, callback, CALLBACK_END_NO_ANSWER), REFUSAL_NOT_ALLOWED);
    assert_int_equal(end_callback(w, 3001, callback, CALLBACK_END_NO_ANSWER), REFUSAL_NONE);
    callback = lost_call(w, LI);
    assert_int_equal(try_callback(w, 1001, callback, TRY_RESULT_NONE), REFUSAL_REASON_MISSING);
    assert_int_equal(try_callback(w, 1001, callback, TRY_RESULT_REACHED), REFUSAL_NONE);
    world_expect(w, "[10.0] callback_tried result=reached\n[10.0] callback_ended end=reached\n");
    assert_int_equal(try_callback(w, 1001, callback, TRY_RESULT_BUSY), REFUSAL_NO_SUCH_CALLBACK);
}

static void a_pseudo_number_is_never_dialled(void **state)
{
    struct world *w = *state;
    struct command command = from_gateway(1, COMMAND_CONTACT_ARRIVE);
    command.caller = LI;
    command.contact_arrive.call = w->next_call++;
    command.contact_arrive.line = 110;
    command.contact_arrive.channel = CHANNEL_VOICE;
    command.contact_arrive.undiallable = true;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(hang_up(w, w->verdict.contact, END_CAUSE_CANCELLED), REFUSAL_NONE);
    const struct callback_opened *opened = &last_event(w, EVENT_CALLBACK_OPENED)->callback_opened;
    assert_true(opened->undiallable);
    assert_int_equal(try_callback(w, 3001, opened->callback, TRY_RESULT_NO_ANSWER),
                     REFUSAL_NOT_DIALLABLE);
}

static void a_brief_call_is_counted_apart_and_called_back(void **state)
{
    struct world *w = *state;
    uint64_t contact = call_in(w, 110, LI);
    world_wait(w, 2 * SECOND);
    world_skip(w);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CANCELLED), REFUSAL_NONE);
    world_expect(w, "[2.0] contact_ended abandoned=yes brief=yes\n[2.0] callback_opened\n");
}

/* ---- silence ------------------------------------------------------------------------------------ */

static enum refusal silent(struct world *w, uint32_t taker, uint64_t contact)
{
    struct command command = from_user(taker, COMMAND_CONTACT_SILENT);
    command.contact_silent.contact = contact;
    return world_send(w, command);
}

static enum refusal check(struct world *w, uint64_t contact, enum silence_check_item item,
                          bool found)
{
    struct command command = from_user(3001, COMMAND_SILENCE_CHECK);
    command.silence_check.contact = contact;
    command.silence_check.item = item;
    command.silence_check.found = found;
    return world_send(w, command);
}

static enum refusal rule_silence(struct world *w, uint32_t user, uint64_t contact,
                                 enum silence_ruling ruling)
{
    struct command command = from_user(user, COMMAND_SILENCE_RULE);
    command.silence_rule.contact = contact;
    command.silence_rule.ruling = ruling;
    return world_send(w, command);
}

static uint64_t silent_call(struct world *w)
{
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    world_skip(w);
    assert_int_equal(silent(w, 1001, contact), REFUSAL_NONE);
    assert_int_equal(silent(w, 1001, contact), REFUSAL_ALREADY);
    return contact;
}

static void who_presses_five_twice_is_in_danger(void **state)
{
    struct world *w = *state;
    uint64_t contact = silent_call(w);
    uint64_t call = w->next_call - 1;
    assert_int_equal(press(w, call, "5"), REFUSAL_NONE);
    assert_int_equal(press(w, call, "5"), REFUSAL_NONE);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    world_expect(w, "[0.0] silence_moved step=suspect to=suspected\n"
                    "[0.0] silence_moved step=prompt to=prompted until=45.0\n"
                    "[0.0] contact_announced announcement=silent gateway=1 call=1\n"
                    "[0.0] silence_moved step=key to=confirmed five=yes\n"
                    "[0.0] silence_moved step=danger to=duress\n"
                    "[0.0] text_ordered template=duress\n"
                    "[0.0] contact_ended\n"
                    "[0.0] wrap_up_started\n"
                    "[0.0] callback_opened quiet=yes\n");
    uint64_t callback = last_event(w, EVENT_CALLBACK_OPENED)->callback_opened.callback;
    assert_int_equal(try_callback(w, 1001, callback, TRY_RESULT_NO_ANSWER), REFUSAL_QUIET);
    assert_int_equal(check(w, contact, SILENCE_CHECK_ITEM_RECALL, false), REFUSAL_QUIET);
    assert_int_equal(rule_silence(w, 1001, contact, SILENCE_RULING_SEND), REFUSAL_NOT_ALLOWED);
    assert_int_equal(rule_silence(w, 3001, contact, SILENCE_RULING_ACCIDENT), REFUSAL_WRONG_STATE);
    assert_int_equal(rule_silence(w, 3001, contact, SILENCE_RULING_SEND), REFUSAL_NONE);
}

static void no_reaction_leads_to_the_checklist(void **state)
{
    struct world *w = *state;
    uint64_t contact = silent_call(w);
    world_skip(w);
    world_wait(w, 46 * SECOND);
    world_expect(w, "[45.0] silence_moved step=no_reaction from=prompted to=checklist\n");
    assert_int_equal(check(w, contact, SILENCE_CHECK_ITEM_PLACE, false), REFUSAL_NONE);
    assert_int_equal(check(w, contact, SILENCE_CHECK_ITEM_HISTORY, false), REFUSAL_NONE);
    assert_int_equal(rule_silence(w, 3001, contact, SILENCE_RULING_ACCIDENT),
                     REFUSAL_CHECK_MISSING);
    assert_int_equal(check(w, contact, SILENCE_CHECK_ITEM_RECALL, false), REFUSAL_NONE);
    assert_int_equal(check(w, contact, SILENCE_CHECK_ITEM_RECALL, false), REFUSAL_ALREADY);
    assert_int_equal(rule_silence(w, 3001, contact, SILENCE_RULING_ACCIDENT), REFUSAL_NONE);
    world_skip(w);
}

static void a_silent_call_that_ends_is_not_over(void **state)
{
    struct world *w = *state;
    uint64_t contact = silent_call(w);
    world_skip(w);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    world_expect(w, "[0.0] silence_moved step=gone to=checklist\n[0.0] contact_ended\n"
                    "[0.0] wrap_up_started\n[0.0] callback_opened\n");
    assert_int_equal(check(w, contact, SILENCE_CHECK_ITEM_RECALL, true), REFUSAL_NONE);
    world_expect(w, "[0.0] silence_checked item=recall found=yes\n"
                    "[0.0] silence_moved step=speak from=checklist to=heard\n");
}

static void who_speaks_after_all_is_heard(void **state)
{
    struct world *w = *state;
    uint64_t contact = silent_call(w);
    struct command command = from_user(1001, COMMAND_CONTACT_SPEAK);
    command.contact_speak.contact = contact;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(world_send(w, command), REFUSAL_WRONG_STATE);
    world_skip(w);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CALLER), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_ended\n[0.0] wrap_up_started\n");
    struct command by_gateway = from_gateway(1, COMMAND_CONTACT_SILENT);
    by_gateway.contact_silent.call = w->next_call - 1;
    assert_int_equal(world_send(w, by_gateway), REFUSAL_WRONG_STATE);
}

static void a_taker_never_voids_a_silent_emergency(void **state)
{
    struct world *w = *state;
    uint64_t contact = silent_call(w);
    uint64_t incident = register_incident(w, 1001, contact, 10100);
    struct command command = from_user(1001, COMMAND_INCIDENT_VOID);
    command.incident_void.incident = incident;
    command.incident_void.reason = VOID_REASON_SILENT;
    assert_int_equal(world_send(w, command), REFUSAL_NOT_ALLOWED);
}

/* ---- marks -------------------------------------------------------------------------------------- */

static enum refusal ask_mark(struct world *w, uint64_t contact, enum mark_kind kind, uint32_t days)
{
    struct command command = from_user(1002, COMMAND_MARK_ASK);
    command.mark_ask.contact = contact;
    command.mark_ask.kind = kind;
    command.mark_ask.days = days;
    return world_send(w, command);
}

static enum refusal confirm_mark(struct world *w, uint32_t user, uint64_t mark)
{
    struct command command = from_user(user, COMMAND_MARK_CONFIRM);
    command.mark_confirm.mark = mark;
    return world_send(w, command);
}

static enum refusal end_mark(struct world *w, uint64_t mark, enum mark_end_reason reason)
{
    struct command command = from_user(3001, COMMAND_MARK_END);
    command.mark_end.mark = mark;
    command.mark_end.reason = reason;
    return world_send(w, command);
}

static uint64_t marked(struct world *w, uint32_t days)
{
    uint64_t contact = call_in(w, 12345, LI);
    assert_int_equal(ask_mark(w, contact, MARK_KIND_NUISANCE, 8), REFUSAL_MALFORMED);
    assert_int_equal(ask_mark(w, contact, MARK_KIND_NUISANCE, days), REFUSAL_NONE);
    assert_int_equal(ask_mark(w, contact, MARK_KIND_NUISANCE, days), REFUSAL_ALREADY);
    uint64_t mark = last_event(w, EVENT_MARK_ASKED)->mark_asked.mark;
    assert_int_equal(confirm_mark(w, 1002, mark), REFUSAL_NOT_ALLOWED);
    assert_int_equal(confirm_mark(w, 3001, mark), REFUSAL_NONE);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CANCELLED), REFUSAL_NONE);
    world_skip(w);
    return mark;
}

static void a_nuisance_stands_further_back_on_ordinary_lines(void **state)
{
    struct world *w = *state;
    (void)marked(w, 7);
    (void)call_in(w, 12345, LI);
    world_expect(w, "[0.0] contact_arrived marks=2 due=615.0 band=ordinary\n"
                    "[0.0] contact_announced announcement=nuisance\n");
}

static void a_mark_changes_nothing_on_an_emergency_line(void **state)
{
    struct world *w = *state;
    (void)marked(w, 90);
    uint64_t marked_caller = call_in(w, 110, LI);
    (void)call_in(w, 110, WANG);
    world_expect(w, "[0.0] contact_arrived marks=2 due=10.0 band=life\n"
                    "[0.0] contact_arrived due=10.0 band=life\n");
    on_duty(w, 1001);
    assert_int_equal(last_event(w, EVENT_OFFER_MADE)->contact, marked_caller);
}

static void a_mark_ends_by_itself_or_by_an_appeal(void **state)
{
    struct world *w = *state;
    uint64_t mark = marked(w, 30);
    assert_int_equal(end_mark(w, mark, MARK_END_REASON_NONE), REFUSAL_REASON_MISSING);
    assert_int_equal(end_mark(w, mark, MARK_END_REASON_APPEAL), REFUSAL_NONE);
    assert_int_equal(end_mark(w, mark, MARK_END_REASON_APPEAL), REFUSAL_NO_SUCH_MARK);
    world_expect(w, "[0.0] mark_ended kind=nuisance reason=appeal\n");
    (void)marked(w, 7);
    world_wait(w, 8 * DAY);
    world_expect(w, "[604800.0] mark_ended reason=expired\n");
    uint64_t contact = call_in(w, 12345, LI);
    assert_int_equal(ask_mark(w, contact, MARK_KIND_NUISANCE, 7), REFUSAL_NONE);
    assert_int_equal(hang_up(w, contact, END_CAUSE_CANCELLED), REFUSAL_NONE);
    world_skip(w);
    world_wait(w, 4 * DAY);
    assert_int_equal(last_event(w, EVENT_MARK_ENDED)->mark_ended.reason,
                     MARK_END_REASON_NOT_CONFIRMED);
}

static void a_mark_that_helps_takes_one_person(void **state)
{
    struct world *w = *state;
    uint64_t contact = call_in(w, 110, LI);
    assert_int_equal(ask_mark(w, contact, MARK_KIND_LANGUAGE, 0), REFUSAL_MALFORMED);
    assert_int_equal(ask_mark(w, contact, MARK_KIND_HEARING, 0), REFUSAL_NONE);
    world_skip(w);
    (void)call_in(w, 110, LI);
    assert_int_equal(last_event(w, EVENT_CONTACT_ARRIVED)->contact_arrived.marks, 4);
    world_skip(w);
}

static void a_second_person_confirms(void **state)
{
    struct world *w = *state;
    uint64_t contact = call_in(w, 12345, LI);
    struct command command = from_user(3001, COMMAND_MARK_ASK);
    command.mark_ask.contact = contact;
    command.mark_ask.kind = MARK_KIND_NUISANCE;
    command.mark_ask.days = 7;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    uint64_t mark = last_event(w, EVENT_MARK_ASKED)->mark_asked.mark;
    assert_int_equal(confirm_mark(w, 3001, mark), REFUSAL_SAME_PERSON);
    assert_int_equal(end_mark(w, mark, MARK_END_REASON_REFUSED), REFUSAL_NONE);
}

/* ---- test calls --------------------------------------------------------------------------------- */

static enum refusal test_call(struct world *w, const char *trunk)
{
    struct command command = from_gateway(1, COMMAND_CONTACT_ARRIVE);
    command.contact_arrive.call = w->next_call++;
    command.contact_arrive.line = 110;
    command.contact_arrive.channel = CHANNEL_VOICE;
    command.contact_arrive.test = true;
    (void)snprintf(command.contact_arrive.trunk, sizeof command.contact_arrive.trunk, "%s", trunk);
    return world_send(w, command);
}

static void a_test_call_is_answered_by_rule_and_offered_to_nobody(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    world_skip(w);
    assert_int_equal(test_call(w, "telecom-a"), REFUSAL_NONE);
    world_expect(w,
                 "[0.0] contact_arrived test=yes\n[0.0] contact_ended cause=test from=waiting\n");
    assert_int_equal(last_event(w, EVENT_CONTACT_ENDED)->actor_kind, ACTOR_KIND_SYSTEM);
    assert_int_equal(test_call(w, "telecom-a"), REFUSAL_TOO_SOON);
    assert_int_equal(test_call(w, "telecom-b"), REFUSAL_NONE);
    world_wait(w, 2 * MINUTE);
    assert_int_equal(test_call(w, "telecom-a"), REFUSAL_NONE);
    world_skip(w);
}

static void a_trunk_whose_tests_stay_away_is_an_alarm(void **state)
{
    struct world *w = *state;
    assert_int_equal(test_call(w, "telecom-a"), REFUSAL_NONE);
    world_skip(w);
    world_wait(w, HOUR);
    world_expect(w, "[900.0] test_missed gateway=1 trunk=\"telecom-a\" last=0.0\n");
    assert_int_equal(test_call(w, "telecom-a"), REFUSAL_NONE);
    world_skip(w);
    world_wait(w, 16 * MINUTE);
    world_expect(w, "[4500.0] test_missed\n");
}

#define STORY(story) cmocka_unit_test_setup_teardown(story, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(nobody_is_told_a_wait_that_nobody_knows),
        STORY(who_waits_is_told_in_steps_that_never_rise),
        STORY(emergency_callers_hear_no_wait),
        STORY(emergencies_that_take_the_takers_lengthen_the_wait),
        STORY(a_long_wait_brings_the_offer_of_a_callback),
        STORY(who_is_not_ready_and_who_writes_changes_no_wait),
        STORY(who_shows_no_number_is_offered_no_callback),
        STORY(who_hangs_up_for_a_callback_keeps_the_place),
        STORY(a_promised_call_teaches_nobody_how_long_one_waits),
        STORY(a_busy_number_is_left_alone_and_tried_again),
        STORY(the_number_calls_again_and_takes_its_older_place),
        STORY(a_promised_callback_lapses_with_a_word),
        STORY(a_promised_callback_lapses_in_its_time_however_late_the_next_try),
        STORY(never_more_callbacks_are_dialled_than_takers_wait_for_them),
        STORY(a_promised_call_that_becomes_an_emergency_is_made_at_once),
        STORY(nobody_is_called_by_two_takers_at_once),
        STORY(who_cannot_be_dialled_is_not_offered_a_callback),
        STORY(a_busy_caller_is_tried_three_times_more),
        STORY(a_callback_that_is_late_is_tried_again_all_the_same),
        STORY(no_answer_is_a_text_and_a_supervisors_word),
        STORY(a_pseudo_number_is_never_dialled),
        STORY(a_brief_call_is_counted_apart_and_called_back),
        STORY(who_presses_five_twice_is_in_danger),
        STORY(no_reaction_leads_to_the_checklist),
        STORY(a_silent_call_that_ends_is_not_over),
        STORY(who_speaks_after_all_is_heard),
        STORY(a_taker_never_voids_a_silent_emergency),
        STORY(a_nuisance_stands_further_back_on_ordinary_lines),
        STORY(a_mark_changes_nothing_on_an_emergency_line),
        STORY(a_mark_ends_by_itself_or_by_an_appeal),
        STORY(a_mark_that_helps_takes_one_person),
        STORY(a_second_person_confirms),
        STORY(a_test_call_is_answered_by_rule_and_offered_to_nobody),
        STORY(a_trunk_whose_tests_stay_away_is_an_alarm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
