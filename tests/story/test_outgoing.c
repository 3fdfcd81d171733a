/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of texts that go out: when, to whom, by which gateway, and to many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/story/world.h"

enum {
    OTHER = 4, /* a second message gateway beside the city's 3 */
    SECOND_SUPERVISOR = 3009
};

static void rise(struct world *w, uint32_t gateway, uint64_t epoch)
{
    struct command command = from_gateway(gateway, COMMAND_GATEWAY_RISE);
    command.gateway_rise.epoch = epoch;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void fall(struct world *w, uint32_t gateway, uint64_t epoch)
{
    struct command command = from_system(COMMAND_GATEWAY_FALL);
    command.gateway_fall.gateway = gateway;
    command.gateway_fall.epoch = epoch;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void define(struct world *w, uint32_t gateway, bool retired)
{
    struct command command = from_system(COMMAND_GATEWAY_DEFINE);
    command.gateway_define.has_row = true;
    command.gateway_define.row =
        (struct gateway_row){ .gateway = gateway, .kind = GATEWAY_KIND_SMS, .retired = retired };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void second_gateway(struct world *w)
{
    define(w, OTHER, false);
    rise(w, OTHER, 1);
}

static enum refusal send_by(struct world *w, uint32_t gateway, uint64_t text)
{
    struct command command = from_gateway(gateway, COMMAND_TEXT_SEND);
    command.text_send.texts_count = 1;
    command.text_send.texts[0] = text;
    return world_send(w, command);
}

static enum refusal report_by(struct world *w, uint32_t gateway, uint64_t text,
                              enum text_state state)
{
    struct command command = from_gateway(gateway, COMMAND_TEXT_REPORT);
    command.text_report.text = text;
    command.text_report.state = state;
    if (state == TEXT_STATE_SENT)
        (void)strcpy(command.text_report.reference, "m1");
    return world_send(w, command);
}

static uint32_t texts_of(const struct world *w, enum template template)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < w->history_count; i++)
        count += w->history[i].kind == EVENT_TEXT_ORDERED &&
                 w->history[i].text_ordered.template == template;
    return count;
}

/* ---- when ------------------------------------------------------------------------------------ */

static void a_result_of_the_night_is_told_in_the_morning(void **state)
{
    struct world *w = *state;
    world_wait(w, 14 * HOUR); /* 23:00 */
    world_skip(w);
    uint64_t incident = replied_incident(w);
    const struct event *held = last_event(w, EVENT_TEXT_HELD);
    assert_non_null(held);
    assert_int_equal(held->text_held.template, TEMPLATE_RESULT);
    assert_true(held->text_held.until_ms == w->now_ms + 8 * HOUR);
    assert_int_equal(texts_of(w, TEMPLATE_RECEIVED), 1); /* who just called is awake */
    assert_int_equal(texts_of(w, TEMPLATE_RESULT), 0);
    assert_int_equal(tell(w, incident, TELL_MEANS_SMS, EXCUSE_REASON_NONE), REFUSAL_TEXTED_BEFORE);
    world_skip(w);
    world_wait(w, 8 * HOUR - SECOND);
    assert_int_equal(texts_of(w, TEMPLATE_RESULT), 0);
    world_wait(w, SECOND);
    world_expect(w, "[50430.0] wrap_up_ended\n"
                    "[79200.0] text_ordered template=result\n");
    assert_true(last_text(w, TEMPLATE_RESULT) == held->text_held.text);
}

static void what_the_night_overtook_is_not_said(void **state)
{
    struct world *w = *state;
    world_wait(w, 14 * HOUR);
    uint64_t incident = replied_incident(w);
    assert_int_equal(tell(w, incident, TELL_MEANS_PHONE, EXCUSE_REASON_NONE), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_TEXT_HELD)->text_held.template, TEMPLATE_SURVEY);
    assert_int_equal(survey(w, incident, DEGREE_YES), REFUSAL_NONE);
    assert_int_equal(count_events(w, EVENT_TEXT_EXCUSED), 2);
    world_skip(w);
    world_wait(w, 8 * HOUR);
    world_expect(w, "[50430.0] wrap_up_ended\n");
}

