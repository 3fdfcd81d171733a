/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of what is asked for against the ordinary course, and who must agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/story/staff.h"

static void an_extension_is_asked_before_the_due_time_and_granted_by_roles(void **state)
{
    struct world *w = *state;
    uint64_t incident = handled(w);
    uint64_t task = task_at(w, incident, 2);
    uint64_t until_ms = w->now_ms + 12 * DAY;
    struct command ask = asking(2002, incident, PETITION_KIND_EXTENSION);
    ask.petition_ask.task = task;
    ask.petition_ask.extension = EXTENSION_REASON_WORKS;
    ask.petition_ask.until_ms = until_ms;
    assert_int_equal(world_send(w, ask), REFUSAL_NOT_ALLOWED); /* the head signs it */
    ask.actor = HEAD_OF_WATER;
    ask.petition_ask.extension = EXTENSION_REASON_NONE;
    assert_int_equal(world_send(w, ask), REFUSAL_REASON_MISSING);
    ask.petition_ask.extension = EXTENSION_REASON_WORKS;
    world_skip(w);
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    uint64_t petition = w->verdict.petition;
    world_expect(w, "[0.0] petition_asked department=2 kind=extension extension=works roles=8\n");
    assert_int_equal(world_send(w, ask), REFUSAL_ALREADY);
    assert_int_equal(agree(w, 1001, petition), REFUSAL_NOT_ALLOWED);
    assert_int_equal(agree(w, SUPERVISOR, petition), REFUSAL_NONE);
    world_expect(w, "[0.0] petition_ended kind=extension end=granted\n"
                    "[0.0] clock_moved department=2 clock=reply cause=extension\n"
                    "[0.0] text_ordered template=extended\n");
    assert_int_equal(agree(w, SUPERVISOR, petition), REFUSAL_NO_SUCH_PETITION);
    /* Once more: extraordinary, by the director; a third time never. */
    ask.petition_ask.until_ms = until_ms + 10 * DAY;
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    assert_int_equal(agree(w, SUPERVISOR, w->verdict.petition), REFUSAL_NOT_ALLOWED);
    assert_int_equal(agree(w, DIRECTOR, w->verdict.petition), REFUSAL_NONE);
    ask.petition_ask.until_ms = until_ms + 20 * DAY;
    assert_int_equal(world_send(w, ask), REFUSAL_LIMIT);
}

static void after_the_due_time_no_extension(void **state)
{
    struct world *w = *state;
    uint64_t incident = handled(w);
    world_wait(w, 10 * DAY);
    struct command ask = asking(HEAD_OF_WATER, incident, PETITION_KIND_EXTENSION);
    ask.petition_ask.task = task_at(w, incident, 2);
    ask.petition_ask.extension = EXTENSION_REASON_WORKS;
    ask.petition_ask.until_ms = w->now_ms + DAY;
    assert_int_equal(world_send(w, ask), REFUSAL_TOO_LATE);
}

static void an_unanswered_petition_is_overdue_and_dies_with_its_cause(void **state)
{
    struct world *w = *state;
    uint64_t incident = handled(w);
    struct command ask = asking(HEAD_OF_WATER, incident, PETITION_KIND_EXTENSION);
    ask.petition_ask.task = task_at(w, incident, 2);
    ask.petition_ask.extension = EXTENSION_REASON_WORKS;
    ask.petition_ask.until_ms = w->now_ms + 12 * DAY;
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    world_skip(w);
    world_wait(w, 2 * DAY);
    world_expect(w, "[140400.0] clock_overdue department=2 clock=petition\n");
    (void)reply(w, task_at(w, incident, 2));
    world_expect(w, "[172800.0] task_moved step=reply\n"
                    "[172800.0] incident_moved step=reply\n"
                    "[172800.0] clock_started clock=tell\n"
                    "[172800.0] text_ordered template=result\n"
                    "[172800.0] petition_ended kind=extension end=overtaken\n");
}

