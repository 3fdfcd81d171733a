/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The figures that need an order's whole course: who had the ball, whether an answer was enough, what
 * became of alarms. Each is kept and counted again (tests/unit/books.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>

#include "tests/story/staff.h"
#include "tests/unit/books.h"

#define HALF_HOUR (HOUR / 2) /* all before the quiet hours */

static const struct kpi_row *city(void)
{
    return kept(DAY_ONE, EVER, KPI_SCOPE_CITY, 0);
}

static enum refusal order_about(struct world *w, struct command command, uint64_t incident)
{
    command.incident_resume.incident = incident; /* the first field of all of them */
    return world_send(w, command);
}

static enum refusal step(struct world *w, uint32_t user, enum command_kind kind, uint64_t incident)
{
    return order_about(w, from_user(user, kind), incident);
}

/* ---- O16: who had the ball --------------------------------------------------------------------- */

static uint64_t owned(const struct kpi_row *row)
{
    uint64_t sum = 0;
    for (enum kpi_count count = KPI_COUNT_OWNED_CENTRE_MS; count <= KPI_COUNT_OWNED_OTHER_LINE_MS;
         count++)
        sum += count_of(row, count);
    return sum;
}

static void the_time_until_an_order_is_closed_is_told_by_who_had_it(void **state)
{
    struct world *w = *state;
    books_open();
    uint64_t incident = registered(w);
    world_wait(w, HALF_HOUR); /* the centre thinks about it */
    (void)dispatch(w, incident, 3, 0);
    world_wait(w, 5 * HALF_HOUR);
    (void)send_back(w, task_at(w, incident, 3), RETURN_REASON_DUTY);
    world_wait(w, HALF_HOUR); /* and rules */
    assert_int_equal(rule(w, task_at(w, incident, 3), true), REFUSAL_NONE);
    (void)dispatch(w, incident, 2, 0);
    (void)sign(w, task_at(w, incident, 2));
    world_wait(w, 2 * HALF_HOUR);
    struct command ask = from_user(2002, COMMAND_INCIDENT_ASK_INFO);
    ask.incident_ask_info.missing = 1U << FACT_PLACE;
    assert_int_equal(order_about(w, ask, incident), REFUSAL_NONE);
    world_wait(w, 3 * HALF_HOUR);
    assert_int_equal(step(w, 1001, COMMAND_INCIDENT_GIVE_INFO, incident), REFUSAL_NONE);
    world_wait(w, 4 * HALF_HOUR);
    (void)reply(w, task_at(w, incident, 2));
    (void)report_text(w, last_text(w, TEMPLATE_RESULT), TEXT_STATE_DELIVERED);
    world_wait(w, HALF_HOUR);
    (void)rating_in(w, LI, DEGREE_YES, DEGREE_YES, DEGREE_YES);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_CLOSED);
    enter(w->history, w->history_count);
    const struct kpi_row *row = city();
    assert_int_equal(count_of(row, KPI_COUNT_OWNED_CENTRE_MS), 2 * HALF_HOUR);
    assert_int_equal(count_of(row, KPI_COUNT_OWNED_AIR_MS), 5 * HALF_HOUR);
    assert_int_equal(count_of(row, KPI_COUNT_OWNED_DEPARTMENT_MS), 6 * HALF_HOUR);
    assert_int_equal(count_of(row, KPI_COUNT_OWNED_CITIZEN_MS), 4 * HALF_HOUR);
    assert_int_equal(count_of(row, KPI_COUNT_OWNED_DISPUTE_MS), 0);
    assert_int_equal(count_of(row, KPI_COUNT_CLOSED_ASKED), 1);
    assert_true(owned(row) == count_of(row, KPI_COUNT_TOTAL_MS));
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

/* What a later round takes is no part of the first one's time. */
static void only_the_first_end_is_told(void **state)
{
    struct world *w = *state;
    books_open();
    uint64_t incident = told_incident(w);
    (void)rating_in(w, LI, DEGREE_YES, DEGREE_YES, DEGREE_YES);
    world_wait(w, DAY);
    struct command reopen = from_user(SUPERVISOR, COMMAND_INCIDENT_REOPEN);
    reopen.incident_reopen.new_fact = true;
    assert_int_equal(order_about(w, reopen, incident), REFUSAL_NONE);
    world_wait(w, DAY);
    (void)dispatch(w, incident, 2, 0);
    (void)sign(w, task_at(w, incident, 2));
    (void)reply(w, task_at(w, incident, 2));
    (void)report_text(w, last_text(w, TEMPLATE_RESULT), TEXT_STATE_DELIVERED);
    (void)rating_in(w, LI, DEGREE_YES, DEGREE_YES, DEGREE_YES);
    enter(w->history, w->history_count);
    const struct kpi_row *row = city();
    assert_int_equal(count_of(row, KPI_COUNT_CLOSED), 2);
    assert_int_equal(count_of(row, KPI_COUNT_TOTAL_CLOSED), 1);
    assert_true(owned(row) == count_of(row, KPI_COUNT_TOTAL_MS));
    all_agree(DAY_ONE, DAY_ONE + 1);
    books_close();
}

/* ---- O1: was the answer enough? ---------------------------------------------------------------- */

static uint64_t asked_by(struct world *w, uint64_t caller, uint32_t category)
{
    uint64_t contact = talk(w, 12345, caller);
    uint64_t incident = register_incident(w, 1001, contact, category);
    (void)finish(w, 1001, contact);
    (void)finish_wrap_up(w, 1001);
    return incident;
}

static uint64_t answered_directly(struct world *w, uint64_t caller, uint32_t category)
{
    uint64_t incident = asked_by(w, caller, category);
    assert_int_equal(step(w, SUPERVISOR, COMMAND_INCIDENT_ANSWER_DIRECTLY, incident), REFUSAL_NONE);
    return incident;
}

static void a_direct_answer_is_enough_unless_the_citizen_comes_again_within_a_week(void **state)
{
    struct world *w = *state;
    books_open();
    (void)answered_directly(w, LI, 20100);
    (void)answered_directly(w, WANG, 20100);
    (void)answered_directly(w, ZHAO, 20100);
    world_wait(w, 6 * DAY);
    (void)asked_by(w, LI, 20100);   /* the same again */
    (void)asked_by(w, LI, 20100);   /* which counts once */
    (void)asked_by(w, WANG, 20200); /* something else */
    world_wait(w, 2 * DAY);
    (void)asked_by(w, ZHAO, 20100); /* after eight days */
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, DAY_ONE, KPI_SCOPE_CITY, 0);
    assert_int_equal(count_of(row, KPI_COUNT_DIRECT), 3);
    assert_int_equal(count_of(row, KPI_COUNT_DIRECT_AGAIN), 1); /* on the day of the answer */
    all_agree(DAY_ONE, DAY_ONE + 6);
    books_close();
}