static void quiet_hours_are_the_citys_own(void **state)
{
    struct world *w = *state;
    assert_int_equal(set_parameter(w, PARAMETER_TEXT_QUIET_BEGIN_MIN, 8 * 60), REFUSAL_NONE);
    assert_int_equal(set_parameter(w, PARAMETER_TEXT_QUIET_END_MIN, 9 * 60 + 30), REFUSAL_NONE);
    (void)replied_incident(w); /* at 9:00 */
    assert_true(last_event(w, EVENT_TEXT_HELD)->text_held.until_ms == w->now_ms + 30 * MINUTE);
    assert_int_equal(set_parameter(w, PARAMETER_TEXT_QUIET_END_MIN, 8 * 60), REFUSAL_NONE);
    assert_int_equal(count_events(w, EVENT_TEXT_HELD), 1);
    world_wait(w, 15 * HOUR);
    (void)replied_incident(w);
    assert_int_equal(count_events(w, EVENT_TEXT_HELD), 1); /* none any more */
}

static void whoever_texts_for_help_is_answered_at_night(void **state)
{
    struct world *w = *state;
    world_wait(w, 16 * HOUR);
    (void)text_in(w, 110, WANG);
    assert_int_equal(texts_of(w, TEMPLATE_EMERGENCY_RECEIVED), 1);
    assert_int_equal(count_events(w, EVENT_TEXT_HELD), 0);
}

/* ---- to whom --------------------------------------------------------------------------------- */

static void who_must_not_be_texted_is_called(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    struct command command = from_user(1001, COMMAND_INCIDENT_REGISTER);
    command.incident_register.contact = contact;
    command.incident_register.category = 20100;
    command.incident_register.text_unsafe = true;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    uint64_t incident = w->verdict.incident;
    (void)dispatch(w, incident, 2, 0);
    (void)sign(w, task_at(w, incident, 2));
    world_skip(w);
    (void)reply(w, task_at(w, incident, 2));
    world_expect(w, "[0.0] task_moved\n[0.0] incident_moved\n[0.0] clock_started clock=tell\n"
                    "[0.0] text_excused template=result excuse=unsafe phone=yes\n");
    world_wait(w, 5 * DAY); /* somebody owes the call */
    const struct event *late = last_event(w, EVENT_CLOCK_OVERDUE);
    assert_true(late && late->incident == incident && late->clock_overdue.clock == CLOCK_KIND_TELL);
}

static void a_number_that_said_no_gets_results_and_no_surveys(void **state)
{
    struct world *w = *state;
    on_duty(w, 1002);
    struct command command = from_user(1002, COMMAND_SUBSCRIPTION_SET);
    command.subscription_set.off = true;
    assert_int_equal(world_send(w, command), REFUSAL_INCOMPLETE);
    command.caller = LI;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(world_send(w, command), REFUSAL_ALREADY);
    uint64_t incident = replied_incident(w);
    assert_int_equal(report_text(w, last_text(w, TEMPLATE_RESULT), TEXT_STATE_SENT), REFUSAL_NONE);
    assert_int_equal(texts_of(w, TEMPLATE_SURVEY), 0);
    assert_int_equal(last_event(w, EVENT_TEXT_EXCUSED)->text_excused.excuse,
                     TEXT_EXCUSE_UNSUBSCRIBED);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REVISIT);
    command.subscription_set.off = false;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void a_result_goes_out_once_unless_it_failed(void **state)
{
    struct world *w = *state;
    uint64_t incident = replied_incident(w);
    uint64_t first = last_text(w, TEMPLATE_RESULT);
    assert_int_equal(tell(w, incident, TELL_MEANS_SMS, EXCUSE_REASON_NONE), REFUSAL_TEXTED_BEFORE);
    world_skip(w);
    assert_int_equal(report_text(w, first, TEXT_STATE_FAILED), REFUSAL_NONE);
    world_expect(w, "[0.0] text_reported state=failed\n"
                    "[0.0] clock_started clock=tell\n"
                    "[0.0] clock_overdue clock=tell\n"); /* a person's task from now on */
    assert_int_equal(tell(w, incident, TELL_MEANS_SMS, EXCUSE_REASON_NONE), REFUSAL_NONE);
    assert_true(last_text(w, TEMPLATE_RESULT) != first);
}

/* ---- by which gateway -------------------------------------------------------------------------- */