static void a_suspension_pauses_the_work_until_its_review(void **state)
{
    struct world *w = *state;
    uint64_t incident = handled(w);
    struct command ask = asking(HEAD_OF_WATER, incident, PETITION_KIND_SUSPENSION);
    ask.petition_ask.suspension = SUSPENSION_REASON_SEASON;
    ask.petition_ask.until_ms = w->now_ms + 91 * DAY;
    assert_int_equal(world_send(w, ask), REFUSAL_MALFORMED);
    ask.petition_ask.until_ms = w->now_ms + 60 * DAY;
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(agree(w, DIRECTOR, w->verdict.petition), REFUSAL_NONE);
    world_expect(w, "[0.0] petition_ended kind=suspension end=granted\n"
                    "[0.0] clock_moved clock=reply cause=pause\n"
                    "[0.0] incident_moved step=suspend from=handling to=suspended\n"
                    "[0.0] clock_started clock=suspension due=5184000.0\n"
                    "[0.0] text_ordered template=extended\n");
    world_wait(w, 60 * DAY);
    world_expect(w, "[5184000.0] incident_moved step=resume to=handling\n"
                    "[5184000.0] clock_moved clock=reply cause=resume\n");
    /* The citizen may object before it. */
    ask.petition_ask.until_ms = w->now_ms + 60 * DAY;
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    assert_int_equal(agree(w, DIRECTOR, w->verdict.petition), REFUSAL_NONE);
    assert_int_equal(about(w, 1001, COMMAND_INCIDENT_RESUME, incident), REFUSAL_NONE);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_HANDLING);
}

static void a_withdrawal_is_verified_by_somebody_else(void **state)
{
    struct world *w = *state;
    uint64_t incident = handled(w);
    struct command ask = asking(1001, incident, PETITION_KIND_WITHDRAWAL);
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    uint64_t petition = w->verdict.petition;
    assert_int_equal(agree(w, 1001, petition), REFUSAL_SAME_PERSON);
    world_skip(w);
    assert_int_equal(agree(w, 1002, petition), REFUSAL_NONE);
    world_expect(w, "[0.0] petition_ended kind=withdrawal end=granted\n"
                    "[0.0] task_moved department=2 step=recall\n"
                    "[0.0] incident_moved step=withdraw to=withdrawn close=withdrawn\n"
                    "[0.0] text_ordered template=withdrawn\n");
    assert_int_equal(about(w, SUPERVISOR, COMMAND_INCIDENT_OBJECT, incident), REFUSAL_NONE);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REGISTERED);
}

static void where_somebody_may_be_at_risk_nothing_is_withdrawn(void **state)
{
    struct world *w = *state;
    struct command command = from_user(1001, COMMAND_INCIDENT_REGISTER);
    command.incident_register.contact = talk(w, 12345, LI);
    command.incident_register.category = 20100;
    command.incident_register.text_unsafe = true;
    (void)world_send(w, command);
    assert_int_equal(world_send(w, asking(1001, w->verdict.incident, PETITION_KIND_WITHDRAWAL)),
                     REFUSAL_PROTECTED);
}

static void not_accepting_takes_two_and_the_citizen_learns_where_to_go(void **state)
{
    struct world *w = *state;
    uint64_t incident = registered(w);
    struct command ask = asking(1001, incident, PETITION_KIND_NOT_ACCEPTED);
    assert_int_equal(world_send(w, ask), REFUSAL_REASON_MISSING);
    ask.petition_ask.not_accepted = NOT_ACCEPTED_REASON_LAWSUIT;
    assert_int_equal(world_send(w, ask), REFUSAL_CITIZEN_NOT_TOLD);
    ask.petition_ask.means = TELL_MEANS_SMS;
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(agree(w, SUPERVISOR, w->verdict.petition), REFUSAL_NONE);
    world_expect(w, "[0.0] petition_ended kind=not_accepted end=granted\n"
                    "[0.0] text_ordered template=not_accepted\n"
                    "[0.0] citizen_told means=sms\n"
                    "[0.0] incident_moved step=refuse to=not_accepted not_accepted=lawsuit "
                    "close=other_channel\n");
    world_wait(w, 14 * DAY);
    assert_int_equal(about(w, REVIEWER, COMMAND_INCIDENT_OBJECT, incident), REFUSAL_NONE);
    ask.petition_ask.means = TELL_MEANS_PHONE;
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    assert_int_equal(agree(w, SUPERVISOR, w->verdict.petition), REFUSAL_NONE);
    world_wait(w, 16 * DAY);
    assert_int_equal(about(w, REVIEWER, COMMAND_INCIDENT_OBJECT, incident), REFUSAL_TOO_LATE);
}

