/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of incidents: from the citizen's word to the citizen's verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/story/world.h"

static void a_request_goes_the_whole_way(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    world_skip(w);
    uint64_t incident = register_incident(w, 1001, contact, 20100);
    assert_true(w->verdict.number == 20260302000001);
    assert_int_equal(dispatch(w, incident, 2, 3), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_registered taker=1001 line=12345 number=20260302000001 "
                    "category=20100 sla=g priority=p3 caller=501\n"
                    "[0.0] contact_attached first=yes\n"
                    "[0.0] clock_started clock=dispatch\n"
                    "[0.0] text_ordered template=received\n"
                    "[0.0] incident_moved step=dispatch from=registered to=dispatched round=1\n"
                    "[0.0] task_opened department=2 kind=lead round=1\n"
                    "[0.0] task_opened department=3 kind=assist round=1\n");
    assert_int_equal(sign(w, task_at(w, incident, 2)), REFUSAL_NONE);
    assert_int_equal(sign(w, task_at(w, incident, 3)), REFUSAL_NONE);
    assert_int_equal(reply(w, task_at(w, incident, 2)), REFUSAL_ASSIST_OPEN);
    assert_int_equal(reply(w, task_at(w, incident, 3)), REFUSAL_NONE);
    assert_int_equal(reply(w, task_at(w, incident, 2)), REFUSAL_NONE);
    world_expect(w, "[0.0] task_moved department=2 step=sign from=sent to=signed\n"
                    "[0.0] incident_moved step=sign to=handling\n"
                    "[0.0] task_moved department=3 step=sign\n"
                    "[0.0] task_moved department=3 step=reply to=replied kind=assist solved=yes\n"
                    "[0.0] task_moved department=2 step=reply to=replied kind=lead\n"
                    "[0.0] incident_moved step=reply from=handling to=replied\n"
                    "[0.0] clock_started clock=tell\n"
                    "[0.0] text_ordered template=result\n");
    uint64_t result = last_text(w, TEMPLATE_RESULT);
    assert_int_equal(report_text(w, result, TEXT_STATE_SENT), REFUSAL_NONE);
    assert_int_equal(report_text(w, result, TEXT_STATE_DELIVERED), REFUSAL_NONE);
    assert_int_equal(report_text(w, result, TEXT_STATE_DELIVERED), REFUSAL_NO_SUCH_TEXT);
    world_expect(w, "[0.0] text_reported state=sent\n"
                    "[0.0] citizen_told means=sms\n"
                    "[0.0] incident_moved step=tell to=told\n"
                    "[0.0] text_ordered template=survey\n"
                    "[0.0] clock_started clock=survey\n"
                    "[0.0] text_reported state=delivered\n");
    assert_true(rating_in(w, LI, DEGREE_YES, DEGREE_YES, DEGREE_MOSTLY) > 0);
    world_expect(w, "[0.0] contact_arrived channel=sms\n"
                    "[0.0] contact_ended cause=answered_by_rule\n"
                    "[0.0] survey_answered contacted=yes solved=yes satisfied=mostly channel=sms "
                    "round=1\n"
                    "[0.0] incident_moved step=satisfied from=told to=closed\n");
}

static void an_unsolved_request_goes_round_again(void **state)
{
    struct world *w = *state;
    uint64_t incident = told_incident(w);
    world_skip(w);
    (void)rating_in(w, LI, DEGREE_YES, DEGREE_NO, DEGREE_NO);
    world_expect(w, "[0.0] contact_arrived\n"
                    "[0.0] contact_ended cause=answered_by_rule\n"
                    "[0.0] survey_answered solved=no\n"
                    "[0.0] incident_moved step=unsatisfied from=told to=redo round=2\n"
                    "[0.0] clock_started clock=dispatch\n"
                    "[0.0] text_ordered template=redo\n");
    assert_int_equal(dispatch(w, incident, 2, 0), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_moved step=redispatch from=redo to=dispatched round=2\n"
                    "[0.0] task_opened department=2 kind=lead round=2\n"
                    "[0.0] ladder_climbed level=supervise_1 cause=round\n"
                    "[0.0] incident_supervised to=1\n");
    (void)sign(w, task_at(w, incident, 2));
    (void)reply(w, task_at(w, incident, 2));
    (void)report_text(w, last_text(w, TEMPLATE_RESULT), TEXT_STATE_DELIVERED);
    (void)rating_in(w, LI, DEGREE_YES, DEGREE_YES, DEGREE_YES);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_CLOSED);
}

static void a_mediocre_contact_is_not_satisfaction(void **state)
{
    struct world *w = *state;
    uint64_t incident = told_incident(w);
    (void)rating_in(w, LI, DEGREE_NO, DEGREE_YES, DEGREE_YES);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REDO);
}

