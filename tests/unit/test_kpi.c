/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The figures a city is judged by: counted as defined, and counted the same from the bare events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "dispatcher/kpi/formula.h"
#include "dispatcher/kpi/stamps.h"
#include "tests/golden/journal_file.h"
#include "tests/story/staff.h"
#include "tests/unit/books.h"
#include "tests/unit/town.h"

static void a_day_of_calls_is_counted_as_defined(void **state)
{
    struct world *w = *state;
    books_open();
    on_duty(w, 1001);
    uint64_t first = call_in(w, 110, LI);
    world_wait(w, 4 * SECOND);
    (void)answer(w, last_offer(w));
    world_wait(w, 60 * SECOND);
    (void)finish(w, 1001, first);
    uint64_t gone = call_in(w, 12345, WANG);
    world_wait(w, 3 * SECOND);
    (void)hang_up(w, gone, END_CAUSE_CANCELLED);
    world_wait(w, 2 * MINUTE);
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, DAY_ONE, KPI_SCOPE_LINE, 110);
    assert_int_equal(count_of(row, KPI_COUNT_OFFERED), 1);
    assert_int_equal(count_of(row, KPI_COUNT_ANSWERED), 1);
    assert_int_equal(count_of(row, KPI_COUNT_ANSWERED_IN_TARGET), 1);
    assert_int_equal(count_of(row, KPI_COUNT_WAIT_MS), 4 * SECOND);
    assert_int_equal(count_of(row, KPI_COUNT_WAIT_TO_5S), 1);
    assert_int_equal(count_of(row, KPI_COUNT_TALK_MS), 60 * SECOND);
    assert_int_equal(histogram_quantile_ms(HISTOGRAM_WAIT, row->counts, 900), 5 * SECOND);
    row = kept(DAY_ONE, DAY_ONE, KPI_SCOPE_LINE, 12345);
    assert_int_equal(count_of(row, KPI_COUNT_OFFERED), 1);
    assert_int_equal(count_of(row, KPI_COUNT_ANSWERED), 0);
    assert_int_equal(count_of(row, KPI_COUNT_ABANDONED), 1);
    assert_int_equal(count_of(row, KPI_COUNT_ABANDONED_SHORT), 1);
    assert_int_equal(count_of(row, KPI_COUNT_ABANDONED_IN_TARGET), 1);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

