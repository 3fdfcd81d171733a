/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stories of the long life: drafts, reviews, facts that are missing, disputes, overlays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "dispatcher/core/state.h"
#include "tests/story/staff.h"

/* ---- words ---------------------------------------------------------------------------------- */

static uint64_t alarmed(struct world *w)
{
    uint64_t incident = register_incident(w, 1001, talk(w, 110, LI), 10100);
    (void)dispatch(w, incident, 1, 0);
    return incident;
}

static enum refusal review(struct world *w, uint32_t user, uint64_t incident, enum defect defect)
{
    struct command command = from_user(user, COMMAND_INCIDENT_REVIEW);
    command.incident_review.incident = incident;
    command.incident_review.pass = defect == DEFECT_NONE;
    command.incident_review.defect = defect;
    return world_send(w, command);
}

static enum refusal ask_info(struct world *w, uint32_t user, uint64_t incident)
{
    struct command command = from_user(user, COMMAND_INCIDENT_ASK_INFO);
    command.incident_ask_info.incident = incident;
    command.incident_ask_info.missing = 1U << FACT_PLACE;
    return world_send(w, command);
}

static void returned_by(struct world *w, uint64_t incident, uint32_t department, uint32_t suggest)
{
    assert_int_equal(dispatch(w, incident, department, 0), REFUSAL_NONE);
    struct command command = from_user(2000 + department, COMMAND_TASK_SEND_BACK);
    command.task_send_back.task = task_at(w, incident, department);
    command.task_send_back.reason = RETURN_REASON_DUTY;
    command.task_send_back.suggest = suggest;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(rule(w, command.task_send_back.task, true), REFUSAL_NONE);
}

/* ---- drafts and reviews ---------------------------------------------------------------------- */

static void a_draft_survives_the_seat_and_becomes_an_order(void **state)
{
    struct world *w = *state;
    struct command draft = from_user(1001, COMMAND_INCIDENT_DRAFT);
    draft.incident_draft.contact = talk(w, 12345, LI);
    world_skip(w);
    assert_int_equal(world_send(w, draft), REFUSAL_NONE);
    uint64_t incident = w->verdict.incident;
    assert_true(w->verdict.number == 20260302000001);
    world_expect(w, "[0.0] incident_drafted number=20260302000001 line=12345 caller=501\n"
                    "[0.0] contact_attached first=yes\n"
                    "[0.0] clock_started clock=draft due=3600.0\n");
    struct command complete = from_user(1001, COMMAND_INCIDENT_REGISTER);
    complete.incident_register.draft = incident;
    assert_int_equal(world_send(w, complete), REFUSAL_INCOMPLETE); /* about what? */
    (void)sign_off(w, 1001);
    world_wait(w, 2 * HOUR);
    world_skip(w);
    draft.incident_draft.draft = incident;
    draft.incident_draft.category = 20100;
    assert_int_equal(world_send(w, draft), REFUSAL_NONE);
    world_expect(w, "[7200.0] incident_drafted category=20100 again=yes\n");
    complete.actor = 1002;
    assert_int_equal(world_send(w, complete), REFUSAL_NOT_YOURS);
    complete.actor = SUPERVISOR;
    complete.incident_register.district = 7;
    assert_int_equal(world_send(w, complete), REFUSAL_NONE);
    world_expect(w, "[7200.0] incident_registered taker=1001 number=20260302000001 "
                    "category=20100 district=7 sla=g\n"
                    "[7200.0] incident_moved step=complete from=draft to=registered round=1\n"
                    "[7200.0] clock_started clock=dispatch\n"
                    "[7200.0] text_ordered template=received\n");
    assert_int_equal(world_send(w, complete), REFUSAL_WRONG_STATE);
}

/* Nobody completed it; it is an order with a class and clocks all the same. */
static void a_draft_that_goes_on_another_way_is_an_order_like_any_other(void **state)
{
    static const enum command_kind ends[] = { COMMAND_INCIDENT_ASK_INFO,
                                              COMMAND_INCIDENT_ANSWER_DIRECTLY,
                                              COMMAND_INCIDENT_VOID };
    static const enum command_kind ways_back[] = { COMMAND_INCIDENT_GIVE_INFO,
                                                   COMMAND_INCIDENT_REOPEN,
                                                   COMMAND_INCIDENT_OBJECT };
    struct world *w = *state;
    for (uint32_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct command draft = from_user(1001, COMMAND_INCIDENT_DRAFT);
        draft.incident_draft.contact = talk(w, 12345, LI);
        draft.incident_draft.category = 20100;
        assert_int_equal(world_send(w, draft), REFUSAL_NONE);
        uint64_t incident = w->verdict.incident;
        struct command end = from_user(SUPERVISOR, ends[i]);
        if (ends[i] == COMMAND_INCIDENT_ASK_INFO)
            end.incident_ask_info.missing = 1U << FACT_PLACE;
        if (ends[i] == COMMAND_INCIDENT_VOID)
            end.incident_void.reason = VOID_REASON_WRONG_NUMBER;
        end.incident_resume.incident = incident; /* the first field of all of them */
        assert_int_equal(world_send(w, end), REFUSAL_NONE);
        world_skip(w);
        assert_int_equal(about(w, SUPERVISOR, ways_back[i], incident), REFUSAL_NONE);
        assert_int_equal(count_events(w, EVENT_INCIDENT_REGISTERED), i + 1);
        assert_int_equal(state_of(w, incident), INCIDENT_STATE_REGISTERED);
        assert_int_equal(dispatch(w, incident, 2, 0), REFUSAL_NONE);
        const struct event *opened = last_event(w, EVENT_TASK_OPENED);
        assert_int_equal(opened->task_opened.sla, SLA_CLASS_G);
        assert_true(opened->task_opened.reply_due_ms > 0);
        (void)finish(w, 1001, draft.incident_draft.contact);
        (void)finish_wrap_up(w, 1001);
    }
}

