/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From records to counts. */
#include "base/civil.h"
#include "dispatcher/kpi/formula.h"
#include "dispatcher/kpi/histogram.h"
#include "dispatcher/kpi/records.h"
#include "dispatcher/kpi/recount.h"

#define TEXT_MS 180000
#define ROLL_MS 180000

/* What is asked for, and where it is added. */
struct tally {
    const struct recount *recount;
    uint32_t from;
    uint32_t to;
    struct kpi_row *row;
};

static bool within(const struct tally *tally, uint64_t at_ms)
{
    uint32_t day = civil_date_at(at_ms, tally->recount->offset_min);
    return day >= tally->from && day <= tally->to;
}

static void add(const struct tally *tally, enum kpi_count count, uint64_t amount)
{
    if (amount == 0)
        return;
    tally->row->counts[count] = kpi_join(count, tally->row->counts[count], amount);
    if (tally->row->counts_count <= (uint32_t)count)
        tally->row->counts_count = (uint32_t)count + 1;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void tally_call(const struct tally *tally, const struct call_record *call)
{
    uint64_t wait_ms = call->connected_ms - call->arrived_ms;
    add(tally, KPI_COUNT_OFFERS_UNANSWERED, call->unanswered);
    add(tally, KPI_COUNT_RELINED, call->relined);
    add(tally, KPI_COUNT_CALLBACKS, call->callbacks);
    add(tally, KPI_COUNT_CALLBACKS_REACHED, call->callbacks_reached);
    add(tally, KPI_COUNT_CALLBACKS_IN_60S, call->callbacks_fast);
    add(tally, KPI_COUNT_WRAP_UP_MS, call->wrap_up_ms);
    if (call->by_rule)
        return;
    if (call->text) {
        add(tally, KPI_COUNT_TEXTS, 1);
        add(tally, KPI_COUNT_TEXTS_ANSWERED, call->connected_ms > 0);
        add(tally, KPI_COUNT_TEXTS_IN_180S, call->connected_ms && wait_ms <= TEXT_MS);
        return;
    }
    add(tally, KPI_COUNT_OFFERED, 1);
    add(tally, KPI_COUNT_INVALID, call->invalid);
    add(tally, KPI_COUNT_TRANSFERS, call->transfers);
    add(tally, KPI_COUNT_BOUNCED, call->bounced);
    add(tally, KPI_COUNT_DIVERTED, call->diverted);
    for (uint32_t i = 0; i < HISTOGRAM_CLASSES_MAX; i++)
        if (call->transfers_in[i]) {
            add(tally, KPI_COUNT_TRANSFERS_TAKEN, call->transfers_in[i]);
            add(tally, KPI_COUNT_TRANSFER_TO_10S + i, call->transfers_in[i]);
        }
    if (call->connected_ms) {
        add(tally, KPI_COUNT_ANSWERED, 1);
        add(tally, KPI_COUNT_ANSWERED_IN_TARGET, call->in_target);
        add(tally, KPI_COUNT_WAIT_MS, wait_ms);
        add(tally, KPI_COUNT_WAIT_LONGEST_MS, wait_ms);
        add(tally, histogram_class(HISTOGRAM_WAIT, wait_ms), 1);
        add(tally, KPI_COUNT_TALK_MS, call->talk_ms);
        add(tally, KPI_COUNT_TALK_LONGEST_MS, call->talk_ms);
        add(tally, KPI_COUNT_HOLD_MS, call->hold_ms);
        add(tally, KPI_COUNT_CUT_OFF, call->cut_off);
    } else if (call->abandoned) {
        add(tally, KPI_COUNT_ABANDONED, 1);
        add(tally, KPI_COUNT_ABANDONED_SHORT, call->abandoned_short);
        add(tally, KPI_COUNT_ABANDONED_IN_TARGET, call->abandoned_in_target);
        add(tally, KPI_COUNT_ABANDONED_WAIT_MS, call->ended_ms - call->arrived_ms);
    }
}

static bool is_over(enum incident_state state)
{
    switch (state) {
    case INCIDENT_STATE_CLOSED:
    case INCIDENT_STATE_DIRECT:
    case INCIDENT_STATE_VOID:
    case INCIDENT_STATE_WITHDRAWN:
    case INCIDENT_STATE_NOT_ACCEPTED:
    case INCIDENT_STATE_TRANSFERRED:
    case INCIDENT_STATE_ARCHIVED:
        return true;
    default: /* somebody owes something */
        return false;
    }
}

static void tally_emergency(const struct tally *tally, const struct order_record *order)
{
    uint64_t from_ms = order->answered_ms ? order->answered_ms : order->registered_ms;
    if (!order->emergency)
        return;
    add(tally, KPI_COUNT_EMERGENCIES, 1);
    add(tally, KPI_COUNT_EMERGENCIES_CLOSED, is_over(order->state));
    add(tally, KPI_COUNT_EMERGENCIES_MERGED, order->state == INCIDENT_STATE_MERGED);
    add(tally, KPI_COUNT_FALSE_GOOD_FAITH, order->void_reason == VOID_REASON_FALSE_GOOD_FAITH);
    add(tally, KPI_COUNT_FALSE_KNOWING, order->void_reason == VOID_REASON_FALSE_KNOWING);
    add(tally, KPI_COUNT_SIBLINGS, order->siblings);
    add(tally, KPI_COUNT_SIBLINGS_IN_10S, order->siblings_fast);
    if (!order->ordered_ms)
        return;
    add(tally, KPI_COUNT_ORDERED, 1);
    add(tally, KPI_COUNT_ANSWER_TO_ORDER_MS, order->ordered_ms - from_ms);
    add(tally, histogram_class(HISTOGRAM_ORDER, order->ordered_ms - from_ms), 1);
}

/* What an emergency's task adds to the figures of its line. */
static void tally_force(const struct tally *tally, const struct task_record *task,
                        const struct step_record *step)
{
    switch (step->task_moved.step) {
    case TASK_STEP_SIGN:
        add(tally, histogram_class(HISTOGRAM_SIGN, step->at_ms - task->sent_ms), 1);
        break;
    case TASK_STEP_ROLL:
        add(tally, histogram_class(HISTOGRAM_ROLL, step->at_ms - task->signed_ms), step->first);
        add(tally, KPI_COUNT_ROLL_TO_3M, step->first && step->at_ms - task->signed_ms <= ROLL_MS);
        break;
    case TASK_STEP_ARRIVE:
        add(tally, histogram_class(HISTOGRAM_ARRIVE, step->at_ms - task->sent_ms), step->first);
        break;
    case TASK_STEP_REPLY:
        add(tally, histogram_class(HISTOGRAM_FEEDBACK, step->at_ms - task->sent_ms), step->first);
        add(tally, KPI_COUNT_FEEDBACKS, 1);
        break;
    case TASK_STEP_REJECT_REPLY:
        add(tally, KPI_COUNT_FEEDBACKS_REJECTED, 1);
        break;
    default: /* the other steps have no histogram */
        break;
    }
}

static void tally_line(const struct tally *tally)
{
    const struct recount *recount = tally->recount;
    const struct call_record *calls = recount->calls.rows;
    const struct order_record *orders = recount->orders.rows;
    const struct task_record *tasks = recount->tasks.rows;
    const struct step_record *steps = recount->steps.rows;
    const struct booking *bookings = recount->bookings.rows;
    for (uint32_t i = 0; i < recount->calls.count; i++)
        if (calls[i].line == tally->row->number && within(tally, calls[i].arrived_ms))
            tally_call(tally, &calls[i]);
    for (uint32_t i = 0; i < recount->orders.count; i++)
        if (orders[i].line == tally->row->number && within(tally, orders[i].registered_ms))
            tally_emergency(tally, &orders[i]);
    for (uint32_t i = 0; i < recount->bookings.count; i++)
        if (bookings[i].line && bookings[i].line == tally->row->number &&
            within(tally, bookings[i].at_ms))
            add(tally, bookings[i].count, bookings[i].amount);
    for (uint32_t i = 0; i < recount->steps.count; i++) {
        const struct order_record *order = &orders[steps[i].order];
        if (order->line != tally->row->number || !within(tally, order->registered_ms))
            continue;
        if (steps[i].task != NOWHERE && order->emergency)
            tally_force(tally, &tasks[steps[i].task], &steps[i]);
        add(tally, KPI_COUNT_INVALID,
            steps[i].kind == EVENT_INCIDENT_MOVED && steps[i].moved.step == INCIDENT_STEP_VOID);
    }
}

/* ---- orders of the city or of a department ----------------------------------------------------- */

static bool concerns(const struct tally *tally, uint32_t department)
{
    return tally->row->scope == KPI_SCOPE_CITY || (department && department == tally->row->number);
}

/* Back along the chain of who had it. */
static void tally_owners(const struct tally *tally, const struct order_record *order)
{
    static const enum kpi_count counts[OWNER_COUNT] = {
        [OWNER_CENTRE] = KPI_COUNT_OWNED_CENTRE_MS,
        [OWNER_DEPARTMENT] = KPI_COUNT_OWNED_DEPARTMENT_MS,
        [OWNER_CITIZEN] = KPI_COUNT_OWNED_CITIZEN_MS,
        [OWNER_DISPUTE] = KPI_COUNT_OWNED_DISPUTE_MS,
        [OWNER_SUSPENDED] = KPI_COUNT_OWNED_SUSPENDED_MS,
        [OWNER_OTHER_LINE] = KPI_COUNT_OWNED_OTHER_LINE_MS,
    };
    const struct segment_record *segments = tally->recount->segments.rows;
    const struct task_record *tasks = tally->recount->tasks.rows;
    for (uint32_t i = order->closing; i != NOWHERE; i = segments[i].before) {
        const struct segment_record *segment = &segments[i];
        bool air = segment->owner == OWNER_DEPARTMENT && segment->task != NOWHERE &&
                   tasks[segment->task].returned;
        if (segment->owner != OWNER_NONE)
            add(tally, air ? KPI_COUNT_OWNED_AIR_MS : counts[segment->owner], segment->ms);
    }
}

static void tally_moved(const struct tally *tally, const struct order_record *order,
                        const struct step_record *step)
{
    const struct incident_moved *moved = &step->moved;
    add(tally, KPI_COUNT_DIRECT, moved->step == INCIDENT_STEP_ANSWER_DIRECTLY);
    add(tally, KPI_COUNT_VOIDED, moved->step == INCIDENT_STEP_VOID);
    add(tally, KPI_COUNT_WITHDRAWN, moved->step == INCIDENT_STEP_WITHDRAW);
    add(tally, KPI_COUNT_NOT_ACCEPTED, moved->step == INCIDENT_STEP_REFUSE);
    add(tally, KPI_COUNT_MERGED, moved->step == INCIDENT_STEP_MERGE);
    add(tally, KPI_COUNT_REOPENED, moved->step == INCIDENT_STEP_REOPEN);
    add(tally, KPI_COUNT_SUSPENSIONS, moved->step == INCIDENT_STEP_SUSPEND);
    add(tally, KPI_COUNT_ORDERS_REPLIED, moved->step == INCIDENT_STEP_REPLY && step->first);
    add(tally, KPI_COUNT_ROUNDS, moved->to == INCIDENT_STATE_REDO);
    add(tally, KPI_COUNT_REDONE, moved->to == INCIDENT_STATE_REDO && moved->round == 2);
    if (moved->to != INCIDENT_STATE_CLOSED)
        return;
    add(tally, KPI_COUNT_CLOSED, 1);
    add(tally, KPI_COUNT_UNRATED, moved->step == INCIDENT_STEP_UNREACHABLE);
    if (step->first) {
        add(tally, KPI_COUNT_TOTAL_CLOSED, 1);
        add(tally, KPI_COUNT_TOTAL_MS, step->at_ms - order->started_ms);
        tally_owners(tally, order);
    }
}

static void tally_survey(const struct tally *tally, const struct survey_answered *survey)
{
    add(tally, KPI_COUNT_SURVEYED, 1);
    add(tally, KPI_COUNT_CONTACTED_YES,
        survey->contacted == DEGREE_YES || survey->contacted == DEGREE_MOSTLY);
    add(tally, KPI_COUNT_CONTACTED_NO, survey->contacted == DEGREE_NO);
    add(tally, KPI_COUNT_SOLVED_YES, survey->solved == DEGREE_YES);
    add(tally, KPI_COUNT_SOLVED_MOSTLY, survey->solved == DEGREE_MOSTLY);
    add(tally, KPI_COUNT_SOLVED_NO, survey->solved == DEGREE_NO);
    add(tally, KPI_COUNT_SATISFIED_YES, survey->satisfied == DEGREE_YES);
    add(tally, KPI_COUNT_SATISFIED_MOSTLY, survey->satisfied == DEGREE_MOSTLY);
    add(tally, KPI_COUNT_SATISFIED_NO, survey->satisfied == DEGREE_NO);
}

static void tally_task_step(const struct tally *tally, const struct task_record *task,
                            const struct step_record *step)
{
    enum task_step kind = step->task_moved.step;
    add(tally, KPI_COUNT_TASKS_SIGNED, kind == TASK_STEP_SIGN);
    add(tally, KPI_COUNT_TASKS_SIGNED_IN_TIME,
        kind == TASK_STEP_SIGN && step->at_ms <= task->sign_due_ms);
    add(tally, KPI_COUNT_TASKS_CONTACTED, kind == TASK_STEP_CONTACT);
    add(tally, KPI_COUNT_REPLIED, kind == TASK_STEP_REPLY);
    add(tally, KPI_COUNT_RETURNS_ASKED, kind == TASK_STEP_SEND_BACK);
    add(tally, KPI_COUNT_RETURNS_REFUSED, kind == TASK_STEP_RETURN_REFUSE);
    add(tally, KPI_COUNT_REPLIES_REJECTED, kind == TASK_STEP_REJECT_REPLY);
    if (kind == TASK_STEP_REJECT_REPLY && step->task_moved.defect)
        add(tally, KPI_COUNT_REJECTED_ELEMENTS + step->task_moved.defect - DEFECT_ELEMENTS, 1);
    add(tally, KPI_COUNT_RETURNS_ACCEPTED, kind == TASK_STEP_RETURN_ACCEPT);
    if (kind == TASK_STEP_RETURN_ACCEPT)
        add(tally, KPI_COUNT_AIR_MS, step->at_ms - task->sent_ms);
}

static void tally_step(const struct tally *tally, const struct step_record *step)
{
    const struct order_record *orders = tally->recount->orders.rows;
    const struct task_record *tasks = tally->recount->tasks.rows;
    if (!within(tally, step->at_ms))
        return;
    if (step->task != NOWHERE) {
        if (concerns(tally, tasks[step->task].department))
            tally_task_step(tally, &tasks[step->task], step);
        return;
    }
    if (!concerns(tally, step->lead))
        return;
    if (step->kind == EVENT_INCIDENT_MOVED)
        tally_moved(tally, &orders[step->order], step);
    else if (step->kind == EVENT_SURVEY_ANSWERED)
        tally_survey(tally, &step->survey);
    else if (step->kind == EVENT_INCIDENT_URGED)
        add(tally, KPI_COUNT_URGES, 1);
    else if (step->kind == EVENT_INCIDENT_SUPERVISED)
        add(tally, KPI_COUNT_SUPERVISED, step->supervised.from == 0);
    else if (step->kind == EVENT_PETITION_ENDED)
        add(tally, KPI_COUNT_EXTENSIONS,
            step->petition.kind == PETITION_KIND_EXTENSION &&
                step->petition.end == PETITION_END_GRANTED);
    else
        add(tally, step->told.means == TELL_MEANS_EXCUSED ? KPI_COUNT_EXCUSED : KPI_COUNT_TOLD, 1);
}

/* The lead's first reply counts on the day it was due. */
static void tally_due(const struct tally *tally, const struct task_record *task)
{
    bool missed = task->missed_ms != 0, replied = task->replied_ms != 0;
    uint64_t due_ms = missed ? task->missed_ms : task->due_at_reply_ms;
    if (task->kind != TASK_KIND_LEAD || !due_ms || !within(tally, due_ms))
        return;
    add(tally, KPI_COUNT_DUE, 1);
    if (replied && !missed && task->replied_ms <= due_ms) {
        add(tally, KPI_COUNT_REPLIED_IN_TIME, 1);
        add(tally, KPI_COUNT_REPLIED_IN_FIRST_TIME, task->replied_ms <= task->first_due_ms);
    } else if (replied && task->replied_ms > due_ms) {
        add(tally, KPI_COUNT_LATE_REPLIES, 1);
        add(tally, KPI_COUNT_LATE_MS, task->replied_ms - due_ms);
        add(tally, histogram_class(HISTOGRAM_LATE, task->replied_ms - due_ms), 1);
        add(tally, KPI_COUNT_LATE_OVER_3X,
            task->replied_ms - task->sent_ms > 3 * (task->first_due_ms - task->sent_ms));
    }
}

/* What the city alone is asked. */
static void tally_order(const struct tally *tally, const struct order_record *order)
{
    if (!order->registered_ms)
        return;
    add(tally, KPI_COUNT_ACCEPTED, within(tally, order->registered_ms));
    add(tally, KPI_COUNT_OPEN_NOW, !is_over(order->state));
    add(tally, KPI_COUNT_SUSPENDED_NOW, order->state == INCIDENT_STATE_SUSPENDED);
    if (order->ordered_ms && within(tally, order->ordered_ms)) {
        add(tally, KPI_COUNT_DISPATCHED, 1);
        add(tally, KPI_COUNT_DISPATCHED_IN_TIME, order->ordered_in_time);
        add(tally, KPI_COUNT_MISDIRECTED, order->misdirected);
    }
}

static void tally_city(const struct tally *tally)
{
    const struct user_record *users = tally->recount->users.rows;
    for (enum kpi_count count = KPI_COUNT_NONE + 1; count < KPI_COUNT_COUNT; count++)
        add(tally, count, tally->recount->said[count]);
    for (uint32_t i = 0; i < tally->recount->users.count; i++)
        add(tally, KPI_COUNT_TAKERS_NOW, users[i].takes_calls);
}

static void tally_orders(const struct tally *tally)
{
    const struct recount *recount = tally->recount;
    const struct order_record *orders = recount->orders.rows;
    const struct task_record *tasks = recount->tasks.rows;
    const struct step_record *steps = recount->steps.rows;
    const struct booking *bookings = recount->bookings.rows;
    for (uint32_t i = 0; i < recount->orders.count && tally->row->scope == KPI_SCOPE_CITY; i++)
        tally_order(tally, &orders[i]);
    if (tally->row->scope == KPI_SCOPE_CITY)
        tally_city(tally);
    for (uint32_t i = 0; i < recount->bookings.count; i++)
        if (!bookings[i].line && concerns(tally, bookings[i].department) &&
            within(tally, bookings[i].at_ms))
            add(tally, bookings[i].count, bookings[i].amount);
    for (uint32_t i = 0; i < recount->tasks.count; i++)
        if (concerns(tally, tasks[i].department)) {
            add(tally, KPI_COUNT_TASKS_SENT, within(tally, tasks[i].sent_ms));
            tally_due(tally, &tasks[i]);
        }
    for (uint32_t i = 0; i < recount->steps.count; i++)
        tally_step(tally, &steps[i]);
}

uint32_t recount_lines(const struct recount *recount, uint32_t *lines, uint32_t room)
{
    const struct line_record *rows = recount->lines.rows;
    uint32_t count = 0;
    for (; count < recount->lines.count && count < room; count++)
        lines[count] = rows[count].line;
    return count;
}

void recount_sum(const struct recount *recount, uint32_t from, uint32_t to, enum kpi_scope scope,
                 uint32_t number, struct kpi_row *row)
{
    struct tally tally = { recount, from, to, row };
    *row = (struct kpi_row){ .scope = scope, .number = number };
    if (scope == KPI_SCOPE_LINE)
        tally_line(&tally);
    else
        tally_orders(&tally);
}