static void silence_is_never_satisfaction(void **state)
{
    struct world *w = *state;
    uint64_t incident = told_incident(w);
    world_wait(w, HOUR);
    world_skip(w);
    world_wait(w, 72 * HOUR);
    world_expect(w, "[259200.0] incident_moved step=no_answer from=told to=revisit\n"
                    "[259200.0] revisit_opened due=345600.0\n");
    for (uint32_t i = 0; i < 3; i++) /* one morning: that says little */
        assert_int_equal(revisit(w, incident, false, DEGREE_NONE), REFUSAL_NONE);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REVISIT);
    world_skip(w);
    world_wait(w, 32 * HOUR); /* the next day, in the evening */
    assert_int_equal(revisit(w, incident, false, DEGREE_NONE), REFUSAL_NONE);
    world_expect(w, "[349200.0] clock_overdue clock=revisit\n"
                    "[378000.0] revisit_tried tries=4 days=2 parts=5\n"
                    "[378000.0] incident_moved step=unreachable from=revisit to=closed\n"
                    "[378000.0] text_ordered template=not_rated\n");
}

/* Somebody who has time in the mornings alone gives up in the end, too. */
static void who_is_always_tried_at_one_hour_is_given_up_after_twice_as_many(void **state)
{
    struct world *w = *state;
    uint64_t incident = told_incident(w);
    world_wait(w, 73 * HOUR);
    for (uint32_t tries = 1; tries <= 6; tries++) {
        assert_int_equal(state_of(w, incident), INCIDENT_STATE_REVISIT);
        assert_int_equal(revisit(w, incident, false, DEGREE_NONE), REFUSAL_NONE);
        world_wait(w, DAY);
    }
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_CLOSED);
}

static void a_late_rating_still_counts_during_the_revisit(void **state)
{
    struct world *w = *state;
    uint64_t incident = told_incident(w);
    world_wait(w, 73 * HOUR);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REVISIT);
    (void)rating_in(w, LI, DEGREE_YES, DEGREE_YES, DEGREE_YES);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_CLOSED);
}

static void a_revisit_that_reaches_the_citizen_decides(void **state)
{
    struct world *w = *state;
    uint64_t incident = told_incident(w);
    assert_int_equal(revisit(w, incident, true, DEGREE_YES), REFUSAL_WRONG_STATE);
    world_wait(w, 73 * HOUR);
    world_skip(w);
    assert_int_equal(revisit(w, incident, true, DEGREE_NONE), REFUSAL_MALFORMED);
    assert_int_equal(revisit(w, incident, true, DEGREE_NO), REFUSAL_NONE);
    world_expect(w, "[262800.0] revisit_tried reached=yes tries=1\n"
                    "[262800.0] survey_answered channel=voice solved=no\n"
                    "[262800.0] text_excused template=survey excuse=overtaken\n"
                    "[262800.0] incident_moved step=unsatisfied from=revisit to=redo round=2\n"
                    "[262800.0] clock_started clock=dispatch\n"
                    "[262800.0] text_ordered template=redo\n");
}

static void an_unmade_revisit_is_overdue_once(void **state)
{
    struct world *w = *state;
    (void)told_incident(w);
    world_wait(w, 73 * HOUR);
    world_skip(w);
    world_wait(w, 10 * DAY);
    world_expect(w, "[345600.0] clock_overdue clock=revisit due=345600.0\n");
}

static void a_failed_result_text_makes_telling_due_now(void **state)
{
    struct world *w = *state;
    uint64_t incident = replied_incident(w);
    world_skip(w);
    (void)report_text(w, last_text(w, TEMPLATE_RESULT), TEXT_STATE_FAILED);
    world_expect(w, "[0.0] text_reported state=failed\n"
                    "[0.0] clock_started clock=tell due=0.0\n"
                    "[0.0] clock_overdue clock=tell\n");
    assert_int_equal(tell(w, incident, TELL_MEANS_PHONE, EXCUSE_REASON_NONE), REFUSAL_NONE);
    world_expect(w, "[0.0] citizen_told means=phone\n"
                    "[0.0] incident_moved step=tell to=told\n"
                    "[0.0] text_ordered template=survey\n"
                    "[0.0] clock_started clock=survey\n");
}

static void a_result_that_was_taken_but_never_delivered_is_asked_about(void **state)
{
    struct world *w = *state;
    (void)told_incident(w);
    world_skip(w);
    (void)report_text(w, last_text(w, TEMPLATE_RESULT), TEXT_STATE_FAILED);
    world_expect(w, "[0.0] text_reported state=failed\n"
                    "[0.0] incident_moved step=no_answer from=told to=revisit\n"
                    "[0.0] revisit_opened\n");
}

static void a_survey_text_that_fails_is_asked_in_person(void **state)
{
    struct world *w = *state;
    uint64_t incident = told_incident(w);
    (void)report_text(w, last_text(w, TEMPLATE_SURVEY), TEXT_STATE_FAILED);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REVISIT);
}