static void the_twin_sends_what_a_dead_gateway_did_not(void **state)
{
    struct world *w = *state;
    (void)replied_incident(w);
    uint64_t text = last_text(w, TEMPLATE_RESULT);
    assert_int_equal(last_event(w, EVENT_TEXT_ORDERED)->text_ordered.gateway, 3);
    second_gateway(w);
    assert_int_equal(send_by(w, OTHER, text), REFUSAL_NOT_LEASED);
    world_skip(w);
    fall(w, 3, 1);
    /* The receipt of the same request waited there, too. */
    world_expect(w, "[0.0] gateway_fell\n"
                    "[0.0] text_leased gateway=4 from=3 template=received\n"
                    "[0.0] text_leased gateway=4 from=3 template=result\n");
    assert_int_equal(send_by(w, OTHER, text), REFUSAL_NONE);
    assert_int_equal(report_by(w, OTHER, text, TEXT_STATE_SENT), REFUSAL_NONE);
    rise(w, 3, 2);
    assert_int_equal(send_by(w, 3, text), REFUSAL_NOT_LEASED); /* it comes back and lets go */
}

/* The city names a gateway that nobody started yet: it holds a text while no other one is there, and no longer. */
static void a_gateway_that_never_came_keeps_no_text(void **state)
{
    struct world *w = *state;
    define(w, OTHER, false);
    define(w, 3, true);
    (void)replied_incident(w);
    uint64_t text = last_text(w, TEMPLATE_RESULT);
    assert_int_equal(last_event(w, EVENT_TEXT_ORDERED)->text_ordered.gateway, OTHER);
    define(w, 3, false);
    world_skip(w);
    rise(w, 3, 2);
    world_expect(w, "[0.0] gateway_rose\n"
                    "[0.0] text_leased gateway=3 from=4 template=received\n"
                    "[0.0] text_leased gateway=3 from=4 template=result\n");
    rise(w, OTHER, 1); /* it comes after all, and has nothing to send */
    assert_int_equal(send_by(w, OTHER, text), REFUSAL_NOT_LEASED);
    assert_int_equal(send_by(w, 3, text), REFUSAL_NONE);
}

static void who_was_there_before_is_waited_for_first(void **state)
{
    struct world *w = *state;
    define(w, OTHER, false);
    fall(w, 3, 1);
    (void)replied_incident(w);
    assert_int_equal(last_event(w, EVENT_TEXT_ORDERED)->text_ordered.gateway, 3);
}

static void what_may_have_gone_out_waits_for_the_gateways_return(void **state)
{
    struct world *w = *state;
    (void)replied_incident(w);
    uint64_t text = last_text(w, TEMPLATE_RESULT);
    second_gateway(w);
    assert_int_equal(send_by(w, 3, text), REFUSAL_NONE);
    assert_int_equal(send_by(w, 3, text), REFUSAL_NONE); /* asked once more after a restart */
    assert_int_equal(count_events(w, EVENT_TEXT_SENDING), 1);
    fall(w, 3, 1);
    world_wait(w, 9 * MINUTE);
    rise(w, 3, 2);
    assert_int_equal(report_by(w, 3, text, TEXT_STATE_SENT), REFUSAL_NONE);
    world_wait(w, HOUR);
    for (uint32_t i = 0; i < w->history_count; i++)
        assert_true(w->history[i].kind != EVENT_TEXT_LEASED ||
                    w->history[i].text_leased.text != text);
}

static void what_may_have_gone_out_is_sent_again_in_the_end(void **state)
{
    struct world *w = *state;
    (void)replied_incident(w);
    uint64_t text = last_text(w, TEMPLATE_RESULT);
    second_gateway(w);
    (void)set_parameter(w, PARAMETER_TEXT_DOUBT_MS, DAY);
    assert_int_equal(send_by(w, 3, text), REFUSAL_NONE);
    fall(w, 3, 1);
    (void)set_parameter(w, PARAMETER_TEXT_DOUBT_MS, 10 * MINUTE); /* it counts for this one, too */
    world_skip(w);
    world_wait(w, 10 * MINUTE);
    world_expect(w, "[30.0] wrap_up_ended\n"
                    "[600.0] text_leased gateway=4 from=3 doubtful=yes template=result\n");
    rise(w, 3, 2); /* and it had sent it: the twin must not */
    assert_int_equal(report_by(w, 3, text, TEXT_STATE_FAILED), REFUSAL_NOT_LEASED);
    assert_int_equal(report_by(w, 3, text, TEXT_STATE_SENT), REFUSAL_NONE);
    assert_int_equal(send_by(w, OTHER, text), REFUSAL_NOT_LEASED);
}