static void a_reviewer_passes_what_somebody_else_wrote(void **state)
{
    struct world *w = *state;
    define(w, 1001, ROLE_REVIEWER, 0); /* wrote it, and may not pass it */
    (void)set_parameter(w, PARAMETER_PRE_REVIEW, 1);
    struct command command = from_system(COMMAND_INCIDENT_REGISTER);
    command.incident_register.line = 12345;
    command.incident_register.category = 20100;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    uint64_t incident = w->verdict.incident;
    command = from_system(COMMAND_INCIDENT_DISPATCH);
    command.incident_dispatch.incident = incident;
    command.incident_dispatch.lead = 2;
    assert_int_equal(world_send(w, command), REFUSAL_NOT_REVIEWED);
    world_skip(w);
    assert_int_equal(review(w, REVIEWER, incident, DEFECT_ADDRESS), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_moved step=fail_review to=draft defect=address\n"
                    "[0.0] clock_started clock=draft\n");
    command = from_system(COMMAND_INCIDENT_REGISTER);
    command.incident_register.draft = incident;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(review(w, REVIEWER, incident, DEFECT_NONE), REFUSAL_NONE);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_PENDING_DISPATCH);
    command = from_system(COMMAND_INCIDENT_DISPATCH);
    command.incident_dispatch.incident = incident;
    command.incident_dispatch.lead = 2;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    /* Sent back it need not be passed again. */
    (void)send_back(w, task_at(w, incident, 2), RETURN_REASON_DUTY);
    command = from_system(COMMAND_TASK_RULE_RETURN);
    command.task_rule_return.task = task_at(w, incident, 2);
    command.task_rule_return.accept = true;
    world_skip(w);
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_expect(w, "[0.0] task_moved step=return_accept\n"
                    "[0.0] incident_moved step=return to=registered\n"
                    "[0.0] incident_moved step=pass_review to=pending_dispatch\n"
                    "[0.0] clock_started clock=dispatch\n");
}

static void nobody_passes_their_own_record(void **state)
{
    struct world *w = *state;
    (void)set_parameter(w, PARAMETER_PRE_REVIEW, 1);
    uint64_t incident = register_incident(w, SUPERVISOR, talk(w, 12345, LI), 20100);
    assert_int_equal(review(w, SUPERVISOR, incident, DEFECT_NONE), REFUSAL_SAME_PERSON);
    assert_int_equal(review(w, REVIEWER, incident, DEFECT_NONE), REFUSAL_NONE);
}

static void a_reply_is_read_before_the_citizen_hears_it(void **state)
{
    struct world *w = *state;
    (void)set_parameter(w, PARAMETER_REPLY_REVIEW, 1);
    uint64_t incident = handled(w);
    world_skip(w);
    assert_int_equal(reply(w, task_at(w, incident, 2)), REFUSAL_NONE);
    world_expect(w, "[0.0] task_moved step=reply\n"
                    "[0.0] incident_moved step=reply to=replied\n"
                    "[0.0] clock_started clock=review\n");
    assert_int_equal(tell(w, incident, TELL_MEANS_PHONE, EXCUSE_REASON_NONE), REFUSAL_NOT_REVIEWED);
    assert_int_equal(review(w, REVIEWER, incident, DEFECT_NO_BASIS), REFUSAL_NONE);
    world_expect(w, "[0.0] task_moved step=reject_reply to=signed defect=no_basis\n"
                    "[0.0] incident_moved step=reject_reply to=handling defect=no_basis\n");
    (void)reply(w, task_at(w, incident, 2));
    world_skip(w);
    assert_int_equal(review(w, REVIEWER, incident, DEFECT_NONE), REFUSAL_NONE);
    world_expect(w, "[0.0] reply_passed\n"
                    "[0.0] clock_started clock=tell\n"
                    "[0.0] text_ordered template=result\n");
    assert_int_equal(review(w, REVIEWER, incident, DEFECT_NONE), REFUSAL_WRONG_STATE);
    assert_int_equal(tell(w, incident, TELL_MEANS_PHONE, EXCUSE_REASON_NONE), REFUSAL_NONE);
}

/* ---- facts ----------------------------------------------------------------------------------- */