static void nobody_to_tell_closes_with_the_reason(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, 0);
    uint64_t incident = register_incident(w, 1001, contact, 20100);
    (void)dispatch(w, incident, 2, 0);
    (void)sign(w, task_at(w, incident, 2));
    world_skip(w);
    (void)reply(w, task_at(w, incident, 2)); /* no number, hence no text */
    world_expect(w, "[0.0] task_moved step=reply\n"
                    "[0.0] incident_moved step=reply\n"
                    "[0.0] clock_started clock=tell\n");
    assert_int_equal(tell(w, incident, TELL_MEANS_NONE, EXCUSE_REASON_NONE), REFUSAL_MALFORMED);
    assert_int_equal(tell(w, incident, TELL_MEANS_SMS, EXCUSE_REASON_NONE), REFUSAL_NOT_ALLOWED);
    assert_int_equal(tell(w, incident, TELL_MEANS_EXCUSED, EXCUSE_REASON_NONE),
                     REFUSAL_REASON_MISSING);
    assert_int_equal(tell(w, incident, TELL_MEANS_EXCUSED, EXCUSE_REASON_ANONYMOUS), REFUSAL_NONE);
    world_expect(w, "[0.0] citizen_told means=excused excuse=anonymous\n"
                    "[0.0] incident_moved step=tell to=told\n"
                    "[0.0] incident_moved step=unreachable from=told to=closed\n");
}

static void an_unreachable_citizen_is_visited(void **state)
{
    struct world *w = *state;
    uint64_t incident = replied_incident(w);
    (void)tell(w, incident, TELL_MEANS_EXCUSED, EXCUSE_REASON_UNREACHABLE);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REVISIT);
}

static void no_text_goes_to_whom_it_could_endanger(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    struct command command = from_user(1001, COMMAND_INCIDENT_REGISTER);
    command.incident_register.contact = contact;
    command.incident_register.category = 20100;
    for (int i = 0; i < 3; i++) {
        command.incident_register.text_unsafe = i == 0;
        command.incident_register.anonymous = i == 1;
        command.incident_register.secrecy = i == 2 ? SECRECY_IDENTITY_HIDDEN : SECRECY_OPEN;
        world_skip(w);
        assert_int_equal(world_send(w, command), REFUSAL_NONE);
        world_expect(w, "[0.0] incident_registered\n"
                        "[0.0] contact_attached\n"
                        "[0.0] clock_started clock=dispatch\n"
                        "[0.0] text_excused template=received\n");
        enum text_excuse excuses[] = { TEXT_EXCUSE_UNSAFE, TEXT_EXCUSE_ANONYMOUS,
                                       TEXT_EXCUSE_SECRET };
        assert_int_equal(last_event(w, EVENT_TEXT_EXCUSED)->text_excused.excuse, excuses[i]);
    }
    uint64_t incident = w->verdict.incident;
    (void)dispatch(w, incident, 2, 0);
    (void)sign(w, task_at(w, incident, 2));
    (void)reply(w, task_at(w, incident, 2));
    (void)tell(w, incident, TELL_MEANS_PHONE, EXCUSE_REASON_NONE);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REVISIT);
    assert_true(last_text(w, TEMPLATE_RECEIVED) == 0 && last_text(w, TEMPLATE_RESULT) == 0 &&
                last_text(w, TEMPLATE_SURVEY) == 0);
}

static void a_send_back_brings_the_incident_home(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 12345, LI), 20100);
    (void)dispatch(w, incident, 2, 3);
    (void)sign(w, task_at(w, incident, 3));
    uint64_t lead = task_at(w, incident, 2);
    world_skip(w);
    assert_int_equal(send_back(w, lead, RETURN_REASON_NONE), REFUSAL_REASON_MISSING);
    assert_int_equal(send_back(w, lead, RETURN_REASON_DUTY), REFUSAL_NONE);
    assert_int_equal(reply(w, lead), REFUSAL_WRONG_STATE);
    assert_int_equal(rule(w, lead, true), REFUSAL_NONE);
    world_expect(w, "[0.0] task_moved department=2 step=send_back to=return_asked reason=duty\n"
                    "[0.0] clock_started department=2 clock=rule_return\n"
                    "[0.0] task_moved department=2 step=return_accept to=returned\n"
                    "[0.0] task_moved department=3 step=recall from=signed to=recalled\n"
                    "[0.0] incident_moved step=return from=dispatched to=registered\n"
                    "[0.0] clock_started clock=dispatch\n");
    assert_int_equal(dispatch(w, incident, 4, 3), REFUSAL_NONE);
}