static void a_cry_for_help_is_answered_by_the_twin_at_once(void **state)
{
    struct world *w = *state;
    second_gateway(w);
    fall(w, OTHER, 1);
    (void)text_in(w, 110, WANG);
    uint64_t text = last_text(w, TEMPLATE_EMERGENCY_RECEIVED);
    assert_int_equal(send_by(w, 3, text), REFUSAL_NONE);
    fall(w, 3, 1);
    assert_int_equal(count_events(w, EVENT_TEXT_LEASED), 0); /* nobody is there */
    world_skip(w);
    rise(w, OTHER, 2);
    world_expect(w, "[0.0] gateway_rose\n"
                    "[0.0] text_leased gateway=4 from=3 doubtful=yes "
                    "template=emergency_received\n");
}

static enum refusal return_by(struct world *w, uint32_t gateway, bool able, uint64_t text)
{
    struct command command = from_gateway(gateway, COMMAND_TEXT_RETURN);
    command.text_return.able = able;
    command.text_return.texts_count = text ? 1 : 0;
    command.text_return.texts[0] = text;
    return world_send(w, command);
}

static void a_gateway_without_a_way_out_gives_its_texts_to_the_twin(void **state)
{
    struct world *w = *state;
    (void)replied_incident(w);
    uint64_t text = last_text(w, TEMPLATE_RESULT);
    assert_int_equal(send_by(w, 3, text), REFUSAL_NONE);
    assert_int_equal(return_by(w, 3, true, 0), REFUSAL_ALREADY);
    assert_int_equal(return_by(w, 3, false, text), REFUSAL_NONE); /* nobody else is there */
    assert_int_equal(send_by(w, 3, text), REFUSAL_NONE);
    second_gateway(w);
    assert_int_equal(return_by(w, OTHER, false, 0), REFUSAL_NONE);
    assert_int_equal(count_events(w, EVENT_TEXT_LEASED), 1); /* the receipt, before it said so */
    world_skip(w);
    assert_int_equal(return_by(w, OTHER, true, 0), REFUSAL_NONE);
    assert_int_equal(return_by(w, 3, false, text), REFUSAL_NONE);
    world_expect(w, "[0.0] text_returned gateway=4 able=yes\n"
                    "[0.0] text_returned gateway=3\n"
                    "[0.0] text_leased gateway=4 from=3 template=result\n");
    assert_int_equal(send_by(w, 3, text), REFUSAL_NOT_LEASED);
    assert_int_equal(send_by(w, OTHER, text), REFUSAL_NONE);
    (void)text_in(w, 110, WANG); /* what is ordered where it came in goes on to who can */
    assert_int_equal(last_event(w, EVENT_TEXT_LEASED)->text_leased.template,
                     TEMPLATE_EMERGENCY_RECEIVED);
}

static void what_no_centre_of_a_gateway_takes_is_the_twins(void **state)
{
    struct world *w = *state;
    (void)replied_incident(w);
    uint64_t text = last_text(w, TEMPLATE_RESULT);
    assert_int_equal(send_by(w, 3, text), REFUSAL_NONE);
    assert_int_equal(return_by(w, 3, true, text), REFUSAL_ALREADY); /* nobody else is there */
    assert_int_equal(send_by(w, 3, text), REFUSAL_NONE);
    second_gateway(w);
    world_skip(w);
    assert_int_equal(return_by(w, 3, true, text), REFUSAL_NONE);
    world_expect(w, "[0.0] text_returned gateway=3 able=yes\n"
                    "[0.0] text_leased gateway=4 from=3 template=result\n");
    assert_int_equal(send_by(w, 3, text), REFUSAL_NOT_LEASED);
    assert_int_equal(send_by(w, OTHER, text), REFUSAL_NONE);
    assert_int_equal(return_by(w, OTHER, true, text), REFUSAL_NONE); /* it can do no better */
    assert_int_equal(send_by(w, 3, text), REFUSAL_NONE);
    assert_int_equal(report_by(w, 3, text, TEXT_STATE_SENT), REFUSAL_NONE);
}