static void missing_facts_stop_the_departments_clock_three_days(void **state)
{
    struct world *w = *state;
    uint64_t incident = handled(w);
    assert_int_equal(ask_info(w, 2003, incident), REFUSAL_NOT_YOURS);
    world_wait(w, HOUR);
    world_skip(w);
    assert_int_equal(ask_info(w, 2002, incident), REFUSAL_NONE);
    world_expect(w, "[3600.0] info_asked missing=8 pauses=1\n"
                    "[3600.0] clock_moved clock=reply cause=pause\n"
                    "[3600.0] incident_moved step=ask_info from=handling to=pending_info\n"
                    "[3600.0] clock_started clock=info due=262800.0\n"
                    "[3600.0] text_ordered template=info\n");
    assert_int_equal(reply(w, task_at(w, incident, 2)), REFUSAL_WRONG_STATE);
    world_wait(w, 3 * DAY);
    world_expect(w, "[262800.0] info_given lapsed=yes\n"
                    "[262800.0] incident_moved step=info_continued to=handling\n"
                    "[262800.0] clock_moved clock=reply cause=resume\n");
    assert_int_equal(ask_info(w, 2002, incident), REFUSAL_NONE);
    assert_int_equal(about(w, 1001, COMMAND_INCIDENT_GIVE_INFO, incident), REFUSAL_NONE);
    assert_int_equal(ask_info(w, 2002, incident), REFUSAL_LIMIT); /* twice is enough */
}

static void facts_missing_at_the_start_send_it_back_to_the_start(void **state)
{
    struct world *w = *state;
    uint64_t incident = registered(w);
    assert_int_equal(ask_info(w, 2002, incident), REFUSAL_NOT_YOURS);
    assert_int_equal(ask_info(w, 1001, incident), REFUSAL_NONE);
    assert_int_equal(dispatch(w, incident, 2, 0), REFUSAL_WRONG_STATE);
    world_skip(w);
    assert_int_equal(about(w, 1001, COMMAND_INCIDENT_GIVE_INFO, incident), REFUSAL_NONE);
    world_expect(w, "[0.0] info_given\n"
                    "[0.0] incident_moved step=info_given to=registered\n"
                    "[0.0] clock_started clock=dispatch\n");
    assert_int_equal(about(w, 1001, COMMAND_INCIDENT_GIVE_INFO, incident), REFUSAL_WRONG_STATE);
}

/* ---- disputes -------------------------------------------------------------------------------- */

static void two_returns_are_a_dispute_and_the_ruling_binds(void **state)
{
    struct world *w = *state;
    uint64_t contact = talk(w, 12345, LI);
    uint64_t incident = register_incident(w, 1001, contact, 20100);
    uint64_t next = register_incident(w, 1001, contact, 20100);
    returned_by(w, incident, 2, 3);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REGISTERED);
    (void)dispatch(w, incident, 3, 0);
    (void)send_back(w, task_at(w, incident, 3), RETURN_REASON_DUTY);
    world_skip(w);
    (void)rule(w, task_at(w, incident, 3), true);
    world_expect(w, "[0.0] task_moved department=3 step=return_accept\n"
                    "[0.0] incident_moved department=3 step=return to=registered\n"
                    "[0.0] dispute_opened parties=3,2\n"
                    "[0.0] incident_moved step=dispute to=dispute\n"
                    "[0.0] clock_started clock=dispute\n");
    struct command ruling = from_user(SUPERVISOR, COMMAND_INCIDENT_RULE_DISPUTE);
    ruling.incident_rule_dispute.incident = incident;
    ruling.incident_rule_dispute.lead = 3;
    ruling.incident_rule_dispute.precedent = true;
    assert_int_equal(world_send(w, ruling), REFUSAL_NOT_ALLOWED);
    ruling.actor = ADJUDICATOR;
    assert_int_equal(world_send(w, ruling), REFUSAL_NONE);
    world_expect(w, "[0.0] dispute_ruled department=3 lead=3 precedent=yes category=20100\n"
                    "[0.0] incident_moved step=rule to=dispatched\n"
                    "[0.0] task_opened department=3 kind=lead final=yes\n"
                    "[0.0] ladder_climbed level=supervise_1 cause=returns\n"
                    "[0.0] incident_supervised to=1\n");
    assert_int_equal(send_back(w, task_at(w, incident, 3), RETURN_REASON_DUTY),
                     REFUSAL_NOT_RETURNABLE);
    /* The next like it goes there by itself, while there is such a department. */
    struct command retire = from_system(COMMAND_DEPARTMENT_DEFINE);
    retire.department_define.has_row = retire.department_define.row.retired = true;
    retire.department_define.row.department = 3;
    assert_int_equal(world_send(w, retire), REFUSAL_NONE);
    assert_int_equal(dispatch(w, next, 0, 0), REFUSAL_LEAD_MISSING);
    retire.department_define.row.retired = false;
    assert_int_equal(world_send(w, retire), REFUSAL_NONE);
    assert_int_equal(dispatch(w, next, 0, 0), REFUSAL_NONE);
    assert_true(task_at(w, next, 3) > 0);
}

static void two_departments_that_point_at_each_other_are_a_dispute_at_once(void **state)
{
    struct world *w = *state;
    (void)set_parameter(w, PARAMETER_RETURN_LIMIT, 5);
    uint64_t incident = registered(w);
    returned_by(w, incident, 2, 3);
    returned_by(w, incident, 3, 2);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_DISPUTE);
}