static void a_refused_send_back_binds_the_department(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 12345, LI), 20100);
    (void)dispatch(w, incident, 2, 0);
    uint64_t lead = task_at(w, incident, 2);
    assert_int_equal(rule(w, lead, false), REFUSAL_WRONG_STATE);
    (void)send_back(w, lead, RETURN_REASON_TERRITORY);
    world_skip(w);
    assert_int_equal(rule(w, lead, false), REFUSAL_NONE);
    world_expect(w, "[0.0] task_moved step=return_refuse from=return_asked to=signed\n"
                    "[0.0] incident_moved step=sign to=handling\n");
    assert_int_equal(send_back(w, lead, RETURN_REASON_TERRITORY), REFUSAL_NOT_RETURNABLE);
}

static void an_incident_flies_around_twice_at_most(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 12345, LI), 20100);
    for (uint32_t department = 2; department <= 3; department++) {
        (void)dispatch(w, incident, department, 0);
        assert_int_equal(send_back(w, task_at(w, incident, department), RETURN_REASON_DUTY),
                         REFUSAL_NONE);
        (void)rule(w, task_at(w, incident, department), true);
    }
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_DISPUTE);
    assert_int_equal(dispatch(w, incident, 4, 0), REFUSAL_WRONG_STATE);
}

static void police_fire_and_ambulance_do_not_send_back(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 110, LI), 10100);
    (void)dispatch(w, incident, 1, 0);
    assert_int_equal(send_back(w, task_at(w, incident, 1), RETURN_REASON_TERRITORY),
                     REFUSAL_NOT_RETURNABLE);
}

static void a_returned_assist_does_not_hold_up_a_lead_that_replied(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 12345, LI), 20100);
    (void)dispatch(w, incident, 2, 3);
    uint64_t lead = task_at(w, incident, 2);
    uint64_t assist = task_at(w, incident, 3);
    (void)sign(w, lead);
    (void)sign(w, assist);
    (void)reply(w, assist);
    (void)reply(w, lead);
    struct command command = from_user(3001, COMMAND_TASK_REJECT_REPLY);
    command.task_reject_reply.task = assist;
    world_skip(w);
    assert_int_equal(world_send(w, command), REFUSAL_REASON_MISSING);
    command.task_reject_reply.defect = DEFECT_NO_EVIDENCE;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_expect(w, "[0.0] task_moved department=3 step=reject_reply from=replied to=signed\n"
                    "[0.0] incident_moved step=reject_reply from=replied to=handling\n");
    (void)send_back(w, assist, RETURN_REASON_DUTY);
    (void)rule(w, assist, true);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REPLIED);
}

/* The assisting department found out better: the citizen is not told that it is solved. */
static void an_assist_that_says_no_at_last_makes_the_lead_speak_again(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 12345, LI), 20100);
    (void)dispatch(w, incident, 2, 3);
    uint64_t lead = task_at(w, incident, 2);
    uint64_t assist = task_at(w, incident, 3);
    (void)sign(w, lead);
    (void)sign(w, assist);
    (void)reply(w, assist);
    (void)reply(w, lead);
    struct command command = from_user(3001, COMMAND_TASK_REJECT_REPLY);
    command.task_reject_reply.task = assist;
    command.task_reject_reply.defect = DEFECT_NO_EVIDENCE;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    command = from_user(2003, COMMAND_TASK_REPLY);
    command.task_reply.task = assist;
    command.task_reply.solved = DEGREE_NO;
    world_skip(w);
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_expect(w, "[0.0] task_moved department=3 step=reply from=signed to=replied solved=no\n"
                    "[0.0] task_moved department=2 step=reject_reply from=replied to=signed\n");
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_HANDLING);
    assert_int_equal(reply(w, lead), REFUSAL_ASSIST_UNSOLVED);
}

static void a_rejected_result_tells_nobody(void **state)
{
    struct world *w = *state;
    uint64_t incident = replied_incident(w);
    uint64_t result = last_text(w, TEMPLATE_RESULT);
    struct command command = from_user(3001, COMMAND_TASK_REJECT_REPLY);
    command.task_reject_reply.task = task_at(w, incident, 2);
    command.has_personal = true; /* in words */
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    (void)report_text(w, result, TEXT_STATE_SENT);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_HANDLING);
    (void)reply(w, task_at(w, incident, 2));
    (void)report_text(w, result, TEXT_STATE_DELIVERED); /* still the old text */
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REPLIED);
    (void)report_text(w, last_text(w, TEMPLATE_RESULT), TEXT_STATE_DELIVERED);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_TOLD);
}

static void more_departments_join_while_it_is_handled(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 110, LI), 10100);
    (void)dispatch(w, incident, 1, 0);
    (void)sign(w, task_at(w, incident, 1));
    world_skip(w);
    assert_int_equal(dispatch(w, incident, 0, 2), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_moved step=reinforce from=handling to=handling\n"
                    "[0.0] task_opened department=2 kind=assist\n");
    assert_int_equal(dispatch(w, incident, 0, 2), REFUSAL_ALREADY);
    assert_int_equal(dispatch(w, incident, 1, 1), REFUSAL_LEAD_ASSISTS);
    assert_int_equal(dispatch(w, incident, 2, 3), REFUSAL_WRONG_STATE);
}