static void what_was_told_by_telephone_is_taken_back(void **state)
{
    struct world *w = *state;
    uint64_t incident = replied_incident(w);
    uint64_t text = last_text(w, TEMPLATE_RESULT);
    assert_int_equal(send_by(w, 3, text), REFUSAL_NONE);
    assert_int_equal(report_by(w, 3, text, TEXT_STATE_EXCUSED), REFUSAL_WRONG_STATE);
    assert_int_equal(tell(w, incident, TELL_MEANS_PHONE, EXCUSE_REASON_NONE), REFUSAL_NONE);
    assert_true(last_event(w, EVENT_TEXT_RECALLED)->text_recalled.text == text);
    assert_int_equal(report_by(w, 3, text, TEXT_STATE_EXCUSED), REFUSAL_NONE);
    assert_int_equal(report_by(w, 3, text, TEXT_STATE_SENT), REFUSAL_NO_SUCH_TEXT);
    /* The survey is with the message centre when the citizen answers by telephone. */
    text = last_text(w, TEMPLATE_SURVEY);
    assert_int_equal(report_text(w, text, TEXT_STATE_SENT), REFUSAL_NONE);
    assert_int_equal(survey(w, incident, DEGREE_YES), REFUSAL_NONE);
    assert_true(last_event(w, EVENT_TEXT_RECALLED)->text_recalled.text == text);
    world_skip(w);
    assert_int_equal(report_by(w, 3, text, TEXT_STATE_FAILED),
                     REFUSAL_NONE); /* it was deleted there */
    world_expect(w, "[0.0] text_reported state=failed\n");
}

/* A department that has signed asks the citizen for the place. */
static uint64_t pending_info(struct world *w)
{
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 12345, LI), 20100);
    (void)dispatch(w, incident, 2, 0);
    (void)sign(w, task_at(w, incident, 2));
    struct command command = from_user(2002, COMMAND_INCIDENT_ASK_INFO);
    command.incident_ask_info.incident = incident;
    command.incident_ask_info.missing = 1U << FACT_PLACE;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    return incident;
}

static void what_could_not_be_written_is_said_by_telephone(void **state)
{
    struct world *w = *state;
    uint64_t incident = pending_info(w);
    uint64_t text = last_text(w, TEMPLATE_INFO);
    assert_true(incident && text);
    assert_int_equal(report_text(w, text, TEXT_STATE_FAILED), REFUSAL_NONE);
    assert_true(last_event(w, EVENT_TEXT_REPORTED)->text_reported.phone);
    struct command command = from_user(3001, COMMAND_TEXT_PHONE);
    command.text_phone.incident = incident;
    assert_int_equal(world_send(w, command), REFUSAL_NO_SUCH_TEXT);
    command.text_phone.text = text;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_true(last_event(w, EVENT_TEXT_PHONED)->text_phoned.text == text);
}

/* ---- to many ------------------------------------------------------------------------------------ */

static void two_supervisors(struct world *w)
{
    struct command command = from_system(COMMAND_USER_DEFINE);
    command.user_define.has_row = true;
    command.user_define.row =
        (struct user_row){ .user = SECOND_SUPERVISOR, .roles = 1U << ROLE_SUPERVISOR };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static uint64_t write_notice(struct world *w, uint32_t rate, const char *reason)
{
    struct command command = from_user(3001, COMMAND_NOTICE_CREATE);
    command.notice_create.rate = rate;
    (void)strcpy(command.notice_create.reason, reason);
    command.has_personal = true; /* its words */
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    return w->verdict.notice;
}

static enum refusal add(struct world *w, uint64_t notice, uint32_t count)
{
    struct command command = from_user(3001, COMMAND_NOTICE_ADD);
    command.notice_add.notice = notice;
    command.notice_add.count = count;
    command.has_personal = count > 0;
    return world_send(w, command);
}

static enum refusal say(struct world *w, uint32_t user, enum command_kind kind, uint64_t notice)
{
    struct command command = from_user(user, kind);
    command.notice_start.notice = notice; /* the same place in all of them */
    return world_send(w, command);
}

static uint32_t ordered(const struct world *w)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < w->history_count; i++)
        if (w->history[i].kind == EVENT_NOTICE_STEPPED)
            count += w->history[i].notice_stepped.count;
    return count;
}

static void a_night_with_too_many_results_loses_none(void **state)
{
    struct world *w = *state;
    struct core_limits few = w->limits;
    few.texts = 8;
    world_restart(w, &few);
    world_wait(w, 14 * HOUR); /* 23:00 */
    uint64_t incident = 0;
    for (int i = 0; i < 10; i++) {
        incident = replied_incident(w);
        assert_int_equal(report_text(w, last_text(w, TEMPLATE_RECEIVED), TEXT_STATE_DELIVERED),
                         REFUSAL_NONE);
        world_wait(w, MINUTE);
    }
    /* A place stays free for what goes out now, another one has the receipt that went out before. */
    assert_int_equal(count_events(w, EVENT_TEXT_HELD), 6);
    world_wait(w, 9 * HOUR);
    assert_int_equal(texts_of(w, TEMPLATE_RESULT), 6);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REPLIED); /* its clock runs */
    assert_int_equal(tell(w, incident, TELL_MEANS_PHONE, EXCUSE_REASON_NONE), REFUSAL_NONE);
}