static void dispose(struct world *w, uint64_t contact, uint32_t disposition)
{
    struct command command = from_user(1001, COMMAND_CONTACT_DISPOSE);
    command.contact_dispose.contact = contact;
    command.contact_dispose.disposition = disposition;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void a_call_that_was_nobodys_matter_is_invalid_until_said_otherwise(void **state)
{
    struct world *w = *state;
    books_open();
    for (uint32_t number = 1; number <= 2; number++) {
        struct command command = from_system(COMMAND_DISPOSITION_DEFINE);
        command.disposition_define.has_row = true;
        command.disposition_define.row =
            (struct disposition_row){ .disposition = number, .invalid = number == 2 };
        assert_int_equal(world_send(w, command), REFUSAL_NONE);
    }
    on_duty(w, 1001);
    for (uint32_t i = 0; i < 3; i++) {
        uint64_t contact = talk(w, 12345, LI);
        if (i == 1)
            (void)register_incident(w, 1001, contact, 20100);
        (void)finish(w, 1001, contact);
        dispose(w, contact, 2);
        if (i == 2)
            dispose(w, contact, 1);
        (void)finish_wrap_up(w, 1001);
    }
    enter(w->history, w->history_count);
    assert_int_equal(count_of(kept(DAY_ONE, DAY_ONE, KPI_SCOPE_LINE, 12345), KPI_COUNT_INVALID), 1);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

/* Days add up; the longest of each does not. */
static void the_longest_of_many_days_is_one_of_them(void **state)
{
    struct world *w = *state;
    static const uint32_t talks[] = { 60, 90, 30 };
    books_open();
    on_duty(w, 1001);
    for (uint32_t i = 0; i < 3; i++) {
        uint64_t contact = call_in(w, 12345, LI);
        world_wait(w, (4 - i) * SECOND);
        assert_int_equal(answer(w, last_offer(w)), REFUSAL_NONE);
        world_wait(w, talks[i] * SECOND);
        (void)finish(w, 1001, contact);
        (void)finish_wrap_up(w, 1001);
        world_wait(w, i ? DAY : 0);
    }
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, DAY_ONE, KPI_SCOPE_LINE, 12345);
    assert_int_equal(count_of(row, KPI_COUNT_WAIT_LONGEST_MS), 4 * SECOND);
    assert_int_equal(count_of(row, KPI_COUNT_TALK_LONGEST_MS), 90 * SECOND);
    row = kept(DAY_ONE + 1, DAY_ONE + 1, KPI_SCOPE_LINE, 12345);
    assert_int_equal(count_of(row, KPI_COUNT_TALK_LONGEST_MS), 30 * SECOND);
    row = kept(DAY_ONE, DAY_ONE + 1, KPI_SCOPE_LINE, 12345);
    assert_int_equal(count_of(row, KPI_COUNT_WAIT_LONGEST_MS), 4 * SECOND);
    assert_int_equal(count_of(row, KPI_COUNT_TALK_LONGEST_MS), 90 * SECOND);
    all_agree(DAY_ONE, DAY_ONE + 1);
    books_close();
}

/* Whom a trunk had no place for never stood in the queue. */
static void who_was_turned_away_is_counted_where_nobody_saw_them(void **state)
{
    struct world *w = *state;
    books_open();
    (void)call_in(w, 12345, LI);
    struct command command = from_gateway(1, COMMAND_CALLS_TURN_AWAY);
    command.calls_turn_away.line = 12345;
    command.calls_turn_away.minute_ms = w->now_ms;
    command.calls_turn_away.calls = 3;
    command.calls_turn_away.line = 9;
    assert_int_equal(world_send(w, command), REFUSAL_NO_SUCH_LINE);
    command.calls_turn_away.line = 12345;
    world_wait(w, DAY); /* the line to the dispatcher was down */
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, DAY_ONE, KPI_SCOPE_LINE, 12345);
    assert_int_equal(count_of(row, KPI_COUNT_OFFERED), 1);
    assert_int_equal(count_of(row, KPI_COUNT_TURNED_AWAY), 3);
    all_agree(DAY_ONE, DAY_ONE + 1);
    books_close();
}

static void an_emergency_caller_who_gives_up_is_never_short(void **state)
{
    struct world *w = *state;
    books_open();
    uint64_t gone = call_in(w, 110, LI);
    world_wait(w, 1 * SECOND);
    (void)hang_up(w, gone, END_CAUSE_CANCELLED);
    world_wait(w, 30 * SECOND);
    (void)call_in(w, 110, LI); /* and calls again by himself */
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, DAY_ONE, KPI_SCOPE_LINE, 110);
    assert_int_equal(count_of(row, KPI_COUNT_ABANDONED), 1);
    assert_int_equal(count_of(row, KPI_COUNT_ABANDONED_SHORT), 0);
    assert_int_equal(count_of(row, KPI_COUNT_CALLBACKS), 1);
    assert_int_equal(count_of(row, KPI_COUNT_CALLBACKS_IN_60S), 1);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