static void a_dispatch_needs_one_lead_and_known_departments(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 12345, LI), 20100);
    assert_int_equal(dispatch(w, incident, 0, 3), REFUSAL_LEAD_MISSING);
    assert_int_equal(dispatch(w, incident, 9, 0), REFUSAL_NO_SUCH_DEPARTMENT);
    assert_int_equal(dispatch(w, incident, 2, 9), REFUSAL_NO_SUCH_DEPARTMENT);
    assert_int_equal(dispatch(w, incident, 2, 2), REFUSAL_LEAD_ASSISTS);
    assert_int_equal(dispatch(w, incident + 1000, 2, 0), REFUSAL_NO_SUCH_INCIDENT);
    struct command command = from_user(1001, COMMAND_INCIDENT_DISPATCH);
    command.incident_dispatch.incident = incident;
    command.incident_dispatch.lead = 2;
    command.incident_dispatch.assists_count = 2;
    command.incident_dispatch.assists[0] = command.incident_dispatch.assists[1] = 3;
    assert_int_equal(world_send(w, command), REFUSAL_MALFORMED);
}

static void an_emergency_runs_from_alarm_to_arrival(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    world_skip(w);
    uint64_t incident = register_incident(w, 1001, contact, 10100);
    world_expect(w, "[0.0] incident_registered emergency=yes priority=p0 sla=e0\n"
                    "[0.0] contact_attached\n"
                    "[0.0] clock_started clock=dispatch due=45.0\n");
    (void)dispatch(w, incident, 1, 0);
    uint64_t task = task_at(w, incident, 1);
    world_expect(w, "[0.0] incident_moved step=dispatch\n"
                    "[0.0] task_opened department=1 sign_due=30.0 reply_due=1800.0\n");
    struct command command = from_user(2001, COMMAND_TASK_PROGRESS);
    command.task_progress.task = task;
    command.task_progress.step = TASK_STEP_ROLL;
    assert_int_equal(world_send(w, command), REFUSAL_WRONG_STATE); /* sign first */
    (void)sign(w, task);
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    command.task_progress.step = TASK_STEP_REPLY;
    assert_int_equal(world_send(w, command), REFUSAL_MALFORMED);
    command.task_progress.step = TASK_STEP_ARRIVE;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_expect(w, "[0.0] task_moved step=sign\n"
                    "[0.0] incident_moved step=sign\n"
                    "[0.0] task_moved step=roll from=signed to=rolling\n"
                    "[0.0] task_moved step=arrive from=rolling to=arrived\n"
                    "[0.0] incident_moved step=arrive from=handling to=on_scene\n");
    assert_int_equal(reply(w, task), REFUSAL_NONE);
}

static void every_missed_clock_is_reported_once(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 110, LI);
    uint64_t incident = register_incident(w, 1001, contact, 10100);
    (void)hang_up(w, contact, END_CAUSE_CALLER);
    world_skip(w);
    world_wait(w, MINUTE);
    world_expect(w, "[30.0] wrap_up_ended\n"
                    "[45.0] clock_overdue clock=dispatch due=45.0\n");
    (void)dispatch(w, incident, 1, 0);
    world_skip(w);
    world_wait(w, 2 * DAY);
    world_expect(w, "[90.0] clock_overdue department=1 clock=sign due=90.0\n"
                    "[90.0] ladder_climbed level=alarm\n"
                    "[120.0] ladder_climbed level=next_unit\n"
                    "[180.0] ladder_climbed level=commander\n"
                    "[1860.0] clock_overdue department=1 clock=reply\n"
                    "[1860.0] ladder_climbed level=red demand=late_reason due=16260.0\n"
                    "[16260.0] clock_overdue clock=demand\n");
    uint64_t task = task_at(w, incident, 1);
    (void)sign(w, task);
    assert_int_equal(say_why(w, task, LATE_REASON_OTHER_CALL), REFUSAL_NONE);
    (void)reply(w, task);
    world_skip(w);
    world_wait(w, 30 * DAY);
    world_expect(w, "[187260.0] clock_overdue clock=tell\n");
}