static void a_notice_needs_a_second_person(void **state)
{
    struct world *w = *state;
    two_supervisors(w);
    struct command wordless = from_user(3001, COMMAND_NOTICE_CREATE);
    assert_int_equal(world_send(w, wordless), REFUSAL_INCOMPLETE);
    uint64_t notice = write_notice(w, 10, "");
    assert_int_equal(say(w, SECOND_SUPERVISOR, COMMAND_NOTICE_START, notice),
                     REFUSAL_NO_RECIPIENTS);
    assert_int_equal(add(w, notice, 0), REFUSAL_NO_RECIPIENTS);
    assert_int_equal(add(w, notice + 1, 3), REFUSAL_NO_SUCH_NOTICE);
    assert_int_equal(add(w, notice, 2), REFUSAL_NONE);
    assert_int_equal(add(w, notice, 1), REFUSAL_NONE);
    assert_int_equal(say(w, 3001, COMMAND_NOTICE_START, notice), REFUSAL_SAME_PERSON);
    assert_int_equal(say(w, 1001, COMMAND_NOTICE_START, notice), REFUSAL_NOT_ALLOWED);
    world_skip(w);
    assert_int_equal(say(w, SECOND_SUPERVISOR, COMMAND_NOTICE_START, notice), REFUSAL_NONE);
    assert_int_equal(add(w, notice, 1), REFUSAL_WRONG_STATE);
    world_wait(w, MINUTE);
    world_expect(w, "[0.0] notice_moved from=drafted to=running total=3\n"
                    "[0.0] notice_stepped count=1 gateway=3\n"
                    "[0.1] notice_stepped count=1 offset=1\n"
                    "[0.2] notice_stepped count=1\n"
                    "[0.2] notice_moved from=running to=done\n");
}

static void a_notice_keeps_its_pace_and_stops_when_told(void **state)
{
    struct world *w = *state;
    two_supervisors(w);
    uint64_t notice = write_notice(w, 20, "");
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(add(w, notice, 200), REFUSAL_NONE);
    assert_int_equal(say(w, SECOND_SUPERVISOR, COMMAND_NOTICE_START, notice), REFUSAL_NONE);
    world_wait(w, 10 * SECOND - 1);
    assert_int_equal(ordered(w), 200);
    assert_int_equal(say(w, 3001, COMMAND_NOTICE_PAUSE, notice), REFUSAL_NONE);
    assert_int_equal(say(w, 3001, COMMAND_NOTICE_PAUSE, notice), REFUSAL_WRONG_STATE);
    world_wait(w, MINUTE);
    assert_int_equal(ordered(w), 200);
    assert_int_equal(say(w, 3001, COMMAND_NOTICE_GO_ON, notice), REFUSAL_NONE);
    world_wait(w, 10 * SECOND - 1);
    assert_int_equal(ordered(w), 400);
    assert_int_equal(say(w, 3001, COMMAND_NOTICE_STOP, notice), REFUSAL_NONE);
    world_wait(w, HOUR);
    assert_int_equal(ordered(w), 400);
    assert_int_equal(say(w, 3001, COMMAND_NOTICE_GO_ON, notice), REFUSAL_WRONG_STATE);
}