static void a_late_reply_counts_on_the_day_it_was_due(void **state)
{
    struct world *w = *state;
    books_open();
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 12345, LI), 20200); /* class L: 24 h */
    (void)dispatch(w, incident, 2, 0);
    (void)sign(w, task_at(w, incident, 2));
    world_wait(w, 2 * DAY);
    (void)reply(w, task_at(w, incident, 2));
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE + 1, DAY_ONE + 1, KPI_SCOPE_DEPARTMENT, 2);
    assert_int_equal(count_of(row, KPI_COUNT_DUE), 1);
    assert_int_equal(count_of(row, KPI_COUNT_REPLIED_IN_TIME), 0);
    assert_int_equal(count_of(row, KPI_COUNT_LATE_REPLIES), 1);
    assert_int_equal(count_of(row, KPI_COUNT_LATE_MS), DAY);
    row = kept(DAY_ONE + 2, DAY_ONE + 2, KPI_SCOPE_DEPARTMENT, 2);
    assert_int_equal(count_of(row, KPI_COUNT_REPLIED), 1);
    assert_int_equal(count_of(row, KPI_COUNT_DUE), 0);
    all_agree(DAY_ONE, DAY_ONE);
    all_agree(DAY_ONE + 1, DAY_ONE + 1);
    books_close();
}

static void a_granted_extension_helps_one_figure_and_not_the_other(void **state)
{
    struct world *w = *state;
    books_open();
    uint64_t incident = handled(w);
    struct command ask = asking(HEAD_OF_WATER, incident, PETITION_KIND_EXTENSION);
    ask.petition_ask.task = task_at(w, incident, 2);
    ask.petition_ask.extension = EXTENSION_REASON_WORKS;
    ask.petition_ask.until_ms = w->now_ms + 12 * DAY;
    assert_int_equal(world_send(w, ask), REFUSAL_NONE);
    assert_int_equal(agree(w, SUPERVISOR, w->verdict.petition), REFUSAL_NONE);
    world_wait(w, 10 * DAY);
    (void)reply(w, task_at(w, incident, 2));
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, EVER, KPI_SCOPE_DEPARTMENT, 2);
    assert_int_equal(count_of(row, KPI_COUNT_EXTENSIONS), 1);
    assert_int_equal(count_of(row, KPI_COUNT_DUE), 1);
    assert_int_equal(count_of(row, KPI_COUNT_REPLIED_IN_TIME), 1);
    assert_int_equal(count_of(row, KPI_COUNT_REPLIED_IN_FIRST_TIME), 0);
    all_agree(DAY_ONE, DAY_ONE + 20);
    books_close();
}

static void the_citizens_word_is_counted_by_its_day(void **state)
{
    struct world *w = *state;
    books_open();
    uint64_t incident = told_incident(w);
    (void)rating_in(w, LI, DEGREE_YES, DEGREE_NO, DEGREE_NO);
    (void)dispatch(w, incident, 2, 0);
    (void)sign(w, task_at(w, incident, 2));
    (void)reply(w, task_at(w, incident, 2));
    (void)report_text(w, last_text(w, TEMPLATE_RESULT), TEXT_STATE_DELIVERED);
    (void)rating_in(w, LI, DEGREE_YES, DEGREE_YES, DEGREE_MOSTLY);
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, EVER, KPI_SCOPE_CITY, 0);
    assert_int_equal(count_of(row, KPI_COUNT_ACCEPTED), 1);
    assert_int_equal(count_of(row, KPI_COUNT_DISPATCHED), 1);
    assert_int_equal(count_of(row, KPI_COUNT_ORDERS_REPLIED), 1);
    assert_int_equal(count_of(row, KPI_COUNT_REDONE), 1);
    assert_int_equal(count_of(row, KPI_COUNT_SURVEYED), 2);
    assert_int_equal(count_of(row, KPI_COUNT_SOLVED_NO), 1);
    assert_int_equal(count_of(row, KPI_COUNT_SOLVED_YES), 1);
    assert_int_equal(count_of(row, KPI_COUNT_SATISFIED_MOSTLY), 1);
    assert_int_equal(count_of(row, KPI_COUNT_CLOSED), 1);
    row = kept(DAY_ONE, EVER, KPI_SCOPE_LINE, 12345);
    assert_int_equal(count_of(row, KPI_COUNT_TEXTS), 0); /* a rating stands in nobody's queue */
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