static void who_is_late_for_an_emergency_says_why_before_replying(void **state)
{
    struct world *w = *state;
    struct command limit = from_system(COMMAND_LIMIT_DEFINE);
    limit.limit_define.has_row = limit.limit_define.row.has_arrive = true;
    limit.limit_define.row.sla = SLA_CLASS_E0;
    limit.limit_define.row.sign_ms = 30 * SECOND;
    limit.limit_define.row.reply_ms = 30 * MINUTE;
    limit.limit_define.row.arrive = (struct span){ 5 * MINUTE, MEASURE_WALL };
    assert_int_equal(world_send(w, limit), REFUSAL_NONE);
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 110, LI), 10100);
    (void)dispatch(w, incident, 1, 2);
    uint64_t lead = task_at(w, incident, 1), assist = task_at(w, incident, 2);
    struct command add = from_user(1001, COMMAND_TASK_ADD);
    add.task_add.incident = incident;
    add.task_add.department = 3;
    add.task_add.kind = TASK_KIND_INFORM;
    assert_int_equal(world_send(w, add), REFUSAL_NONE);
    assert_int_equal(sign(w, assist), REFUSAL_NONE);
    assert_int_equal(say_why(w, assist, LATE_REASON_TRAFFIC), REFUSAL_ALREADY);
    world_skip(w);
    world_wait(w, 31 * SECOND); /* who is only informed owes no reply, and no reason before it */
    world_expect(w, "[30.0] clock_overdue department=1 clock=sign owes_reason=yes\n"
                    "[30.0] ladder_climbed department=1 level=alarm\n"
                    "[30.0] clock_overdue department=3 clock=sign\n");
    assert_int_equal(say_why(w, task_at(w, incident, 3), LATE_REASON_TRAFFIC), REFUSAL_ALREADY);
    assert_int_equal(sign(w, lead), REFUSAL_NONE);
    assert_int_equal(reply(w, lead), REFUSAL_LATE_REASON_MISSING);
    assert_int_equal(say_why(w, lead, LATE_REASON_OTHER), REFUSAL_REASON_MISSING); /* in words */
    assert_int_equal(say_why(w, lead, LATE_REASON_NONE), REFUSAL_LATE_REASON_MISSING);
    world_skip(w);
    assert_int_equal(say_why(w, lead, LATE_REASON_ORDER_LATE), REFUSAL_NONE);
    world_expect(w, "[31.0] demand_answered department=1 reason=order_late\n");
    assert_int_equal(say_why(w, lead, LATE_REASON_ORDER_LATE), REFUSAL_ALREADY);
    world_wait(w, 5 * MINUTE); /* nobody is there: both are late once more */
    world_expect(w, "[300.0] clock_overdue department=1 clock=arrive owes_reason=yes\n"
                    "[300.0] clock_overdue department=2 clock=arrive owes_reason=yes\n");
    assert_int_equal(reply(w, assist), REFUSAL_LATE_REASON_MISSING);
    assert_int_equal(say_why(w, assist, LATE_REASON_TRAFFIC), REFUSAL_NONE);
    assert_int_equal(reply(w, assist), REFUSAL_NONE);
    assert_int_equal(say_why(w, lead, LATE_REASON_ACCESS), REFUSAL_NONE);
    assert_int_equal(reply(w, lead), REFUSAL_NONE);
}

static void a_send_back_nobody_rules_on_is_overdue(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    uint64_t incident = register_incident(w, 1001, contact, 20200);
    (void)hang_up(w, contact, END_CAUSE_CALLER);
    (void)dispatch(w, incident, 2, 0);
    (void)send_back(w, task_at(w, incident, 2), RETURN_REASON_DUTY);
    world_wait(w, MINUTE);
    world_skip(w);
    world_wait(w, 25 * HOUR); /* class L: rule within 2 h, reply within 24 h */
    world_expect(w, "[7200.0] clock_overdue clock=rule_return\n"
                    "[43200.0] ladder_climbed level=yellow\n"
                    "[69120.0] ladder_climbed level=orange\n"
                    "[77760.0] ladder_climbed level=urge_1\n"
                    "[86400.0] clock_overdue clock=reply\n"
                    "[86400.0] ladder_climbed level=red\n");
}

static void a_question_is_answered_on_the_spot(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 12345, LI), 20100);
    struct command command = from_user(1001, COMMAND_INCIDENT_ANSWER_DIRECTLY);
    command.incident_answer_directly.incident = incident;
    world_skip(w);
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_expect(w, "[0.0] citizen_told means=phone\n"
                    "[0.0] incident_moved step=answer_directly to=direct\n");
    assert_int_equal(world_send(w, command), REFUSAL_WRONG_STATE);
    struct command reopen = from_user(1001, COMMAND_INCIDENT_REOPEN);
    reopen.incident_reopen.incident = incident;
    assert_int_equal(world_send(w, reopen), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_moved step=reopen from=direct to=registered round=1\n"
                    "[0.0] clock_started clock=dispatch\n");
}

static enum refusal make_void(struct world *w, uint32_t user, uint64_t incident,
                              enum void_reason reason)
{
    struct command command = from_user(user, COMMAND_INCIDENT_VOID);
    command.incident_void.incident = incident;
    command.incident_void.reason = reason;
    return world_send(w, command);
}