static void a_nuisance_is_judged_by_two(void **state)
{
    struct world *w = *state;
    uint64_t incident = registered(w);
    struct command command = from_user(SUPERVISOR, COMMAND_INCIDENT_VOID);
    command.incident_void.incident = incident;
    command.incident_void.reason = VOID_REASON_NUISANCE;
    world_skip(w);
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_expect(w, "[0.0] petition_asked kind=nuisance nuisance=nuisance\n");
    uint64_t petition = w->verdict.petition;
    assert_int_equal(agree(w, SUPERVISOR, petition), REFUSAL_SAME_PERSON);
    assert_int_equal(disagree(w, OTHER_SUPERVISOR, petition), REFUSAL_NONE);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REGISTERED);
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(agree(w, OTHER_SUPERVISOR, w->verdict.petition), REFUSAL_NONE);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_VOID);
}

static void closing_against_the_citizens_word_takes_a_second_person(void **state)
{
    struct world *w = *state;
    uint64_t incident = told_incident(w);
    struct command explain = from_user(REVIEWER, COMMAND_INCIDENT_EXPLAIN);
    explain.incident_explain.incident = incident;
    explain.incident_explain.contacted = DEGREE_YES;
    explain.incident_explain.solved = DEGREE_NO;
    explain.incident_explain.satisfied = DEGREE_NO;
    assert_int_equal(world_send(w, explain), REFUSAL_REASON_MISSING);
    explain.incident_explain.close = CLOSE_CODE_NOT_AGREED;
    world_skip(w);
    assert_int_equal(world_send(w, explain), REFUSAL_NONE);
    world_expect(w, "[0.0] survey_answered solved=no satisfied=no\n"
                    "[0.0] incident_moved step=explain from=told to=pending_close\n"
                    "[0.0] clock_started clock=close\n"
                    "[0.0] petition_asked kind=close close=not_agreed\n");
    uint64_t petition = w->verdict.petition;
    struct command cancel = from_user(REVIEWER, COMMAND_PETITION_CANCEL);
    cancel.petition_cancel.petition = petition;
    assert_int_equal(world_send(w, cancel), REFUSAL_WRONG_STATE);
    assert_int_equal(agree(w, REVIEWER, petition), REFUSAL_NOT_ALLOWED);
    assert_int_equal(agree(w, SUPERVISOR, petition), REFUSAL_NONE);
    world_expect(w, "[0.0] petition_ended end=granted\n"
                    "[0.0] incident_moved step=close to=closed close=not_agreed\n");
}

static void or_it_goes_round_again(void **state)
{
    struct world *w = *state;
    uint64_t incident = told_incident(w);
    struct command explain = from_user(REVIEWER, COMMAND_INCIDENT_EXPLAIN);
    explain.incident_explain.incident = incident;
    explain.incident_explain.contacted = DEGREE_YES;
    explain.incident_explain.solved = DEGREE_NO;
    explain.incident_explain.satisfied = DEGREE_NO;
    explain.incident_explain.close = CLOSE_CODE_PROMISED;
    assert_int_equal(world_send(w, explain), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(disagree(w, DIRECTOR, w->verdict.petition), REFUSAL_NONE);
    world_expect(w, "[0.0] petition_ended kind=close end=refused\n"
                    "[0.0] incident_moved step=unsatisfied from=pending_close to=redo round=2\n"
                    "[0.0] clock_started clock=dispatch\n"
                    "[0.0] text_ordered template=redo\n");
}

static void secrecy_is_raised_by_one_and_lowered_by_three(void **state)
{
    struct world *w = *state;
    uint64_t incident = registered(w);
    struct command conceal = from_user(1001, COMMAND_INCIDENT_CONCEAL);
    conceal.incident_conceal.incident = incident;
    conceal.incident_conceal.secrecy = SECRECY_SEALED;
    assert_int_equal(world_send(w, conceal), REFUSAL_NONE);
    conceal.incident_conceal.secrecy = SECRECY_OPEN;
    assert_int_equal(world_send(w, conceal), REFUSAL_SAME_PERSON);
    struct command ask = asking(1001, incident, PETITION_KIND_SECRECY);
    ask.petition_ask.secrecy = SECRECY_CONTACT_HIDDEN;
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    uint64_t petition = w->verdict.petition;
    world_skip(w);
    assert_int_equal(agree(w, DIRECTOR, petition), REFUSAL_NONE);
    world_expect(w, "[0.0] petition_agreed kind=secrecy stage=1 roles=1024\n");
    assert_int_equal(agree(w, DIRECTOR, petition), REFUSAL_NOT_ALLOWED);
    assert_int_equal(agree(w, SECURITY, petition), REFUSAL_NONE);
    world_expect(w, "[0.0] petition_ended end=granted\n"
                    "[0.0] secrecy_changed from=sealed to=contact_hidden\n");
}

static void another_line_takes_it_over_or_the_first_one_keeps_it(void **state)
{
    struct world *w = *state;
    uint64_t incident = registered(w);
    struct command ask = asking(1001, incident, PETITION_KIND_TRANSFER);
    ask.petition_ask.line = 12345;
    assert_int_equal(world_send(w, ask), REFUSAL_ALREADY);
    ask.petition_ask.line = 110;
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    assert_int_equal(agree(w, 1002, w->verdict.petition), REFUSAL_NOT_ALLOWED); /* no skill */
    world_skip(w);
    world_wait(w, 10 * SECOND);
    world_expect(w, "[10.0] petition_ended kind=transfer end=lapsed\n");
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REGISTERED);
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(agree(w, 1003, w->verdict.petition), REFUSAL_NONE);
    world_expect(w, "[10.0] petition_ended kind=transfer end=granted\n"
                    "[10.0] incident_moved line=12345 step=transfer to=transferred\n"
                    "[10.0] incident_registered line=110 number=20260302000002 emergency=yes\n"
                    "[10.0] clock_started line=110 clock=dispatch\n");
    assert_int_equal(about(w, 1001, COMMAND_INCIDENT_BOUNCE, incident), REFUSAL_NONE);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REGISTERED);
    assert_int_equal(world_send(w, ask), REFUSAL_NOT_ALLOWED); /* not twice */
}