static enum refusal complete(struct world *w, uint64_t draft)
{
    struct command command = from_user(SUPERVISOR, COMMAND_INCIDENT_REGISTER);
    command.incident_register.draft = draft;
    return world_send(w, command);
}

/* Its number is older than that of an order which was registered before it. */
static void a_record_is_accepted_once_however_it_began(void **state)
{
    struct world *w = *state;
    books_open();
    struct command draft = from_user(SUPERVISOR, COMMAND_INCIDENT_DRAFT);
    draft.incident_draft.line = 12345;
    draft.incident_draft.category = 20100;
    assert_int_equal(world_send(w, draft), REFUSAL_NONE);
    uint64_t drafted = w->verdict.incident;
    uint64_t incident = registered(w);
    (void)set_parameter(w, PARAMETER_PRE_REVIEW, 1);
    assert_int_equal(complete(w, drafted), REFUSAL_NONE);
    world_wait(w, HOUR);
    struct command review = from_user(REVIEWER, COMMAND_INCIDENT_REVIEW);
    review.incident_review.incident = drafted;
    review.incident_review.defect = DEFECT_ADDRESS;
    assert_int_equal(world_send(w, review), REFUSAL_NONE);
    assert_int_equal(complete(w, drafted), REFUSAL_NONE);
    review.incident_review.defect = DEFECT_NONE;
    review.incident_review.pass = true;
    assert_int_equal(world_send(w, review), REFUSAL_NONE);
    assert_int_equal(dispatch(w, drafted, 2, 0), REFUSAL_NONE);
    (void)set_parameter(w, PARAMETER_PRE_REVIEW, 0);
    assert_int_equal(dispatch(w, incident, 2, 0), REFUSAL_NONE);
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, EVER, KPI_SCOPE_CITY, 0);
    assert_int_equal(count_of(row, KPI_COUNT_ACCEPTED), 2);
    assert_int_equal(count_of(row, KPI_COUNT_DISPATCHED), 2);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

static void stamps_are_set_once(void **state)
{
    (void)state;
    struct incident_stamps stamps = { .incident = 0 };
    struct event event = { .kind = EVENT_INCIDENT_REGISTERED,
                           .at_ms = 20,
                           .incident = 9,
                           .incident_registered = { .started_ms = 5 } };
    assert_true(stamps_see(&stamps, &event, 8));
    event = (struct event){ .kind = EVENT_INCIDENT_MOVED,
                            .at_ms = 30,
                            .incident_moved = { .step = INCIDENT_STEP_DISPATCH } };
    assert_true(stamps_see(&stamps, &event, 0));
    event.at_ms = 40;
    assert_false(stamps_see(&stamps, &event, 0));
    assert_int_equal(stamps.arrived_ms, 5);
    assert_int_equal(stamps.answered_ms, 8);
    assert_int_equal(stamps.registered_ms, 20);
    assert_int_equal(stamps.ordered_ms, 30);
}

