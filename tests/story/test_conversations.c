/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of those who write: one conversation, two sides, an end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/story/world.h"

static enum refusal write_to(struct world *w, uint32_t taker, uint64_t contact)
{
    struct command command = from_user(taker, COMMAND_CONTACT_WRITE);
    command.contact_write.contact = contact;
    command.has_personal = true;
    return world_send(w, command);
}

/* A text that a taker has answered. */
static uint64_t chat(struct world *w, uint32_t taker, uint32_t line, uint64_t caller)
{
    uint64_t contact = text_in(w, line, caller);
    assert_int_equal(accept(w, taker, last_offer(w)), REFUSAL_NONE);
    return contact;
}

static void further_texts_join_however_the_contact_stands(void **state)
{
    struct world *w = *state;
    uint64_t contact = text_in(w, 12345, LI);
    assert_int_equal(text_in(w, 12345, LI), contact); /* waiting */
    on_duty(w, 1002);
    assert_int_equal(text_in(w, 12345, LI), contact); /* offered */
    assert_int_equal(accept(w, 1002, last_offer(w)), REFUSAL_NONE);
    assert_int_equal(text_in(w, 12345, LI), contact); /* in conversation */
    assert_int_equal(count_events(w, EVENT_TEXT_RECEIVED), 3);
    assert_int_equal(last_event(w, EVENT_TEXT_RECEIVED)->text_received.texts, 4);
    assert_int_equal(last_event(w, EVENT_TEXT_RECEIVED)->taker, 1002);
    assert_int_not_equal(text_in(w, 12345, WANG), contact);           /* somebody else */
    assert_int_not_equal(text_in(w, 110, LI), contact);               /* another line */
    assert_int_not_equal(text_in(w, 12345, 0), text_in(w, 12345, 0)); /* withheld numbers */
    world_skip(w);
}

static void a_finished_conversation_begins_anew(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    uint64_t contact = chat(w, 1002, 12345, LI);
    assert_int_equal(finish(w, 1002, contact), REFUSAL_NONE);
    assert_int_equal(write_to(w, 1002, contact), REFUSAL_WRONG_STATE);
    uint64_t next = text_in(w, 12345, LI);
    assert_int_not_equal(next, contact);
    assert_int_equal(last_event(w, EVENT_CONTACT_ARRIVED)->contact_arrived.same, 0);
    world_skip(w);
}

static void an_emergency_text_is_acknowledged_once_from_its_own_line(void **state)
{
    struct world *w = *state;
    uint64_t contact = text_in(w, 110, LI);
    assert_int_equal(text_in(w, 110, LI), contact);
    assert_int_equal(count_events(w, EVENT_TEXT_ORDERED), 1);
    const struct event *event = last_event(w, EVENT_TEXT_ORDERED);
    assert_int_equal(event->text_ordered.template, TEMPLATE_EMERGENCY_RECEIVED);
    assert_int_equal(event->line, 110);
    assert_int_equal(event->text_ordered.gateway, 3);
    world_skip(w);
}

static void the_taker_answers_and_sees_what_became_of_it(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    uint64_t contact = text_in(w, 12345, LI);
    assert_int_equal(write_to(w, 1002, contact), REFUSAL_WRONG_STATE); /* only offered */
    assert_int_equal(accept(w, 1002, last_offer(w)), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(write_to(w, 1003, contact), REFUSAL_NOT_YOURS);
    assert_int_equal(write_to(w, 1002, contact + 1000), REFUSAL_NO_SUCH_CONTACT);
    assert_int_equal(write_to(w, 1002, contact), REFUSAL_NONE);
    uint64_t text = last_text(w, TEMPLATE_WORDS);
    assert_true(last_event(w, EVENT_TEXT_ORDERED)->has_personal);
    assert_int_equal(report_text(w, text, TEXT_STATE_SENT), REFUSAL_NONE);
    assert_int_equal(report_text(w, text, TEXT_STATE_DELIVERED), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_TEXT_REPORTED)->contact, contact);
    world_expect(w, "[0.0] text_ordered template=words\n"
                    "[0.0] text_reported state=sent\n"
                    "[0.0] text_reported state=delivered\n");
}