static void what_nobody_rules_on_is_the_backstops(void **state)
{
    struct world *w = *state;
    (void)set_parameter(w, PARAMETER_BACKSTOP_DEPARTMENT, 4);
    uint64_t incident = registered(w);
    struct command dispute = from_user(SUPERVISOR, COMMAND_INCIDENT_DISPUTE);
    dispute.incident_dispute.incident = incident;
    dispute.incident_dispute.parties_count = 1;
    dispute.incident_dispute.parties[0] = 9;
    assert_int_equal(world_send(w, dispute), REFUSAL_NO_SUCH_DEPARTMENT);
    dispute.incident_dispute.parties[0] = 3;
    assert_int_equal(world_send(w, dispute), REFUSAL_NONE);
    world_skip(w);
    world_wait(w, 3 * DAY);
    world_expect(w, "[140400.0] dispute_ruled lead=4 backstop=yes\n"
                    "[140400.0] incident_moved step=rule to=dispatched\n"
                    "[140400.0] task_opened department=4 final=yes\n"
                    "[187200.0] clock_overdue department=4 clock=sign\n"
                    "[187200.0] ladder_climbed level=urge_1 cause=unsigned\n"
                    "[201600.0] clock_overdue clock=demand\n");
}

static void define_backstop(struct world *w, uint32_t department, uint32_t district, bool retired)
{
    struct command command = from_system(COMMAND_DEPARTMENT_DEFINE);
    command.department_define.has_row = true;
    command.department_define.row = (struct department_row){ .department = department,
                                                             .backstop = district,
                                                             .retired = retired };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void a_district_s_backstop_is_its_own(void **state)
{
    struct world *w = *state;
    (void)set_parameter(w, PARAMETER_BACKSTOP_DEPARTMENT, 4);
    define_backstop(w, 7, 1, true);
    define_backstop(w, 8, 2, false);
    uint64_t incident = registered(w);
    struct command dispute = from_user(SUPERVISOR, COMMAND_INCIDENT_DISPUTE);
    dispute.incident_dispute.incident = incident;
    dispute.incident_dispute.parties_count = 1;
    dispute.incident_dispute.parties[0] = 3;
    assert_int_equal(world_send(w, dispute), REFUSAL_NONE);
    world_wait(w, 2 * DAY);
    assert_int_equal(last_event(w, EVENT_DISPUTE_RULED)->dispute_ruled.lead, 4);
    world_skip(w);
}

/* Two working days where they meet on the spot; nobody rules before they met. */
static void a_dispute_on_the_spot_has_two_days(void **state)
{
    struct world *w = *state;
    (void)set_parameter(w, PARAMETER_BACKSTOP_DEPARTMENT, 4);
    uint64_t incident = registered(w);
    struct command dispute = from_user(SUPERVISOR, COMMAND_INCIDENT_DISPUTE);
    dispute.incident_dispute.incident = incident;
    dispute.incident_dispute.parties_count = 1;
    dispute.incident_dispute.parties[0] = 3;
    dispute.incident_dispute.meeting_ms = w->now_ms;
    assert_int_equal(world_send(w, dispute), REFUSAL_MALFORMED); /* it is now */
    dispute.incident_dispute.meeting_ms = w->now_ms + 3 * DAY;
    assert_int_equal(world_send(w, dispute), REFUSAL_MALFORMED); /* too late for a ruling in time */
    dispute.incident_dispute.meeting_ms = w->now_ms + 2 * DAY;
    assert_int_equal(world_send(w, dispute), REFUSAL_NONE);
    world_skip(w);
    world_wait(w, 2 * DAY + 14 * HOUR);
    world_expect(w, "");
    world_wait(w, HOUR);
    world_expect(w, "[226800.0] dispute_ruled lead=4 backstop=yes\n"
                    "[226800.0] incident_moved step=rule to=dispatched\n"
                    "[226800.0] task_opened department=4 final=yes\n");
}

static void a_send_back_comes_within_a_working_day(void **state)
{
    struct world *w = *state;
    uint64_t incident = handled(w);
    world_wait(w, 3 * DAY);
    assert_int_equal(send_back(w, task_at(w, incident, 2), RETURN_REASON_DUTY), REFUSAL_TOO_LATE);
}

/* ---- overlays, tasks, emergencies ------------------------------------------------------------- */

static void urging_and_supervision_move_no_clock(void **state)
{
    struct world *w = *state;
    uint64_t incident = registered(w);
    assert_int_equal(about(w, 1001, COMMAND_INCIDENT_URGE, incident), REFUSAL_WRONG_STATE);
    (void)dispatch(w, incident, 2, 0);
    world_skip(w);
    assert_int_equal(about(w, 1001, COMMAND_INCIDENT_URGE, incident), REFUSAL_NONE);
    assert_int_equal(about(w, 1001, COMMAND_INCIDENT_URGE, incident), REFUSAL_NONE);
    struct command supervise = from_user(SUPERVISOR, COMMAND_INCIDENT_SUPERVISE);
    supervise.incident_supervise.incident = incident;
    supervise.incident_supervise.level = 4;
    assert_int_equal(world_send(w, supervise), REFUSAL_MALFORMED);
    supervise.incident_supervise.level = 2;
    assert_int_equal(world_send(w, supervise), REFUSAL_NONE);
    supervise.incident_supervise.level = 1;
    assert_int_equal(world_send(w, supervise), REFUSAL_REASON_MISSING);
    supervise.has_personal = true;
    assert_int_equal(world_send(w, supervise), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_urged department=2 urges=1 due=14400.0\n"
                    "[0.0] incident_urged department=2 urges=2 due=14400.0\n"
                    "[0.0] ladder_climbed level=supervise_2 clock=reply cause=person "
                    "demand=explanation\n"
                    "[0.0] incident_supervised to=2\n"
                    "[0.0] incident_supervised from=2 to=1 has_personal=yes\n");
}

/* Whoever asks for more asks for an answer, and what is asked for less does not put it off. */
static void what_a_person_demands_has_a_deadline_that_no_lower_rung_moves(void **state)
{
    struct world *w = *state;
    uint64_t incident = handled(w);
    uint64_t task = task_at(w, incident, 2);
    struct command supervise = from_user(SUPERVISOR, COMMAND_INCIDENT_SUPERVISE);
    supervise.incident_supervise.incident = incident;
    supervise.incident_supervise.level = 1;
    assert_int_equal(world_send(w, supervise), REFUSAL_NONE);
    const struct event *ordered = last_event(w, EVENT_LADDER_CLIMBED);
    assert_int_equal(ordered->ladder_climbed.demand, DEMAND_REPLY);
    uint64_t due_ms = ordered->ladder_climbed.due_ms;
    assert_true(due_ms > w->now_ms);
    assert_int_equal(about(w, 1001, COMMAND_INCIDENT_URGE, incident), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_INCIDENT_URGED)->incident_urged.due_ms, 0);
    while (w->now_ms < due_ms)
        world_wait(w, DAY); /* yellow and orange come meanwhile */
    const struct event *missed = last_event(w, EVENT_CLOCK_OVERDUE);
    assert_int_equal(missed->clock_overdue.clock, CLOCK_KIND_DEMAND);
    assert_true(missed->clock_overdue.due_ms == due_ms && missed->task == task);
    ordered = last_event(w, EVENT_LADDER_CLIMBED); /* which is the next level's cause */
    assert_int_equal(ordered->ladder_climbed.level, LADDER_LEVEL_SUPERVISE_2);
    assert_int_equal(ordered->ladder_climbed.cause, LADDER_CAUSE_DEMAND_MISSED);
}