/* Every minute of a taker's day is one of four. */
static void a_takers_minutes_are_counted_by_what_they_did(void **state)
{
    struct world *w = *state;
    books_open();
    assert_int_equal(sign_on(w, 1001), REFUSAL_NONE);
    world_wait(w, 5 * MINUTE); /* away: has just signed on */
    assert_int_equal(ready(w, 1001), REFUSAL_NONE);
    world_wait(w, 3 * MINUTE - 4 * SECOND);
    uint64_t contact = call_in(w, 12345, LI);
    world_wait(w, 4 * SECOND); /* it rings */
    (void)answer(w, last_offer(w));
    world_wait(w, 2 * MINUTE);
    struct command hold = from_user(1001, COMMAND_CONTACT_HOLD);
    hold.contact_hold.contact = contact;
    assert_int_equal(world_send(w, hold), REFUSAL_NONE);
    world_wait(w, 30 * SECOND);
    hold.kind = COMMAND_CONTACT_RESUME;
    assert_int_equal(world_send(w, hold), REFUSAL_NONE);
    hold.kind = COMMAND_CONTACT_HOLD;
    assert_int_equal(world_send(w, hold), REFUSAL_NONE);
    world_wait(w, 30 * SECOND);
    (void)finish(w, 1001, contact); /* while the citizen is held */
    world_wait(w, 10 * SECOND);
    (void)finish_wrap_up(w, 1001);
    assert_int_equal(sign_off(w, 1001), REFUSAL_NONE);
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, DAY_ONE, KPI_SCOPE_CITY, 0);
    assert_int_equal(count_of(row, KPI_COUNT_AWAY_MS), 5 * MINUTE);
    assert_int_equal(count_of(row, KPI_COUNT_READY_MS), 3 * MINUTE);
    assert_int_equal(count_of(row, KPI_COUNT_TALKING_MS), 3 * MINUTE);
    assert_int_equal(count_of(row, KPI_COUNT_WRAPPING_MS), 10 * SECOND);
    row = kept(DAY_ONE, DAY_ONE, KPI_SCOPE_LINE, 12345);
    assert_int_equal(count_of(row, KPI_COUNT_TALK_MS), 3 * MINUTE);
    assert_int_equal(count_of(row, KPI_COUNT_HOLD_MS), MINUTE);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

static void hand_over(struct world *w, uint64_t contact, uint32_t from, uint32_t line)
{
    struct command command = from_user(from, COMMAND_CONTACT_TRANSFER);
    command.contact_transfer.contact = contact;
    command.contact_transfer.line = line;
    assert_int_equal(world_send(w, command), REFUSAL_NONE);
}

static void a_transfer_is_counted_when_it_is_over(void **state)
{
    struct world *w = *state;
    books_open();
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    hand_over(w, contact, 1001, 120);
    world_wait(w, MINUTE); /* nobody of it is there */
    on_duty(w, 1003);
    hand_over(w, contact, 1001, 120);
    world_wait(w, 8 * SECOND);
    (void)answer(w, last_offer(w));
    struct command take = from_user(1001, COMMAND_TRANSFER_FINISH);
    take.transfer_finish.contact = contact;
    assert_int_equal(world_send(w, take), REFUSAL_NONE);
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, DAY_ONE, KPI_SCOPE_LINE, 12345);
    assert_int_equal(count_of(row, KPI_COUNT_TRANSFERS), 2);
    assert_int_equal(count_of(row, KPI_COUNT_TRANSFERS_TAKEN), 1);
    assert_int_equal(count_of(row, KPI_COUNT_TRANSFER_TO_10S), 1);
    assert_int_equal(count_of(row, KPI_COUNT_ANSWERED), 1);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

/* The phone lost its power; the citizen waits again and is answered by another. */
static void a_citizen_is_answered_once_however_often_somebody_connects(void **state)
{
    struct world *w = *state;
    books_open();
    on_duty(w, 1001);
    uint64_t contact = talk(w, 12345, LI);
    struct command lost = from_gateway(1, COMMAND_TRANSFER_FINISH);
    lost.transfer_finish.call = w->next_call - 1;
    lost.transfer_finish.lost = true;
    assert_int_equal(world_send(w, lost), REFUSAL_NONE);
    on_duty(w, 1002);
    (void)answer(w, last_offer(w));
    assert_int_equal(count_events(w, EVENT_CONTACT_CONNECTED), 2);
    (void)finish(w, 1002, contact);
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, DAY_ONE, KPI_SCOPE_LINE, 12345);
    assert_int_equal(count_of(row, KPI_COUNT_ANSWERED), 1);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