static void a_silent_emergency_is_not_thrown_away_by_one_person(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 110, LI), 10100);
    assert_int_equal(make_void(w, 1001, incident, VOID_REASON_SILENT), REFUSAL_NOT_ALLOWED);
    assert_int_equal(make_void(w, 3001, incident, VOID_REASON_NONE), REFUSAL_REASON_MISSING);
    world_skip(w);
    assert_int_equal(make_void(w, 3001, incident, VOID_REASON_SILENT), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_moved step=void to=void reason=silent\n");
}

static void a_test_call_to_the_hotline_is_void_at_once(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 12345, LI), 20100);
    assert_int_equal(make_void(w, 1001, incident, VOID_REASON_TEST), REFUSAL_NONE);
}

static void a_closed_incident_may_be_reopened_for_a_fortnight(void **state)
{
    struct world *w = *state;
    uint64_t incident = told_incident(w);
    (void)rating_in(w, LI, DEGREE_YES, DEGREE_YES, DEGREE_YES);
    struct command reopen = from_user(1001, COMMAND_INCIDENT_REOPEN);
    reopen.incident_reopen.incident = incident;
    world_wait(w, 14 * DAY);
    world_skip(w);
    assert_int_equal(world_send(w, reopen), REFUSAL_NONE);
    world_expect(w, "[1209600.0] incident_moved step=reopen from=closed to=redo round=2\n"
                    "[1209600.0] clock_started clock=dispatch\n"
                    "[1209600.0] text_ordered template=redo\n");
    assert_int_equal(world_send(w, reopen), REFUSAL_WRONG_STATE);
}

static void after_the_window_it_stays_closed(void **state)
{
    struct world *w = *state;
    uint64_t incident = told_incident(w);
    (void)survey(w, incident, DEGREE_YES);
    world_wait(w, 15 * DAY + 1);
    struct command reopen = from_user(1001, COMMAND_INCIDENT_REOPEN);
    reopen.incident_reopen.incident = incident;
    assert_int_equal(world_send(w, reopen), REFUSAL_TOO_LATE);
}

static void the_oldest_closed_make_room_and_the_open_stay(void **state)
{
    struct world *w = *state;
    uint64_t first = told_incident(w);
    (void)survey(w, first, DEGREE_YES);
    world_wait(w, MINUTE);
    uint64_t contact = talk(w, 12345, WANG);
    uint32_t registered = 0;
    while (registered < 70 && register_incident(w, 1001, contact, 20100))
        registered++;
    assert_int_equal(registered, 64); /* the pool; the closed one left long before */
    assert_int_equal(w->verdict.refusal, REFUSAL_LIMIT);
    struct command reopen = from_user(1001, COMMAND_INCIDENT_REOPEN);
    reopen.incident_reopen.incident = first;
    assert_int_equal(world_send(w, reopen), REFUSAL_NO_SUCH_INCIDENT);
}

static void order_numbers_begin_anew_each_civil_day(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    (void)register_incident(w, 1001, contact, 20100);
    (void)register_incident(w, 1001, contact, 20100);
    assert_true(w->verdict.number == 20260302000002);
    world_wait(w, 15 * HOUR - 1); /* one millisecond before the city's midnight */
    (void)register_incident(w, 1001, contact, 20100);
    assert_true(w->verdict.number == 20260302000003);
    world_wait(w, 1);
    (void)register_incident(w, 1001, contact, 20100);
    assert_true(w->verdict.number == 20260303000001);
    (void)set_parameter(w, PARAMETER_UTC_OFFSET_MIN, 0); /* back to yesterday: no repetition */
    (void)register_incident(w, 1001, contact, 20100);
    assert_true(w->verdict.number == 20260303000002);
}

static void two_open_ratings_of_one_citizen_are_taken_newest_first(void **state)
{
    struct world *w = *state;
    uint64_t first = told_incident(w);
    world_wait(w, MINUTE);
    uint64_t second = told_incident(w);
    (void)rating_in(w, LI, DEGREE_YES, DEGREE_YES, DEGREE_YES);
    assert_int_equal(state_of(w, second), INCIDENT_STATE_CLOSED);
    assert_int_equal(state_of(w, first), INCIDENT_STATE_TOLD);
    (void)rating_in(w, LI, DEGREE_YES, DEGREE_YES, DEGREE_YES);
    assert_int_equal(state_of(w, first), INCIDENT_STATE_CLOSED);
    world_skip(w);
    (void)rating_in(w, LI, DEGREE_YES, DEGREE_YES, DEGREE_YES);
    world_expect(w, "[60.0] contact_arrived\n"); /* nothing to rate: a person reads it */
}