static void an_urge_is_answered_or_missed(void **state)
{
    struct world *w = *state;
    uint64_t incident = handled(w);
    struct command answer_it = from_user(2002, COMMAND_DEMAND_ANSWER);
    answer_it.demand_answer.task = task_at(w, incident, 2);
    assert_int_equal(world_send(w, answer_it), REFUSAL_ALREADY);
    assert_int_equal(about(w, 1001, COMMAND_INCIDENT_URGE, incident), REFUSAL_NONE);
    assert_int_equal(world_send(w, answer_it), REFUSAL_NONE);
    assert_int_equal(last_event(w, EVENT_DEMAND_ANSWERED)->demand_answered.level,
                     LADDER_LEVEL_URGE_1);
    assert_int_equal(about(w, 1001, COMMAND_INCIDENT_URGE, incident), REFUSAL_NONE);
    world_skip(w);
    world_wait(w, 4 * HOUR);
    world_expect(w, "[14400.0] clock_overdue department=2 clock=demand\n");
}

static enum refusal supervise(struct world *w, uint64_t incident, uint32_t level)
{
    struct command command = from_user(SUPERVISOR, COMMAND_INCIDENT_SUPERVISE);
    command.incident_supervise.incident = incident;
    command.incident_supervise.level = level;
    return world_send(w, command);
}

/* The reply is what a supervision order asks for: while the centre reads it nobody misses anything. */
static void a_reply_answers_the_supervision_it_was_asked_by(void **state)
{
    struct world *w = *state;
    (void)set_parameter(w, PARAMETER_REPLY_REVIEW, 1);
    uint64_t incident = handled(w);
    assert_int_equal(supervise(w, incident, 1), REFUSAL_NONE); /* Thursday 24:00 */
    world_wait(w, 3 * DAY);
    world_skip(w);
    assert_int_equal(reply(w, task_at(w, incident, 2)), REFUSAL_NONE);
    world_expect(w, "[259200.0] demand_answered level=supervise_1\n"
                    "[259200.0] task_moved step=reply\n"
                    "[259200.0] incident_moved step=reply\n"
                    "[259200.0] clock_started clock=review\n");
    world_wait(w, DAY);
    assert_int_equal(review(w, REVIEWER, incident, DEFECT_NOT_TO_POINT), REFUSAL_NONE);
    world_wait(w, HOUR);
    assert_int_equal(core_incident(w->core, incident)->supervise, 1);
}

static void what_is_demanded_waits_while_the_work_does(void **state)
{
    struct world *w = *state;
    uint64_t incident = handled(w);
    assert_int_equal(supervise(w, incident, 1), REFUSAL_NONE); /* Thursday 24:00 */
    world_wait(w, DAY);
    world_skip(w);
    struct command ask = asking(HEAD_OF_WATER, incident, PETITION_KIND_SUSPENSION);
    ask.petition_ask.suspension = SUSPENSION_REASON_SEASON;
    ask.petition_ask.until_ms = w->now_ms + 27 * DAY; /* a Monday, 09:00 */
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    assert_int_equal(agree(w, DIRECTOR, w->verdict.petition), REFUSAL_NONE);
    world_skip(w);
    world_wait(w, 27 * DAY);
    world_expect(w, "[2419200.0] incident_moved step=resume to=handling\n"
                    "[2419200.0] clock_moved clock=reply cause=resume\n");
    assert_int_equal(core_incident(w->core, incident)->supervise, 1);
    /* Tuesday to Thursday were left: two working days behind this one. */
    uint64_t due_ms = core_task(w->core, task_at(w, incident, 2))->demand_due_ms;
    assert_int_equal(due_ms - w->now_ms, 2 * DAY + 15 * HOUR);
}