static void a_notice_waits_for_the_message_gateway(void **state)
{
    struct world *w = *state;
    two_supervisors(w);
    assert_int_equal(set_parameter(w, PARAMETER_NOTICE_RATE, 5000), REFUSAL_NONE);
    uint64_t notice = write_notice(w, 5000, "");
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(add(w, notice, 200), REFUSAL_NONE);
    assert_int_equal(say(w, SECOND_SUPERVISOR, COMMAND_NOTICE_START, notice), REFUSAL_NONE);
    uint64_t first = last_event(w, EVENT_NOTICE_MOVED)->notice_moved.text;
    world_wait(w, MINUTE);
    uint32_t ahead = ordered(w);
    assert_in_range(ahead, 1024, 1024 + 32);
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(report_by(w, 3, first + i, TEXT_STATE_SENT), REFUSAL_NONE);
    world_wait(w, MINUTE);
    assert_in_range(ordered(w), ahead + 64, ahead + 132);
    fall(w, 3, 1);
    ahead = ordered(w);
    world_wait(w, MINUTE);
    assert_int_equal(ordered(w), ahead);
    second_gateway(w); /* it goes on there; what lies at the other one is the other one's */
    world_wait(w, MINUTE);
    assert_int_equal(ordered(w), 2000);
    assert_int_equal(last_event(w, EVENT_NOTICE_MOVED)->notice_moved.to, NOTICE_STATE_DONE);
    assert_int_equal(report_by(w, OTHER, first + 1999, TEXT_STATE_SENT), REFUSAL_NONE);
    assert_int_equal(report_by(w, OTHER, first + 1999, TEXT_STATE_DELIVERED), REFUSAL_NONE);
    assert_int_equal(report_by(w, OTHER, first + 2000, TEXT_STATE_SENT), REFUSAL_NO_SUCH_TEXT);
}

static enum refusal correct(struct world *w, uint32_t user, uint64_t notice, const char *reason)
{
    struct command command = from_user(user, COMMAND_NOTICE_CORRECT);
    command.notice_correct.notice = notice;
    (void)strcpy(command.notice_correct.reason, reason);
    command.has_personal = true; /* other words */
    return world_send(w, command);
}