static void a_rating_from_another_number_is_an_ordinary_text(void **state)
{
    struct world *w = *state;
    uint64_t incident = told_incident(w);
    (void)rating_in(w, WANG, DEGREE_YES, DEGREE_YES, DEGREE_YES);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_TOLD);
}

static void a_second_caller_joins_the_incident(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 110, LI), 10100);
    on_duty(w, 1003);
    uint64_t second = talk(w, 110, WANG);
    struct command command = from_user(1003, COMMAND_INCIDENT_ATTACH);
    command.incident_attach.incident = incident;
    command.incident_attach.contact = second;
    world_skip(w);
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_expect(w, "[0.0] contact_attached line=110\n");
}

static void departments_touch_only_their_own_tasks(void **state)
{
    struct world *w = *state;
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 12345, LI), 20100);
    (void)dispatch(w, incident, 2, 0);
    struct command command = from_user(2003, COMMAND_TASK_SIGN);
    command.task_sign.task = task_at(w, incident, 2);
    assert_int_equal(world_send(w, command), REFUSAL_NOT_YOURS);
    command.actor = 1001;
    assert_int_equal(world_send(w, command), REFUSAL_NOT_ALLOWED);
    command.actor = 3001; /* a supervisor may force */
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    struct command note = from_user(2003, COMMAND_INCIDENT_NOTE);
    note.incident_note.incident = incident;
    assert_int_equal(world_send(w, note), REFUSAL_NOT_YOURS);
    note.actor = 2002;
    assert_int_equal(world_send(w, note), REFUSAL_NONE);
}

static void a_unit_belongs_to_a_department(void **state)
{
    struct world *w = *state;
    struct command command = from_system(COMMAND_UNIT_DEFINE);
    command.unit_define.has_row = true;
    command.unit_define.row = (struct unit_row){ .unit = 301, .department = 9, .kind = "engine" };
    assert_int_equal(world_send(w, command), REFUSAL_NO_SUCH_DEPARTMENT);
    command.unit_define.row.department = 3;
    world_skip(w);
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_expect(w, "[0.0] unit_defined department=3\n");
    assert_int_equal(world_send(w, command), REFUSAL_ALREADY);
    command.unit_define.row.retired = true;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    command.unit_define.row.unit = 0;
    assert_int_equal(world_send(w, command), REFUSAL_MALFORMED);
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
    const struct CMUnitTest tests[] = {
        STORY(a_request_goes_the_whole_way),
        STORY(an_unsolved_request_goes_round_again),
        STORY(a_mediocre_contact_is_not_satisfaction),
        STORY(silence_is_never_satisfaction),
        STORY(who_is_always_tried_at_one_hour_is_given_up_after_twice_as_many),
        STORY(a_late_rating_still_counts_during_the_revisit),
        STORY(a_revisit_that_reaches_the_citizen_decides),
        STORY(an_unmade_revisit_is_overdue_once),
        STORY(a_failed_result_text_makes_telling_due_now),
        STORY(a_result_that_was_taken_but_never_delivered_is_asked_about),
        STORY(a_survey_text_that_fails_is_asked_in_person),
        STORY(nobody_to_tell_closes_with_the_reason),
        STORY(an_unreachable_citizen_is_visited),
        STORY(no_text_goes_to_whom_it_could_endanger),
        STORY(a_send_back_brings_the_incident_home),
        STORY(a_refused_send_back_binds_the_department),
        STORY(an_incident_flies_around_twice_at_most),
        STORY(police_fire_and_ambulance_do_not_send_back),
        STORY(a_returned_assist_does_not_hold_up_a_lead_that_replied),
        STORY(an_assist_that_says_no_at_last_makes_the_lead_speak_again),
        STORY(a_rejected_result_tells_nobody),
        STORY(more_departments_join_while_it_is_handled),
        STORY(a_dispatch_needs_one_lead_and_known_departments),
        STORY(an_emergency_runs_from_alarm_to_arrival),
        STORY(every_missed_clock_is_reported_once),
        STORY(who_is_late_for_an_emergency_says_why_before_replying),
        STORY(a_send_back_nobody_rules_on_is_overdue),
        STORY(a_question_is_answered_on_the_spot),
        STORY(a_silent_emergency_is_not_thrown_away_by_one_person),
        STORY(a_test_call_to_the_hotline_is_void_at_once),
        STORY(a_closed_incident_may_be_reopened_for_a_fortnight),
        STORY(after_the_window_it_stays_closed),
        STORY(the_oldest_closed_make_room_and_the_open_stay),
        STORY(order_numbers_begin_anew_each_civil_day),
        STORY(two_open_ratings_of_one_citizen_are_taken_newest_first),
        STORY(a_rating_from_another_number_is_an_ordinary_text),
        STORY(a_second_caller_joins_the_incident),
        STORY(departments_touch_only_their_own_tasks),
        STORY(a_unit_belongs_to_a_department),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