/* Nine of ten minutes for a P3 had passed. */
static void an_emergency_that_somebody_raises_is_due_sooner(void **state)
{
    struct world *w = *state;
    struct command command = from_user(1001, COMMAND_INCIDENT_REGISTER);
    command.incident_register.contact = talk(w, 110, LI);
    command.incident_register.category = 10100;
    command.incident_register.priority = PRIORITY_P3;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    command = from_user(1001, COMMAND_INCIDENT_PRIORITIZE);
    command.incident_prioritize.incident = w->verdict.incident;
    command.incident_prioritize.priority = PRIORITY_P0;
    world_wait(w, MINUTE);
    world_skip(w);
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_expect(w, "[60.0] priority_changed from=p3 to=p0 sla=e0\n"
                    "[60.0] clock_started clock=dispatch due=105.0\n");
    world_wait(w, MINUTE);
    world_expect(w, "[105.0] clock_overdue clock=dispatch\n");
}

static void an_emergency_is_lowered_by_two_and_only_before_its_units_are_out(void **state)
{
    struct world *w = *state;
    uint64_t incident = register_incident(w, 1001, talk(w, 110, LI), 10100);
    struct command lower = from_user(1001, COMMAND_INCIDENT_PRIORITIZE);
    lower.incident_prioritize.incident = incident;
    lower.incident_prioritize.priority = PRIORITY_P2;
    assert_int_equal(world_send(w, lower), REFUSAL_SAME_PERSON);
    struct command ask = asking(1001, incident, PETITION_KIND_PRIORITY);
    ask.petition_ask.priority = PRIORITY_P2;
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(agree(w, SUPERVISOR, w->verdict.petition), REFUSAL_NONE);
    world_expect(w, "[0.0] petition_ended end=granted\n"
                    "[0.0] priority_changed from=p0 to=p2 sla=e2\n");
    lower.incident_prioritize.priority = PRIORITY_P1; /* more urgent: one is enough */
    assert_int_equal(world_send(w, lower), REFUSAL_NONE);
    (void)dispatch(w, incident, 1, 0);
    assert_int_equal(world_send(w, ask), REFUSAL_WRONG_STATE);
}

static void an_emergency_is_reinforced_controlled_and_may_flare_up(void **state)
{
    struct world *w = *state;
    uint64_t incident = alarmed(w);
    (void)sign(w, task_at(w, incident, 1));
    struct command arrive = from_user(2001, COMMAND_TASK_PROGRESS);
    arrive.task_progress.task = task_at(w, incident, 1);
    arrive.task_progress.step = TASK_STEP_ARRIVE;
    (void)world_send(w, arrive);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_ON_SCENE);
    assert_int_equal(about(w, 2003, COMMAND_INCIDENT_CONTROL, incident), REFUSAL_NOT_YOURS);
    assert_int_equal(about(w, 2001, COMMAND_INCIDENT_CONTROL, incident), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(dispatch(w, incident, 0, 3), REFUSAL_NONE);
    world_expect(w, "[0.0] incident_moved step=reinforce from=controlled to=on_scene\n"
                    "[0.0] task_opened department=3 kind=assist\n");
    (void)sign(w, task_at(w, incident, 3));
    (void)reply(w, task_at(w, incident, 3));
    (void)reply(w, task_at(w, incident, 1));
    assert_int_equal(dispatch(w, incident, 0, 4), REFUSAL_NONE);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_HANDLING);
    (void)sign(w, task_at(w, incident, 4));
    (void)reply(w, task_at(w, incident, 4));
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REPLIED);
}

static void a_false_alarm_stands_the_units_down(void **state)
{
    struct world *w = *state;
    uint64_t incident = alarmed(w);
    (void)sign(w, task_at(w, incident, 1));
    struct command command = from_user(SUPERVISOR, COMMAND_INCIDENT_VOID);
    command.incident_void.incident = incident;
    command.incident_void.reason = VOID_REASON_SILENT;
    assert_int_equal(world_send(w, command), REFUSAL_WRONG_STATE);
    command.incident_void.reason = VOID_REASON_FALSE_GOOD_FAITH;
    world_skip(w);
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    world_expect(w, "[0.0] task_moved department=1 step=recall\n"
                    "[0.0] incident_moved step=void from=handling reason=false_good_faith\n");
}