static void told(struct world *w, uint64_t text, uint32_t edition)
{
    struct command command = from_gateway(3, COMMAND_TEXT_REPORT);
    command.text_report.text = text;
    command.text_report.state = TEXT_STATE_DELIVERED;
    command.text_report.edition = edition;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

/* The dam did not break: ten were told so; seven of ten had been told by then, or perhaps. */
static void a_notice_is_corrected(void **state)
{
    struct world *w = *state;
    two_supervisors(w);
    uint64_t notice = write_notice(w, 100, "");
    assert_int_equal(add(w, notice, 6), REFUSAL_NONE);
    assert_int_equal(add(w, notice, 4), REFUSAL_NONE);
    assert_int_equal(correct(w, SECOND_SUPERVISOR, notice, ""),
                     REFUSAL_NONE); /* now it is theirs */
    assert_int_equal(say(w, SECOND_SUPERVISOR, COMMAND_NOTICE_START, notice), REFUSAL_SAME_PERSON);
    assert_int_equal(say(w, 3001, COMMAND_NOTICE_START, notice), REFUSAL_NONE);
    uint64_t first = last_event(w, EVENT_NOTICE_MOVED)->notice_moved.text;
    world_wait(w, MINUTE);
    assert_int_equal(say(w, 3001, COMMAND_NOTICE_AGAIN, notice), REFUSAL_WRONG_STATE);
    told(w, first, 1);
    assert_int_equal(last_event(w, EVENT_NOTICE_REPORTED)->notice_reported.has, NOTICE_HAS_LAST);
    told(w, first + 9, 1);

    world_skip(w);
    assert_int_equal(correct(w, 3001, notice, ""), REFUSAL_REASON_MISSING);
    assert_int_equal(correct(w, 3001, notice, "it held"), REFUSAL_NONE);
    assert_int_equal(say(w, 3001, COMMAND_NOTICE_GO_ON, notice), REFUSAL_SAME_PERSON);
    assert_int_equal(say(w, SECOND_SUPERVISOR, COMMAND_NOTICE_GO_ON, notice), REFUSAL_NONE);
    world_expect(w, "[60.0] notice_corrected edition=2 reason=\"it held\"\n"
                    "[60.0] notice_moved from=done to=paused\n"
                    "[60.0] notice_replaced edition=2\n"
                    "[60.0] notice_moved from=paused to=done\n");
    told(w, first + 1, 2);
    told(w, first + 2, 1); /* it came through before the centre was asked */
    told(w, first + 3, 0); /* and of this one nobody knows */
    assert_int_equal(last_event(w, EVENT_NOTICE_REPORTED)->notice_reported.has, NOTICE_HAS_EITHER);

    world_skip(w);
    assert_int_equal(say(w, 3001, COMMAND_NOTICE_AGAIN, notice), REFUSAL_NONE);
    uint64_t again = last_event(w, EVENT_NOTICE_MOVED)->notice_moved.text;
    world_wait(w, MINUTE);
    world_expect(w, "[60.0] notice_moved from=done to=running total=10 again=yes\n"
                    "[60.0] notice_stepped count=1 gateway=3 edition=2\n"
                    "[60.0] notice_stepped count=2 gateway=3 offset=2 edition=2\n"
                    "[60.0] notice_stepped count=1 gateway=3 offset=3 edition=2\n"
                    "[60.0] notice_moved from=running to=done\n");
    told(w, again + 2, 2);
    assert_int_equal(last_event(w, EVENT_NOTICE_REPORTED)->notice_reported.had, NOTICE_HAS_OTHER);
    assert_int_equal(last_event(w, EVENT_NOTICE_REPORTED)->notice_reported.has, NOTICE_HAS_LAST);
    assert_int_equal(say(w, 3001, COMMAND_NOTICE_AGAIN, notice), REFUSAL_WRONG_STATE); /* once */
}

/* A receipt's text here, another there: whichever has less would be asked first. */
static void a_notice_stays_with_its_gateway(void **state)
{
    struct world *w = *state;
    two_supervisors(w);
    second_gateway(w);
    assert_int_equal(set_parameter(w, PARAMETER_NOTICE_RATE, 5000), REFUSAL_NONE);
    uint64_t notice = write_notice(w, 5000, "");
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(add(w, notice, 200), REFUSAL_NONE);
    assert_int_equal(say(w, SECOND_SUPERVISOR, COMMAND_NOTICE_START, notice), REFUSAL_NONE);
    for (int i = 0; i < 10; i++) {
        (void)replied_incident(w); /* texts are ordered, and lie with either gateway */
        world_wait(w, SECOND);
    }
    assert_in_range(ordered(w), 1024, 1024 + 32);
}

static void a_notice_sleeps_at_night_unless_it_says_why_not(void **state)
{
    struct world *w = *state;
    two_supervisors(w);
    world_wait(w, 13 * HOUR - 2 * SECOND); /* two seconds to 22:00 */
    uint64_t notice = write_notice(w, 10, "");
    assert_int_equal(add(w, notice, 100), REFUSAL_NONE);
    assert_int_equal(say(w, SECOND_SUPERVISOR, COMMAND_NOTICE_START, notice), REFUSAL_NONE);
    world_wait(w, HOUR);
    assert_int_equal(ordered(w), 20);
    uint64_t urgent = write_notice(w, 10, "dam breaks");
    assert_int_equal(add(w, urgent, 100), REFUSAL_NONE);
    assert_int_equal(say(w, SECOND_SUPERVISOR, COMMAND_NOTICE_START, urgent), REFUSAL_NONE);
    world_wait(w, MINUTE);
    assert_int_equal(ordered(w), 120);
    world_wait(w, 9 * HOUR);
    assert_int_equal(ordered(w), 200);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest stories[] = {
        STORY(a_result_of_the_night_is_told_in_the_morning),
        STORY(a_gateway_without_a_way_out_gives_its_texts_to_the_twin),
        STORY(what_no_centre_of_a_gateway_takes_is_the_twins),
        STORY(what_was_told_by_telephone_is_taken_back),
        STORY(what_could_not_be_written_is_said_by_telephone),
        STORY(what_the_night_overtook_is_not_said),
        STORY(quiet_hours_are_the_citys_own),
        STORY(whoever_texts_for_help_is_answered_at_night),
        STORY(who_must_not_be_texted_is_called),
        STORY(a_number_that_said_no_gets_results_and_no_surveys),
        STORY(a_result_goes_out_once_unless_it_failed),
        STORY(the_twin_sends_what_a_dead_gateway_did_not),
        STORY(a_gateway_that_never_came_keeps_no_text),
        STORY(who_was_there_before_is_waited_for_first),
        STORY(what_may_have_gone_out_waits_for_the_gateways_return),
        STORY(what_may_have_gone_out_is_sent_again_in_the_end),
        STORY(a_cry_for_help_is_answered_by_the_twin_at_once),
        STORY(a_night_with_too_many_results_loses_none),
        STORY(a_notice_needs_a_second_person),
        STORY(a_notice_keeps_its_pace_and_stops_when_told),
        STORY(a_notice_waits_for_the_message_gateway),
        STORY(a_notice_is_corrected),
        STORY(a_notice_stays_with_its_gateway),
        STORY(a_notice_sleeps_at_night_unless_it_says_why_not),
    };
    return cmocka_run_group_tests(stories, NULL, NULL);
}