static void an_order_that_came_back_was_sent_to_the_wrong_department(void **state)
{
    struct world *w = *state;
    books_open();
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 12345, LI), 20100);
    (void)dispatch(w, incident, 2, 0);
    world_wait(w, DAY);
    (void)send_back(w, task_at(w, incident, 2), RETURN_REASON_DUTY);
    assert_int_equal(rule(w, task_at(w, incident, 2), true), REFUSAL_NONE);
    (void)dispatch(w, incident, 3, 0);
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, DAY_ONE, KPI_SCOPE_CITY, 0);
    assert_int_equal(count_of(row, KPI_COUNT_DISPATCHED), 1);
    assert_int_equal(count_of(row, KPI_COUNT_MISDIRECTED), 1); /* once, on the day of the order */
    assert_int_equal(count_of(row, KPI_COUNT_OPEN_NOW), 1);
    all_agree(DAY_ONE, DAY_ONE + 1);
    books_close();
}

static void what_is_open_and_what_was_done_about_complaints_is_counted(void **state)
{
    struct world *w = *state;
    books_open();
    uint64_t incident = told_incident(w);
    (void)rating_in(w, LI, DEGREE_YES, DEGREE_NO, DEGREE_NO);
    assert_int_equal(state_of(w, incident), INCIDENT_STATE_REDO);
    (void)finish_wrap_up(w, 1001);
    uint64_t second = register_incident(w, 1001, talk(w, 12345, WANG), 20100);
    struct command link = from_user(SUPERVISOR, COMMAND_INCIDENT_LINK);
    link.incident_link.incident = second;
    link.incident_link.other = incident;
    link.incident_link.relation = RELATION_REPEAT;
    assert_int_equal(world_send(w, link), REFUSAL_NONE);
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, EVER, KPI_SCOPE_CITY, 0);
    assert_int_equal(count_of(row, KPI_COUNT_BAD_RATINGS), 1);
    assert_int_equal(count_of(row, KPI_COUNT_BAD_REDONE), 1);
    assert_int_equal(count_of(row, KPI_COUNT_OPEN_NOW), 2);
    assert_int_equal(count_of(row, KPI_COUNT_REPEATED), 1);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

static void departments_of_one_emergency_hear_of_it_together(void **state)
{
    struct world *w = *state;
    books_open();
    on_duty(w, 1001);
    uint64_t incident = register_incident(w, 1001, talk(w, 110, LI), 10100);
    (void)dispatch(w, incident, 1, 3);
    world_wait(w, MINUTE);
    assert_int_equal(dispatch(w, incident, 0, 4), REFUSAL_NONE); /* more are needed */
    enter(w->history, w->history_count);
    const struct kpi_row *row = kept(DAY_ONE, EVER, KPI_SCOPE_LINE, 110);
    assert_int_equal(count_of(row, KPI_COUNT_EMERGENCIES), 1);
    assert_int_equal(count_of(row, KPI_COUNT_EMERGENCIES_CLOSED), 0);
    assert_int_equal(count_of(row, KPI_COUNT_SIBLINGS), 2);
    assert_int_equal(count_of(row, KPI_COUNT_SIBLINGS_IN_10S), 1);
    all_agree(DAY_ONE, DAY_ONE);
    books_close();
}