static void a_lead_calls_others_within_its_own_time(void **state)
{
    struct world *w = *state;
    uint64_t incident = handled(w);
    struct command add = from_user(2002, COMMAND_TASK_ADD);
    add.task_add.incident = incident;
    add.task_add.department = 3;
    add.task_add.due_ms = w->now_ms + 60 * DAY;
    assert_int_equal(world_send(w, add), REFUSAL_MALFORMED);
    add.task_add.due_ms = w->now_ms + DAY;
    add.actor = 2004;
    assert_int_equal(world_send(w, add), REFUSAL_NOT_YOURS);
    add.actor = 2002;
    world_skip(w);
    assert_int_equal(world_send(w, add), REFUSAL_NONE);
    add.task_add.department = 4;
    add.task_add.kind = TASK_KIND_INFORM;
    add.task_add.due_ms = 0;
    assert_int_equal(world_send(w, add), REFUSAL_NONE);
    world_expect(w, "[0.0] task_opened department=3 kind=assist reply_due=86400.0\n"
                    "[0.0] task_opened department=4 kind=inform\n");
    /* Who is only informed signs, and that is all; nobody waits for it. */
    assert_int_equal(reply(w, task_at(w, incident, 2)), REFUSAL_ASSIST_OPEN);
    struct command recall = from_user(1001, COMMAND_TASK_RECALL);
    recall.task_recall.task = task_at(w, incident, 3);
    assert_int_equal(world_send(w, recall), REFUSAL_NONE);
    world_skip(w);
    assert_int_equal(sign(w, task_at(w, incident, 4)), REFUSAL_NONE);
    assert_int_equal(reply(w, task_at(w, incident, 2)), REFUSAL_NONE);
    world_expect(w, "[0.0] task_moved department=4 step=sign kind=inform\n"
                    "[0.0] task_moved department=4 step=note to=replied\n"
                    "[0.0] task_moved department=2 step=reply\n"
                    "[0.0] incident_moved step=reply\n"
                    "[0.0] clock_started clock=tell\n"
                    "[0.0] text_ordered template=result\n");
}

static void who_is_informed_late_is_no_longer_needed(void **state)
{
    struct world *w = *state;
    uint64_t incident = handled(w);
    struct command add = from_user(1001, COMMAND_TASK_ADD);
    add.task_add.incident = incident;
    add.task_add.department = 4;
    add.task_add.kind = TASK_KIND_SUPERVISE;
    (void)world_send(w, add);
    world_skip(w);
    (void)reply(w, task_at(w, incident, 2));
    world_expect(w, "[0.0] task_moved department=2 step=reply\n"
                    "[0.0] task_moved department=4 step=recall kind=supervise\n"
                    "[0.0] incident_moved step=reply\n"
                    "[0.0] clock_started clock=tell\n"
                    "[0.0] text_ordered template=result\n");
}

static void the_centres_own_wrong_dispatch_is_no_return(void **state)
{
    struct world *w = *state;
    uint64_t incident = registered(w);
    (void)dispatch(w, incident, 2, 3);
    struct command recall = from_user(1001, COMMAND_TASK_RECALL);
    recall.task_recall.task = task_at(w, incident, 2);
    world_skip(w);
    assert_int_equal(world_send(w, recall), REFUSAL_NONE);
    world_expect(w, "[0.0] task_moved department=2 step=recall\n"
                    "[0.0] task_moved department=3 step=recall\n"
                    "[0.0] incident_moved step=recall to=registered\n"
                    "[0.0] clock_started clock=dispatch\n");
}

static enum refusal reply_as(struct world *w, uint32_t user, uint64_t task, enum degree solved)
{
    struct command command = from_user(user, COMMAND_TASK_REPLY);
    command.task_reply.task = task;
    command.task_reply.solved = solved;
    return world_send(w, command);
}

static void the_lead_does_not_say_solved_while_another_says_no(void **state)
{
    struct world *w = *state;
    uint64_t incident = registered(w);
    (void)dispatch(w, incident, 2, 3);
    (void)sign(w, task_at(w, incident, 2));
    (void)sign(w, task_at(w, incident, 3));
    assert_int_equal(reply_as(w, 2003, task_at(w, incident, 3), DEGREE_NO), REFUSAL_NONE);
    assert_int_equal(reply_as(w, 2002, task_at(w, incident, 2), DEGREE_YES),
                     REFUSAL_ASSIST_UNSOLVED);
    assert_int_equal(reply_as(w, 2002, task_at(w, incident, 2), DEGREE_NO), REFUSAL_NONE);
}

static void a_further_round_goes_to_another_handler(void **state)
{
    struct world *w = *state;
    (void)set_parameter(w, PARAMETER_OTHER_HANDLER, 1);
    uint64_t incident = handled(w);
    struct command forward = from_user(2002, COMMAND_TASK_FORWARD);
    forward.task_forward.task = task_at(w, incident, 2);
    forward.task_forward.handler = 77;
    assert_int_equal(world_send(w, forward), REFUSAL_NONE);
    assert_int_equal(world_send(w, forward), REFUSAL_ALREADY);
    (void)reply(w, task_at(w, incident, 2));
    (void)tell(w, incident, TELL_MEANS_PHONE, EXCUSE_REASON_NONE);
    (void)survey(w, incident, DEGREE_NO);
    (void)dispatch(w, incident, 2, 0);
    (void)sign(w, task_at(w, incident, 2));
    assert_int_equal(reply(w, task_at(w, incident, 2)), REFUSAL_SAME_HANDLER);
    forward.task_forward.task = task_at(w, incident, 2);
    assert_int_equal(world_send(w, forward), REFUSAL_SAME_HANDLER);
    forward.task_forward.handler = 78;
    assert_int_equal(world_send(w, forward), REFUSAL_NONE);
    assert_int_equal(reply(w, task_at(w, incident, 2)), REFUSAL_NONE);
}