static void nobody_is_written_to_without_words_or_a_number(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    uint64_t contact = chat(w, 1002, 12345, LI);
    struct command command = from_user(1002, COMMAND_CONTACT_WRITE);
    command.contact_write.contact = contact;
    assert_int_equal(world_send(w, command), REFUSAL_INCOMPLETE);
    assert_int_equal(finish(w, 1002, contact), REFUSAL_NONE);
    assert_int_equal(finish_wrap_up(w, 1002), REFUSAL_NONE);
    world_wait(w, 2 * SECOND);
    contact = chat(w, 1002, 12345, 0);
    assert_int_equal(write_to(w, 1002, contact), REFUSAL_NOT_DIALLABLE);
    world_skip(w);
}

static void an_ordinary_conversation_ends_when_the_citizen_falls_silent(void **state)
{
    struct world *w = *state;
    assert_int_equal(set_parameter(w, PARAMETER_TEXT_STALE_MS, 10 * MINUTE), REFUSAL_NONE);
    on_duty(w, 1002);
    uint64_t contact = chat(w, 1002, 12345, LI);
    world_wait(w, HOUR); /* the taker's turn: nothing ends */
    assert_int_equal(count_events(w, EVENT_CONTACT_ENDED), 0);
    assert_int_equal(write_to(w, 1002, contact), REFUSAL_NONE);
    world_wait(w, 9 * MINUTE);
    assert_int_equal(text_in(w, 12345, LI), contact);
    world_wait(w, HOUR); /* the taker's turn again */
    assert_int_equal(count_events(w, EVENT_CONTACT_ENDED), 0);
    assert_int_equal(write_to(w, 1002, contact), REFUSAL_NONE);
    world_skip(w);
    world_wait(w, 11 * MINUTE);
    world_expect(w, "[8340.0] contact_ended cause=stale\n"
                    "[8340.0] wrap_up_started\n"
                    "[8370.0] wrap_up_ended\n");
    assert_int_not_equal(text_in(w, 12345, LI), contact);
    world_skip(w);
}

static void no_clock_ends_an_emergency_conversation(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = chat(w, 1001, 110, LI);
    assert_int_equal(write_to(w, 1001, contact), REFUSAL_NONE);
    world_wait(w, DAY);
    assert_int_equal(count_events(w, EVENT_CONTACT_ENDED), 0);
    /* Nor when it turned into one while the citizen was silent. */
    assert_int_equal(finish(w, 1001, contact), REFUSAL_NONE);
    assert_int_equal(finish_wrap_up(w, 1001), REFUSAL_NONE);
    world_wait(w, 2 * SECOND);
    contact = chat(w, 1001, 12345, LI);
    assert_int_equal(write_to(w, 1001, contact), REFUSAL_NONE);
    struct command command = from_user(1001, COMMAND_CONTACT_RELINE);
    command.contact_reline.contact = contact;
    command.contact_reline.line = 110;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_wait(w, DAY);
    assert_int_equal(count_events(w, EVENT_CONTACT_ENDED), 1);
    assert_int_equal(text_in(w, 12345, LI), contact); /* as it was dialled … */
    assert_int_equal(text_in(w, 110, LI), contact);   /* … and as it is now */
    world_skip(w);
}

static void a_call_and_a_text_of_one_number_know_each_other(void **state)
{
    struct world *w = *state;
    uint64_t text = text_in(w, 110, LI);
    uint64_t call = call_in(w, 110, LI);
    const struct event *event = last_event(w, EVENT_CONTACT_ARRIVED);
    assert_int_equal(event->contact_arrived.same, text);
    assert_int_equal(text_in(w, 110, LI), text); /* the call takes nothing away from it */
    assert_int_equal(hang_up(w, call, END_CAUSE_CANCELLED), REFUSAL_NONE);
    (void)call_in(w, 12345, LI);
    assert_int_equal(last_event(w, EVENT_CONTACT_ARRIVED)->contact_arrived.same, text);
    world_skip(w);
}