/* A year of a small city. */
static const uint64_t counts[KPI_COUNT_COUNT] = {
    [KPI_COUNT_OFFERED] = 110,
    [KPI_COUNT_ANSWERED] = 100,
    [KPI_COUNT_ANSWERED_IN_TARGET] = 80,
    [KPI_COUNT_ABANDONED] = 10,
    [KPI_COUNT_ABANDONED_IN_TARGET] = 4,
    [KPI_COUNT_ABANDONED_SHORT] = 2,
    [KPI_COUNT_TALK_MS] = 9000,
    [KPI_COUNT_HOLD_MS] = 1000,
    [KPI_COUNT_WRAP_UP_MS] = 500,
    [KPI_COUNT_TALKING_MS] = 600,
    [KPI_COUNT_WRAPPING_MS] = 100,
    [KPI_COUNT_READY_MS] = 300,
    [KPI_COUNT_AWAY_MS] = 250,
    [KPI_COUNT_SUSPENDED_NOW] = 3,
    [KPI_COUNT_SUSPENSIONS_ENDED] = 1,
    [KPI_COUNT_OPEN_NOW] = 60,
    [KPI_COUNT_DISPATCHED] = 50,
    [KPI_COUNT_MISDIRECTED] = 4,
    [KPI_COUNT_PARENTS] = 2,
    [KPI_COUNT_MERGED] = 7,
    [KPI_COUNT_EMERGENCIES] = 40,
    [KPI_COUNT_EMERGENCIES_CLOSED] = 38,
    [KPI_COUNT_INVALID] = 6,
    [KPI_COUNT_EMERGENCIES_MERGED] = 5,
    [KPI_COUNT_DIVERTED] = 7,
    [KPI_COUNT_DIRECT] = 30,
    [KPI_COUNT_DIRECT_AGAIN] = 3,
    [KPI_COUNT_REPLIED] = 90,
    [KPI_COUNT_REPLIES_REJECTED] = 9,
    [KPI_COUNT_REJECTED_COPIED] = 4,
    [KPI_COUNT_REJECTED_WORDING] = 1,
    [KPI_COUNT_SUPERVISIONS_DUE] = 8,
    [KPI_COUNT_SUPERVISIONS_IN_TIME] = 6,
    [KPI_COUNT_TOTAL_CLOSED] = 20,
    [KPI_COUNT_OWNED_AIR_MS] = 400,
    [KPI_COUNT_SATISFIED_YES] = 60,
    [KPI_COUNT_SATISFIED_MOSTLY] = 20,
    [KPI_COUNT_SATISFIED_NO] = 20,
    [KPI_COUNT_SURVEYED] = 100,
    [KPI_COUNT_EXPLAINED] = 5,
    [KPI_COUNT_EXPLAINED_UNSATISFIED] = 5,
    [KPI_COUNT_TAKERS_NOW] = 110,
    [KPI_COUNT_POPULATION_NOW] = 4900000,
    [KPI_COUNT_TURNED_AWAY] = 15,
    [KPI_COUNT_WAIT_LONGEST_MS] = 45000,
    [KPI_COUNT_FEEDBACKS] = 50,
    [KPI_COUNT_FEEDBACKS_REJECTED] = 2,
    [KPI_COUNT_CONTACTED_YES] = 90,
    [KPI_COUNT_CONTACTED_NO] = 10,
    [KPI_COUNT_SOLVED_YES] = 2,
    [KPI_COUNT_SOLVED_NO] = 1,
    [KPI_COUNT_WEIGHT_CONTACTED_NOW] = 20,
    [KPI_COUNT_WEIGHT_SOLVED_NOW] = 50,
    [KPI_COUNT_WEIGHT_SATISFIED_NOW] = 30,
};