static void the_third_round_is_a_supervisors(void **state)
{
    struct world *w = *state;
    uint64_t incident = told_incident(w);
    (void)survey(w, incident, DEGREE_NO);
    for (uint32_t round = 2; round <= 3; round++) {
        struct command command = from_user(1001, COMMAND_INCIDENT_DISPATCH);
        command.incident_dispatch.incident = incident;
        command.incident_dispatch.lead = 2;
        assert_int_equal(world_send(w, command), round == 2 ? REFUSAL_NONE : REFUSAL_NOT_ALLOWED);
        command.actor = SUPERVISOR;
        if (round == 3)
            assert_int_equal(world_send(w, command), REFUSAL_NONE);
        (void)sign(w, task_at(w, incident, 2));
        (void)reply(w, task_at(w, incident, 2));
        (void)tell(w, incident, TELL_MEANS_PHONE, EXCUSE_REASON_NONE);
        (void)survey(w, incident, DEGREE_NO);
    }
}

static void a_new_fact_reopens_until_the_archive(void **state)
{
    struct world *w = *state;
    (void)set_parameter(w, PARAMETER_ARCHIVE_WAIT_MS, 15 * DAY);
    uint64_t incident = told_incident(w);
    (void)survey(w, incident, DEGREE_YES);
    struct command reopen = from_user(1001, COMMAND_INCIDENT_REOPEN);
    reopen.incident_reopen.incident = incident;
    world_wait(w, 16 * DAY);
    assert_int_equal(world_send(w, reopen), REFUSAL_TOO_LATE);
    reopen.incident_reopen.new_fact = true;
    assert_int_equal(world_send(w, reopen), REFUSAL_NONE);
    uint64_t other = told_incident(w);
    (void)survey(w, other, DEGREE_YES);
    world_skip(w);
    world_wait(w, 31 * DAY);
    assert_int_equal(state_of(w, other), INCIDENT_STATE_ARCHIVED);
    reopen.incident_reopen.incident = other;
    assert_int_equal(world_send(w, reopen), REFUSAL_WRONG_STATE);
}

static void a_direct_answer_is_reopened_within_a_week(void **state)
{
    struct world *w = *state;
    uint64_t incident = registered(w);
    assert_int_equal(about(w, 1001, COMMAND_INCIDENT_ANSWER_DIRECTLY, incident), REFUSAL_NONE);
    world_wait(w, 7 * DAY + 1);
    assert_int_equal(about(w, 1001, COMMAND_INCIDENT_REOPEN, incident), REFUSAL_TOO_LATE);
}

static void the_citizen_is_spoken_with_before_the_reply(void **state)
{
    struct world *w = *state;
    (void)set_parameter(w, PARAMETER_CONTACT_FIRST, 1);
    uint64_t task = task_at(w, handled(w), 2);
    struct command spoke = from_user(2002, COMMAND_TASK_PROGRESS);
    spoke.task_progress.task = task;
    spoke.task_progress.step = TASK_STEP_CONTACT;
    assert_int_equal(reply(w, task), REFUSAL_NO_CONTACT_YET);
    world_skip(w);
    assert_int_equal(world_send(w, spoke), REFUSAL_NONE);
    world_expect(w, "[0.0] task_moved department=2 step=contact from=signed to=contacted\n");
    assert_int_equal(world_send(w, spoke), REFUSAL_WRONG_STATE);
    assert_int_equal(reply(w, task), REFUSAL_NONE);
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, staffed, world_teardown)
    const struct CMUnitTest tests[] = {
        STORY(the_citizen_is_spoken_with_before_the_reply),
        STORY(a_draft_survives_the_seat_and_becomes_an_order),
        STORY(a_draft_that_goes_on_another_way_is_an_order_like_any_other),
        STORY(a_reviewer_passes_what_somebody_else_wrote),
        STORY(nobody_passes_their_own_record),
        STORY(a_reply_is_read_before_the_citizen_hears_it),
        STORY(missing_facts_stop_the_departments_clock_three_days),
        STORY(facts_missing_at_the_start_send_it_back_to_the_start),
        STORY(two_returns_are_a_dispute_and_the_ruling_binds),
        STORY(two_departments_that_point_at_each_other_are_a_dispute_at_once),
        STORY(what_nobody_rules_on_is_the_backstops),
        STORY(a_district_s_backstop_is_its_own),
        STORY(a_dispute_on_the_spot_has_two_days),
        STORY(a_send_back_comes_within_a_working_day),
        STORY(urging_and_supervision_move_no_clock),
        STORY(what_a_person_demands_has_a_deadline_that_no_lower_rung_moves),
        STORY(an_urge_is_answered_or_missed),
        STORY(a_reply_answers_the_supervision_it_was_asked_by),
        STORY(what_is_demanded_waits_while_the_work_does),
        STORY(an_emergency_that_somebody_raises_is_due_sooner),
        STORY(an_emergency_is_lowered_by_two_and_only_before_its_units_are_out),
        STORY(an_emergency_is_reinforced_controlled_and_may_flare_up),
        STORY(a_false_alarm_stands_the_units_down),
        STORY(a_lead_calls_others_within_its_own_time),
        STORY(who_is_informed_late_is_no_longer_needed),
        STORY(the_centres_own_wrong_dispatch_is_no_return),
        STORY(the_lead_does_not_say_solved_while_another_says_no),
        STORY(a_further_round_goes_to_another_handler),
        STORY(the_third_round_is_a_supervisors),
        STORY(a_new_fact_reopens_until_the_archive),
        STORY(a_direct_answer_is_reopened_within_a_week),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