static void a_caller_who_cannot_speak_is_written_to(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    assert_int_equal(write_to(w, 1001, contact), REFUSAL_NONE);
    struct command command = from_user(1001, COMMAND_INCIDENT_REGISTER);
    command.incident_register.contact = contact;
    command.incident_register.category = 10100;
    command.incident_register.text_unsafe = true;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(write_to(w, 1001, contact), REFUSAL_QUIET);
    world_skip(w);
}

static void digits_in_an_emergency_conversation_are_no_rating(void **state)
{
    struct world *w = *state;
    uint64_t incident = told_incident(w);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_TOLD);
    uint64_t contact = text_in(w, 12345, LI);
    uint64_t rated = rating_in(w, LI, DEGREE_YES, DEGREE_YES, DEGREE_YES);
    assert_int_not_equal(rated, contact); /* on an ordinary line the question was asked first */
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_CLOSED);
    world_skip(w);
}

static enum refusal type_in(struct world *w, bool words)
{
    struct command command = from_gateway(1, COMMAND_CONTACT_TYPE);
    command.contact_type.call = w->next_call - 1;
    command.contact_type.typing = TYPING_BAUDOT_45;
    command.has_personal = words;
    return world_send(w, command);
}

/* A text telephone: typed words come inside the call, whose number is withheld, and so does the answer. */
static void who_types_in_a_call_is_answered_in_it(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = call_in(w, 110, 0);
    assert_int_equal(type_in(w, false), REFUSAL_NONE); /* they could */
    assert_int_equal(type_in(w, false), REFUSAL_ALREADY);
    assert_int_equal(count_events(w, EVENT_TYPING_OPENED), 1);
    assert_int_equal(type_in(w, true), REFUSAL_NONE); /* before anybody answers */
    assert_int_equal(answer(w, last_offer(w)), REFUSAL_NONE);
    assert_int_equal(type_in(w, true), REFUSAL_NONE);
    const struct event *heard = last_event(w, EVENT_TEXT_RECEIVED);
    assert_int_equal(heard->text_received.texts, 2);
    assert_int_equal(heard->text_received.typing, TYPING_BAUDOT_45);
    assert_int_equal(heard->taker, 1001);
    assert_int_equal(write_to(w, 1002, contact), REFUSAL_NOT_YOURS);
    assert_int_equal(write_to(w, 1001, contact), REFUSAL_NONE);
    const struct event *typed = last_event(w, EVENT_TEXT_TYPED);
    assert_non_null(typed);
    assert_int_equal(typed->text_typed.call, w->next_call - 1);
    assert_int_equal(typed->text_typed.gateway, 1);
    assert_int_equal(count_events(w, EVENT_TEXT_ORDERED),
                     0); /* no message gateway has to do with it */
    assert_int_equal(finish(w, 1001, contact), REFUSAL_NONE);
    assert_int_equal(write_to(w, 1001, contact), REFUSAL_WRONG_STATE);
    world_skip(w);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(further_texts_join_however_the_contact_stands),
        STORY(a_finished_conversation_begins_anew),
        STORY(an_emergency_text_is_acknowledged_once_from_its_own_line),
        STORY(the_taker_answers_and_sees_what_became_of_it),
        STORY(nobody_is_written_to_without_words_or_a_number),
        STORY(an_ordinary_conversation_ends_when_the_citizen_falls_silent),
        STORY(no_clock_ends_an_emergency_conversation),
        STORY(a_call_and_a_text_of_one_number_know_each_other),
        STORY(a_caller_who_cannot_speak_is_written_to),
        STORY(who_types_in_a_call_is_answered_in_it),
        STORY(digits_in_an_emergency_conversation_are_no_rating),
    };
    return cmocka_run_group_tests_name("conversations", tests, NULL, NULL);
}