/* Nobody of the other city signs in here: whoever spoke with it says that it has taken over. */
static void another_city_takes_it_over_once_it_has_answered(void **state)
{
    struct world *w = *state;
    uint64_t incident = registered(w);
    struct command ask = asking(1001, incident, PETITION_KIND_TRANSFER);
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    world_skip(w);
    world_wait(w, DAY);
    world_expect(w, "[86400.0] petition_ended kind=transfer end=lapsed\n");
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REGISTERED);
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(agree(w, 1001, w->verdict.petition), REFUSAL_NONE);
    world_expect(w, "[86400.0] petition_ended kind=transfer end=granted\n"
                    "[86400.0] incident_moved line=12345 step=transfer to=transferred\n");
    assert_int_equal(about(w, 1001, COMMAND_INCIDENT_BOUNCE, incident), REFUSAL_NONE);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REGISTERED);
    assert_int_equal(world_send(w, ask), REFUSAL_NOT_ALLOWED); /* it came back once */
}

static void a_full_petition_pool_refuses(void **state)
{
    struct world *w = *state;
    uint64_t contact = talk(w, 12345, LI);
    for (uint32_t i = 0; i < 17; i++) {
        uint64_t incident = register_incident(w, 1001, contact, 20100);
        assert_int_equal(world_send(w, asking(1001, incident, PETITION_KIND_WITHDRAWAL)),
                         i < 16 ? REFUSAL_NONE : REFUSAL_LIMIT);
    }
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, staffed, world_teardown)
    const struct CMUnitTest tests[] = {
        STORY(an_extension_is_asked_before_the_due_time_and_granted_by_roles),
        STORY(after_the_due_time_no_extension),
        STORY(an_unanswered_petition_is_overdue_and_dies_with_its_cause),
        STORY(a_suspension_pauses_the_work_until_its_review),
        STORY(a_withdrawal_is_verified_by_somebody_else),
        STORY(where_somebody_may_be_at_risk_nothing_is_withdrawn),
        STORY(not_accepting_takes_two_and_the_citizen_learns_where_to_go),
        STORY(a_nuisance_is_judged_by_two),
        STORY(closing_against_the_citizens_word_takes_a_second_person),
        STORY(or_it_goes_round_again),
        STORY(secrecy_is_raised_by_one_and_lowered_by_three),
        STORY(another_line_takes_it_over_or_the_first_one_keeps_it),
        STORY(another_city_takes_it_over_once_it_has_answered),
        STORY(a_full_petition_pool_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