static void formulas_are_the_published_ones(void **state)
{
    (void)state;
    uint32_t count, low, high;
    const struct formula *table = formulas(&count);
    static const struct {
        const char *id;
        uint64_t over, under;
    } wanted[] = { { "C1", 100, 110 },     { "C3a", 84, 110 },    { "C3b", 80, 100 },
                   { "C3c", 80, 110 },     { "C3d", 80, 106 },    { "C4", 8, 108 },
                   { "C6t", 8000, 100 },   { "C6h", 1000, 100 },  { "C7", 9500, 100 },
                   { "C8", 700, 1000 },    { "C8u", 1000, 1250 }, { "O8t", 3, 60 },
                   { "O8r", 1, 4 },        { "O14", 46, 50 },     { "O15b", 9, 2 },
                   { "M9", 2, 40 },        { "M11", 40, 110 },    { "M8", 5, 40 },
                   { "M8d", 7, 100 },      { "O1", 30, 80 },      { "O1f", 27, 80 },
                   { "O11", 81, 90 },      { "O11y", 4, 90 },     { "O11o", 5, 90 },
                   { "O13t", 6, 8 },       { "O16a", 400, 20 },   { "T3", 80, 100 },
                   { "T3a", 80, 95 },      { "T6", 5, 100 },      { "C13", 110, 4900000 },
                   { "C2", 100, 125 },     { "C5m", 45000, 100 }, { "M1", 80, 110 },
                   { "M10", 2, 50 }, /* 0.2 · 90.0 % + 0.5 · 66.7 % + 0.3 · 80.0 % */
                   { "T4", 75350, 100000 } };
    for (uint32_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        uint32_t at = 0;
        while (at < count && strcmp(table[at].id, wanted[i].id) != 0)
            at++;
        assert_true(at < count);
        assert_int_equal(formula_over(&table[at], counts), wanted[i].over);
        assert_int_equal(formula_under(&table[at], counts), wanted[i].under);
    }
    assert_true(formula_interval(2, 3, &low, &high)); /* two of three says little */
    assert_int_equal(low, 208);
    assert_int_equal(high, 939);
    assert_false(formula_interval(0, 0, &low, &high));
}

static void a_random_town_is_counted_the_same_twice(void **state)
{
    (void)state;
    static struct event events[8000];
    struct town town;
    books_open();
    town_init(&town, 11);
    for (uint32_t i = 0; i < 8000; i++) {
        const struct personal *personal;
        town_next(&town, &events[i], &personal);
    }
    enter(events, 8000);
    all_agree(DAY_ONE, DAY_ONE + 3);
    books_close();
}

/* Every kind of event of old versions, too. */
static void an_old_journal_is_counted_the_same_twice(void **state)
{
    (void)state;
    static struct event events[20000];
    uint32_t count = 0;
    struct journal_file *file = journal_file_open("tests/golden/journal-1.bin");
    assert_non_null(file);
    while (count < 20000 && journal_file_next(file, &events[count]))
        count++;
    journal_file_close(file);
    books_open();
    enter(events, count);
    all_agree(DAY_ONE, DAY_ONE + 3);
    books_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_day_of_calls_is_counted_as_defined, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(
            a_call_that_was_nobodys_matter_is_invalid_until_said_otherwise, world_setup,
            world_teardown),
        cmocka_unit_test_setup_teardown(who_was_turned_away_is_counted_where_nobody_saw_them,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(the_longest_of_many_days_is_one_of_them, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(an_emergency_caller_who_gives_up_is_never_short,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(a_late_reply_counts_on_the_day_it_was_due, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_granted_extension_helps_one_figure_and_not_the_other,
                                        staffed, world_teardown),
        cmocka_unit_test_setup_teardown(the_citizens_word_is_counted_by_its_day, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_record_is_accepted_once_however_it_began, staffed,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_takers_minutes_are_counted_by_what_they_did, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_transfer_is_counted_when_it_is_over, world_setup,
                                        world_teardown),
        cmocka_unit_test_setup_teardown(a_citizen_is_answered_once_however_often_somebody_connects,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(an_order_that_came_back_was_sent_to_the_wrong_department,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(what_is_open_and_what_was_done_about_complaints_is_counted,
                                        world_setup, world_teardown),
        cmocka_unit_test_setup_teardown(departments_of_one_emergency_hear_of_it_together, staffed,
                                        world_teardown),
        cmocka_unit_test(stamps_are_set_once),
        cmocka_unit_test(formulas_are_the_published_ones),
        cmocka_unit_test(a_random_town_is_counted_the_same_twice),
        cmocka_unit_test(an_old_journal_is_counted_the_same_twice),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests_name("kpi", tests, NULL, NULL);
}