static void an_answer_reopened_or_linked_to_was_not_enough(void **state)
{
    struct world *w = *state;
    books_open();
    uint64_t reopened = answered_directly(w, LI, 20100);
    uint64_t linked = answered_directly(w, WANG, 20100);
    world_wait(w, DAY);
    assert_int_equal(step(w, SUPERVISOR, COMMAND_INCIDENT_REOPEN, reopened), REFUSAL_NONE);
    (void)asked_by(w, LI, 20100); /* it was counted when it was reopened */
    struct command link = from_user(SUPERVISOR, COMMAND_INCIDENT_LINK);
    link.incident_link.incident = asked_by(w, WANG, 20200);
    link.incident_link.other = linked;
    link.incident_link.relation = RELATION_REPEAT;
    assert_int_equal(world_send(w, link), REFUSAL_NONE);
    enter(w->history, w->history_count);
    assert_int_equal(count_of(city(), KPI_COUNT_DIRECT_AGAIN), 2);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

/* Nobody completed the record, and somebody was helped. */
static void a_draft_answered_directly_is_an_answer_and_one_set_aside_an_invalid_call(void **state)
{
    static const enum command_kind ends[] = { COMMAND_INCIDENT_ANSWER_DIRECTLY,
                                              COMMAND_INCIDENT_VOID };
    struct world *w = *state;
    books_open();
    for (uint32_t i = 0; i < 2; i++) {
        struct command draft = from_user(1001, COMMAND_INCIDENT_DRAFT);
        uint64_t contact = draft.incident_draft.contact = talk(w, 12345, LI);
        draft.incident_draft.category = 20100;
        assert_int_equal(world_send(w, draft), REFUSAL_NONE);
        struct command end = from_user(SUPERVISOR, ends[i]);
        if (i == 1)
            end.incident_void.reason = VOID_REASON_WRONG_NUMBER;
        assert_int_equal(order_about(w, end, w->verdict.incident), REFUSAL_NONE);
        (void)finish(w, 1001, contact);
        (void)finish_wrap_up(w, 1001);
    }
    enter(w->history, w->history_count);
    const struct kpi_row *row = city();
    assert_int_equal(count_of(row, KPI_COUNT_ACCEPTED), 1);
    assert_int_equal(count_of(row, KPI_COUNT_DIRECT), 1);
    assert_int_equal(count_of(row, KPI_COUNT_OPEN_NOW), 0);
    assert_int_equal(count_of(row, KPI_COUNT_VOIDED), 1);
    assert_int_equal(count_of(kept(DAY_ONE, EVER, KPI_SCOPE_LINE, 12345), KPI_COUNT_INVALID), 1);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

/* ---- O11, O13, T6 ------------------------------------------------------------------------------ */

static void a_reply_that_does_not_pass_says_what_is_wrong_with_it(void **state)
{
    struct world *w = *state;
    books_open();
    (void)set_parameter(w, PARAMETER_REPLY_REVIEW, 1);
    uint64_t incident = handled(w);
    (void)reply(w, task_at(w, incident, 2));
    struct command reject = from_user(REVIEWER, COMMAND_TASK_REJECT_REPLY);
    reject.task_reject_reply.task = task_at(w, incident, 2);
    reject.task_reject_reply.defect = DEFECT_NO_BASIS;
    assert_int_equal(world_send(w, reject), REFUSAL_NONE);
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, EVER, KPI_SCOPE_DEPARTMENT, 2);
    assert_int_equal(count_of(row, KPI_COUNT_REPLIES_REJECTED), 1);
    assert_int_equal(count_of(row, KPI_COUNT_REJECTED_NO_BASIS), 1);
    assert_int_equal(count_of(row, KPI_COUNT_REJECTED_COPIED), 0);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

/* Supervised when it was two working days late; the order wants the reply within three. */
static uint64_t supervised(struct world *w)
{
    uint64_t incident = asked_by(w, LI, 20100);
    (void)dispatch(w, incident, 2, 0);
    (void)sign(w, task_at(w, incident, 2));
    for (uint32_t days = 0; days < 20; days++) {
        world_wait(w, DAY);
        const struct event *climbed = last_event(w, EVENT_LADDER_CLIMBED);
        if (climbed && climbed->incident == incident &&
            climbed->ladder_climbed.level == LADDER_LEVEL_SUPERVISE_1)
            return incident;
    }
    fail_msg("nobody supervises");
    return 0;
}

static void a_supervision_order_is_answered_replied_to_or_missed(void **state)
{
    struct world *w = *state;
    books_open();
    uint64_t incident = supervised(w);
    struct command answer_it = from_user(2002, COMMAND_DEMAND_ANSWER);
    answer_it.demand_answer.task = task_at(w, incident, 2);
    assert_int_equal(world_send(w, answer_it), REFUSAL_NONE);
    (void)reply(w, task_at(w, incident, 2)); /* it was answered already */
    incident = supervised(w);
    (void)reply(w, task_at(w, incident, 2));
    incident = supervised(w);
    world_wait(w, 10 * DAY); /* nobody says anything: the next level replaces it */
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, EVER, KPI_SCOPE_DEPARTMENT, 2);
    assert_int_equal(count_of(row, KPI_COUNT_SUPERVISIONS_IN_TIME), 2);
    assert_int_equal(count_of(row, KPI_COUNT_SUPERVISIONS_DUE), 3);
    all_agree(DAY_ONE, DAY_ONE + 10);
    books_close();
}

static void a_verdict_closed_against_by_two_is_taken_out_and_shown(void **state)
{
    struct world *w = *state;
    books_open();
    uint64_t incident = told_incident(w);
    struct command explain = from_user(REVIEWER, COMMAND_INCIDENT_EXPLAIN);
    explain.incident_explain = (struct incident_explain){ .incident = incident,
                                                          .contacted = DEGREE_YES,
                                                          .solved = DEGREE_MOSTLY,
                                                          .satisfied = DEGREE_NO,
                                                          .close = CLOSE_CODE_NOT_AGREED };
    assert_int_equal(world_send(w, explain), REFUSAL_NONE);
    uint64_t petition = w->verdict.petition;
    world_wait(w, HOUR);
    assert_int_equal(agree(w, SUPERVISOR, petition), REFUSAL_NONE);
    enter(w->history, w->history_count);
    const struct kpi_row *row = city();
    assert_int_equal(count_of(row, KPI_COUNT_SATISFIED_NO), 1); /* the citizen said it */
    assert_int_equal(count_of(row, KPI_COUNT_EXPLAINED), 1);
    assert_int_equal(count_of(row, KPI_COUNT_EXPLAINED_UNSATISFIED), 1);
    assert_int_equal(count_of(row, KPI_COUNT_EXPLAINED_UNSOLVED), 0);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

/* ---- M8, C13 ----------------------------------------------------------------------------------- */

static uint64_t alarmed(struct world *w, uint64_t caller)
{
    uint64_t contact = talk(w, 110, caller);
    uint64_t incident = register_incident(w, 1001, contact, 10100);
    (void)finish(w, 1001, contact);
    (void)finish_wrap_up(w, 1001);
    return incident;
}

static void merge(struct world *w, uint64_t child, uint64_t parent)
{
    struct command command = from_user(1001, COMMAND_INCIDENT_MERGE);
    command.incident_merge = (struct incident_merge){ .child = child,
                                                      .parent = parent,
                                                      .basis = MERGE_BASIS_SAME_EVENT };
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

/* In good faith: there was nothing. */
static void call_false(struct world *w, uint64_t incident)
{
    struct command command = from_user(SUPERVISOR, COMMAND_INCIDENT_VOID);
    command.incident_void.reason = VOID_REASON_FALSE_GOOD_FAITH;
    assert_int_equal(order_about(w, command, incident), REFUSAL_NONE);
}

static void alarms_are_told_by_what_became_of_them(void **state)
{
    struct world *w = *state;
    books_open();
    uint64_t first = alarmed(w, LI), second = alarmed(w, WANG), nothing = alarmed(w, ZHAO);
    merge(w, second, first);
    call_false(w, nothing);
    struct command reline = from_user(1001, COMMAND_CONTACT_RELINE);
    reline.contact_reline.contact = talk(w, 110, LI);
    reline.contact_reline.line = 12345;
    assert_int_equal(world_send(w, reline), REFUSAL_NONE);
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, EVER, KPI_SCOPE_LINE, 110);
    assert_int_equal(count_of(row, KPI_COUNT_EMERGENCIES), 3);
    assert_int_equal(count_of(row, KPI_COUNT_EMERGENCIES_MERGED), 1);
    assert_int_equal(count_of(row, KPI_COUNT_FALSE_GOOD_FAITH), 1);
    assert_int_equal(count_of(row, KPI_COUNT_FALSE_KNOWING), 0);
    assert_int_equal(count_of(row, KPI_COUNT_DIVERTED), 1);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

/* Somebody found out later: it was an alarm, and no other's. */
static void what_became_of_an_alarm_is_told_as_it_stands_now(void **state)
{
    struct world *w = *state;
    books_open();
    uint64_t first = alarmed(w, LI), second = alarmed(w, WANG), nothing = alarmed(w, ZHAO);
    merge(w, second, first);
    struct command unmerge = from_user(REVIEWER, COMMAND_INCIDENT_UNMERGE);
    unmerge.incident_unmerge.incident = second;
    unmerge.incident_unmerge.reason = UNMERGE_REASON_OTHER_PLACE;
    assert_int_equal(world_send(w, unmerge), REFUSAL_NONE);
    call_false(w, nothing);
    assert_int_equal(step(w, SUPERVISOR, COMMAND_INCIDENT_OBJECT, nothing), REFUSAL_NONE);
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, EVER, KPI_SCOPE_LINE, 110);
    assert_int_equal(count_of(row, KPI_COUNT_EMERGENCIES_MERGED), 0);
    assert_int_equal(count_of(row, KPI_COUNT_FALSE_GOOD_FAITH), 0);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

/* From Friday to Wednesday: more than 72 hours, and no more than three working days. */
static void a_weekend_is_no_time_in_which_something_could_be_done(void **state)
{
    struct world *w = *state;
    books_open();
    uint64_t incident = told_incident(w);
    world_wait(w, 4 * DAY);
    struct command explain = from_user(REVIEWER, COMMAND_INCIDENT_EXPLAIN);
    explain.incident_explain.incident = incident;
    explain.incident_explain.contacted = DEGREE_YES;
    explain.incident_explain.solved = DEGREE_NO;
    explain.incident_explain.satisfied = DEGREE_NO;
    explain.incident_explain.close = CLOSE_CODE_NOT_AGREED;
    assert_int_equal(world_send(w, explain), REFUSAL_NONE);
    uint64_t petition = w->verdict.petition;
    world_wait(w, 5 * DAY);
    assert_int_equal(disagree(w, DIRECTOR, petition), REFUSAL_NONE);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REDO);
    enter(w->history, w->history_count);
    assert_int_equal(count_of(city(), KPI_COUNT_BAD_RATINGS), 1);
    assert_int_equal(count_of(city(), KPI_COUNT_BAD_REDONE), 0);
    assert_int_equal(count_of(city(), KPI_COUNT_BAD_REDONE_IN_3WD), 1);
    all_agree(DAY_ONE, DAY_ONE + 9);
    books_close();
}

static void feedback_from_the_scene_may_be_given_back(void **state)
{
    struct world *w = *state;
    books_open();
    uint64_t incident = register_incident(w, 1001, talk(w, 110, LI), 10100);
    (void)dispatch(w, incident, 1, 0);
    uint64_t task = task_at(w, incident, 1);
    assert_int_equal(sign(w, task), REFUSAL_NONE);
    assert_int_equal(reply(w, task), REFUSAL_NONE);
    struct command command = from_user(SUPERVISOR, COMMAND_TASK_REJECT_REPLY);
    command.task_reject_reply.task = task;
    command.task_reject_reply.defect = DEFECT_NO_EVIDENCE;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    assert_int_equal(reply(w, task), REFUSAL_NONE);
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, EVER, KPI_SCOPE_LINE, 110);
    assert_int_equal(count_of(row, KPI_COUNT_FEEDBACKS), 2);
    assert_int_equal(count_of(row, KPI_COUNT_FEEDBACKS_REJECTED), 1);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

static void the_three_rates_weigh_what_the_city_says(void **state)
{
    struct world *w = *state;
    books_open();
    assert_int_equal(set_parameter(w, PARAMETER_WEIGHT_SOLVED, 50), REFUSAL_NONE);
    assert_int_equal(set_parameter(w, PARAMETER_WEIGHT_SOLVED, 60), REFUSAL_NONE);
    assert_int_equal(set_parameter(w, PARAMETER_WEIGHT_SATISFIED, 40), REFUSAL_NONE);
    enter(w->history, w->history_count);
    assert_int_equal(count_of(city(), KPI_COUNT_WEIGHT_CONTACTED_NOW), 0);
    assert_int_equal(count_of(city(), KPI_COUNT_WEIGHT_SOLVED_NOW), 60);
    assert_int_equal(count_of(city(), KPI_COUNT_WEIGHT_SATISFIED_NOW), 40);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

static void takers_are_counted_for_the_people_they_answer(void **state)
{
    struct world *w = *state;
    books_open();
    enter(w->history, w->history_count);
    uint32_t entered = w->history_count;
    uint64_t takers = count_of(city(), KPI_COUNT_TAKERS_NOW);
    assert_true(takers > 0);
    assert_int_equal(count_of(city(), KPI_COUNT_POPULATION_NOW), 0); /* nobody said: no figure */
    assert_int_equal(set_parameter(w, PARAMETER_POPULATION, 5000000), REFUSAL_NONE);
    assert_int_equal(set_parameter(w, PARAMETER_POPULATION, 4900000), REFUSAL_NONE);
    define(w, 1001, ROLE_REVIEWER, 0);
    define(w, REVIEWER, ROLE_TAKER, 0);
    define(w, DIRECTOR, ROLE_TAKER, 0);
    enter(w->history + entered, w->history_count - entered);
    assert_int_equal(count_of(city(), KPI_COUNT_POPULATION_NOW), 4900000);
    assert_int_equal(count_of(city(), KPI_COUNT_TAKERS_NOW), takers + 1);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

int main(void)
{
#define STORY(name) cmocka_unit_test_setup_teardown(name, staffed, world_teardown)
    const struct CMUnitTest tests[] = {
        STORY(the_time_until_an_order_is_closed_is_told_by_who_had_it),
        STORY(only_the_first_end_is_told),
        STORY(a_direct_answer_is_enough_unless_the_citizen_comes_again_within_a_week),
        STORY(an_answer_reopened_or_linked_to_was_not_enough),
        STORY(a_draft_answered_directly_is_an_answer_and_one_set_aside_an_invalid_call),
        STORY(a_reply_that_does_not_pass_says_what_is_wrong_with_it),
        STORY(a_supervision_order_is_answered_replied_to_or_missed),
        STORY(a_verdict_closed_against_by_two_is_taken_out_and_shown),
        STORY(alarms_are_told_by_what_became_of_them),
        STORY(what_became_of_an_alarm_is_told_as_it_stands_now),
        STORY(a_weekend_is_no_time_in_which_something_could_be_done),
        STORY(feedback_from_the_scene_may_be_given_back),
        STORY(the_three_rates_weigh_what_the_city_says),
        STORY(takers_are_counted_for_the_people_they_answer),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests_name("kpi_orders", tests, NULL, NULL);
}
