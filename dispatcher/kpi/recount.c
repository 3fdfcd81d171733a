/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From events to records. */
#include "dispatcher/kpi/recount.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dispatcher/kpi/formula.h"
#include "dispatcher/kpi/records.h"
#include "dispatcher/kpi/stamps.h"

#define OFFSET_MIN_DEFAULT 480 /* UTC+8, until the journal says otherwise */
#define SHORT_MS           5000
#define FAST_MS            60000
#define SIBLING_MS         10000
#define REDONE_MS          259200000

struct recount *recount_open(void)
{
    struct recount *recount = calloc(1, sizeof *recount);
    if (recount)
        recount->offset_min = OFFSET_MIN_DEFAULT;
    return recount;
}

void recount_close(struct recount *recount)
{
    if (!recount)
        return;
    free(recount->calls.rows);
    free(recount->orders.rows);
    free(recount->tasks.rows);
    free(recount->steps.rows);
    free(recount->callbacks.rows);
    free(recount->wrap_ups.rows);
    free(recount->lines.rows);
    free(recount->seats.rows);
    free(recount->bookings.rows);
    free(recount->segments.rows);
    free(recount->directs.rows);
    free(recount->direct_places);
    free(recount->users.rows);
    free(recount);
}

void *records_add(struct records *records, size_t size)
{
    if (records->count == records->room) {
        uint32_t room = records->room ? 2 * records->room : 64;
        void *rows = reallocarray(records->rows, room, size);
        if (!rows)
            return NULL;
        records->rows = rows;
        records->room = room;
    }
    return memset((char *)records->rows + size * records->count++, 0, size);
}

static int book_into(struct recount *recount, struct booking wanted)
{
    if (wanted.amount == 0)
        return 0;
    struct booking *booking = records_add(&recount->bookings, sizeof *booking);
    if (!booking)
        return -ENOMEM;
    *booking = wanted;
    return 0;
}

int recount_book(struct recount *recount, uint64_t at_ms, uint32_t department, enum kpi_count count,
                 uint64_t amount)
{
    return book_into(
        recount, (struct booking){
                     .at_ms = at_ms, .amount = amount, .department = department, .count = count });
}

/* Every record that has an id begins with it, and ids rise. */
static int id_order(const void *wanted, const void *row)
{
    uint64_t a = *(const uint64_t *)wanted, b = *(const uint64_t *)row;
    return a < b ? -1 : a > b;
}

static void *row_find(const struct records *records, size_t size, uint64_t id)
{
    return records->count && id ? bsearch(&id, records->rows, records->count, size, id_order)
                                : NULL;
}

static struct call_record *call_find(const struct recount *recount, uint64_t id)
{
    return row_find(&recount->calls, sizeof(struct call_record), id);
}

static struct order_record *order_find(const struct recount *recount, uint64_t id)
{
    return row_find(&recount->orders, sizeof(struct order_record), id);
}

static uint32_t place_of_call(const struct recount *recount, const struct call_record *call)
{
    return call ? (uint32_t)(call - (const struct call_record *)recount->calls.rows) : NOWHERE;
}

/* ---- lines and calls ------------------------------------------------------------------------- */

static int see_line(struct recount *recount, const struct event *event)
{
    struct line_record *lines = recount->lines.rows;
    uint32_t i = 0;
    while (i < recount->lines.count && lines[i].line != event->line_defined.row.line)
        i++;
    struct line_record *line =
        i < recount->lines.count ? &lines[i] : records_add(&recount->lines, sizeof *line);
    if (!line)
        return -ENOMEM;
    *line = (struct line_record){ event->line_defined.row.line, event->line_defined.row.emergency };
    return 0;
}

static bool is_emergency(const struct recount *recount, uint32_t line)
{
    const struct line_record *lines = recount->lines.rows;
    for (uint32_t i = 0; i < recount->lines.count; i++)
        if (lines[i].line == line)
            return lines[i].emergency;
    return false;
}

static int see_arrived(struct recount *recount, const struct event *event)
{
    if (event->contact_arrived.test)
        return 0; /* a synthetic call is in no figure */
    struct call_record *call = records_add(&recount->calls, sizeof *call);
    if (!call)
        return -ENOMEM;
    call->id = event->contact;
    call->arrived_ms = event->contact_arrived.arrived_ms;
    call->due_ms = event->contact_arrived.due_ms;
    call->line = event->line;
    call->text = event->contact_arrived.channel == CHANNEL_SMS;
    call->by_rule = event->incident != 0;
    return 0;
}

static void see_connected(struct call_record *call, uint64_t at_ms)
{
    if (call->connected_ms)
        return;
    call->connected_ms = at_ms;
    call->in_target = at_ms <= call->due_ms;
}

static void see_ended(const struct recount *recount, struct call_record *call,
                      const struct event *event)
{
    enum end_cause cause = event->contact_ended.cause;
    call->ended_ms = event->at_ms;
    if (call->held_ms)
        call->hold_ms += event->at_ms - call->held_ms;
    call->held_ms = 0;
    if (cause == END_CAUSE_ANSWERED_BY_RULE)
        return;
    if (call->connected_ms) {
        call->talk_ms = event->at_ms - call->connected_ms;
        call->cut_off = cause == END_CAUSE_GATEWAY_LOST || cause == END_CAUSE_MEDIA_LOST ||
                        cause == END_CAUSE_PHONE_FAILED;
    } else if (event->contact_ended.abandoned) {
        call->abandoned = true;
        call->abandoned_short =
            event->at_ms - call->arrived_ms < SHORT_MS && !is_emergency(recount, call->line);
        call->abandoned_in_target = event->at_ms <= call->due_ms;
    }
}

static void see_transfer(struct call_record *call, const struct transfer_ended *ended)
{
    call->transfers++;
    if (ended->outcome == TRANSFER_OUTCOME_TAKEN)
        call->transfers_in[histogram_class(HISTOGRAM_TRANSFER,
                                           ended->answered_ms - ended->asked_ms) -
                           KPI_COUNT_TRANSFER_TO_10S]++;
}

static void see_call(const struct recount *recount, struct call_record *call,
                     const struct event *event)
{
    switch (event->kind) {
    case EVENT_CONTACT_CONNECTED:
        see_connected(call, contact_answered_ms(event));
        break;
    case EVENT_CONTACT_ENDED:
        see_ended(recount, call, event);
        break;
    case EVENT_CONTACT_RELINED:
        call->relined++;
        call->diverted += is_emergency(recount, event->contact_relined.from) &&
                          !is_emergency(recount, event->contact_relined.to);
        if (event->contact_relined.due_ms)
            call->due_ms = event->contact_relined.due_ms;
        break;
    case EVENT_CONTACT_DISPOSED:
        call->invalid = event->contact_disposed.invalid;
        break;
    case EVENT_CONTACT_HELD:
        call->held_ms = event->at_ms;
        break;
    case EVENT_CONTACT_RESUMED:
        call->hold_ms += event->at_ms - call->held_ms;
        call->held_ms = 0;
        break;
    case EVENT_TRANSFER_ENDED:
        see_transfer(call, &event->transfer_ended);
        break;
    case EVENT_TRANSFER_BOUNCED:
        call->bounced++;
        break;
    case EVENT_OFFER_ENDED:
        call->unanswered += event->offer_ended.cause == OFFER_END_UNANSWERED;
        break;
    default: /* the rest leaves the record as it is */
        break;
    }
}

static int see_callback(struct recount *recount, const struct event *event)
{
    struct call_record *call = call_find(recount, event->contact);
    if (event->kind == EVENT_CALLBACK_OPENED) {
        struct callback_record *callback = records_add(&recount->callbacks, sizeof *callback);
        if (!callback)
            return -ENOMEM;
        callback->id = event->callback_opened.callback;
        callback->opened_ms = event->at_ms;
        callback->call = place_of_call(recount, call);
        if (call)
            call->callbacks++;
        return 0;
    }
    const struct callback_record *callback =
        row_find(&recount->callbacks, sizeof *callback, event->callback_ended.callback);
    enum callback_end end = event->callback_ended.end;
    if (call && callback && (end == CALLBACK_END_REACHED || end == CALLBACK_END_CALLED_AGAIN)) {
        call->callbacks_reached++;
        call->callbacks_fast += event->at_ms - callback->opened_ms <= FAST_MS;
    }
    return 0;
}

static struct wrap_up_record *wrap_up_of(struct recount *recount, uint32_t taker)
{
    struct wrap_up_record *rows = recount->wrap_ups.rows;
    for (uint32_t i = 0; i < recount->wrap_ups.count; i++)
        if (rows[i].taker == taker)
            return &rows[i];
    struct wrap_up_record *fresh = records_add(&recount->wrap_ups, sizeof *fresh);
    if (fresh)
        fresh->taker = taker;
    return fresh;
}

static int see_wrap_up(struct recount *recount, const struct event *event)
{
    struct wrap_up_record *wrap_up = wrap_up_of(recount, event->taker);
    if (!wrap_up)
        return -ENOMEM;
    if (event->kind == EVENT_WRAP_UP_STARTED) {
        wrap_up->since_ms = event->at_ms;
        wrap_up->call = place_of_call(recount, call_find(recount, event->contact));
        return 0;
    }
    if (wrap_up->since_ms && wrap_up->call != NOWHERE)
        ((struct call_record *)recount->calls.rows)[wrap_up->call].wrap_up_ms +=
            event->at_ms - wrap_up->since_ms;
    wrap_up->since_ms = 0;
    return 0;
}

/* ---- orders and tasks ------------------------------------------------------------------------ */

/* Its number is as old as its draft. */
static struct order_record *order_open(struct recount *recount, const struct event *event,
                                       uint64_t started_ms, enum incident_state state)
{
    struct order_record *order = order_find(recount, event->incident);
    if (order)
        return order;
    order = records_add(&recount->orders, sizeof *order);
    if (!order)
        return NULL;
    order->id = event->incident;
    order->line = event->line;
    order->started_ms = started_ms;
    order->state = state;
    recount_owner_begin(order, state);
    return order;
}

static int see_drafted(struct recount *recount, const struct event *event)
{
    const struct incident_drafted *drafted = &event->incident_drafted;
    struct order_record *order =
        order_open(recount, event, drafted->started_ms, INCIDENT_STATE_DRAFT);
    if (!order)
        return -ENOMEM;
    order->caller = drafted->caller;
    order->category = drafted->category;
    order->emergency = drafted->emergency;
    return 0;
}

static int see_registered(struct recount *recount, const struct event *event)
{
    const struct incident_registered *registered = &event->incident_registered;
    const struct call_record *call = call_find(recount, event->contact);
    struct order_record *order =
        order_open(recount, event, registered->started_ms, INCIDENT_STATE_REGISTERED);
    if (!order)
        return -ENOMEM;
    order->caller = registered->caller;
    order->category = registered->category;
    if (order->registered_ms) /* a record that was given back is accepted already */
        return 0;
    order->registered_ms = event->at_ms;
    order->started_ms = registered->started_ms;
    order->answered_ms = call ? call->connected_ms : 0;
    order->line = event->line;
    order->emergency = registered->emergency;
    return registered->origin ? 0 : recount_again_accepted(recount, order, event->at_ms);
}

/* The first order went to the wrong department. */
static void see_misdirected(struct order_record *order)
{
    order->misdirected |= order->ordered_ms && !order->replied_ms;
}

static int see_task_opened(struct recount *recount, struct order_record *order,
                           const struct event *event)
{
    struct task_record *task = records_add(&recount->tasks, sizeof *task);
    if (!task)
        return -ENOMEM;
    task->id = event->task;
    task->order = (uint32_t)(order - (struct order_record *)recount->orders.rows);
    task->department = event->department;
    task->kind = event->task_opened.kind;
    task->sent_ms = event->at_ms;
    task->sign_due_ms = event->task_opened.sign_due_ms;
    task->due_ms = task->first_due_ms = event->task_opened.reply_due_ms;
    bool works = task->kind == TASK_KIND_LEAD || task->kind == TASK_KIND_ASSIST;
    if (works && order->lead && order->lead != event->department && !order->on_scene) {
        order->siblings++;
        order->siblings_fast +=
            !order->ordered_ms || event->at_ms - order->ordered_ms <= SIBLING_MS;
    }
    if (task->kind == TASK_KIND_LEAD && order->ordered_ms && event->at_ms > order->ordered_ms)
        see_misdirected(order);
    if (task->kind == TASK_KIND_LEAD)
        order->lead = event->department;
    return 0;
}

/* Returns whether it was not set before. */
static bool set(uint64_t *stamp, uint64_t at_ms)
{
    bool first = !*stamp;
    if (first)
        *stamp = at_ms;
    return first;
}

/* Returns whether the step is the first of its sort. */
static bool see_task(struct task_record *task, const struct event *event)
{
    if (event->kind == EVENT_CLOCK_OVERDUE) {
        if (event->clock_overdue.clock == CLOCK_KIND_REPLY && !task->replied_ms)
            (void)set(&task->missed_ms, task->due_ms);
        return false;
    }
    if (event->kind == EVENT_CLOCK_STARTED)
        task->contact_due_ms =
            event->clock_started.clock == CLOCK_KIND_CONTACT ? event->clock_started.due_ms : 0;
    if (event->kind == EVENT_CLOCK_MOVED && event->clock_moved.clock == CLOCK_KIND_CONTACT &&
        task->contact_due_ms)
        task->contact_due_ms = event->clock_moved.due_ms;
    if (event->kind == EVENT_CLOCK_MOVED && event->clock_moved.clock == CLOCK_KIND_REPLY &&
        event->clock_moved.due_ms)
        task->due_ms = event->clock_moved.due_ms;
    if (event->kind != EVENT_TASK_MOVED)
        return false;
    switch (event->task_moved.step) {
    case TASK_STEP_SIGN:
        return set(&task->signed_ms, event->at_ms);
    case TASK_STEP_ROLL:
        return task->signed_ms != 0; /* else nobody knows from when */
    case TASK_STEP_ARRIVE:
        return set(&task->arrived_ms, event->at_ms);
    case TASK_STEP_REPLY:
        (void)set(&task->due_at_reply_ms, task->due_ms);
        return set(&task->replied_ms, event->at_ms);
    default: /* the rest has no first time */
        return false;
    }
}

static bool see_moved(struct order_record *order, const struct event *event)
{
    enum incident_state to = event->incident_moved.to;
    bool first = false;
    if (to == INCIDENT_STATE_DISPATCHED && !order->ordered_ms) {
        order->ordered_ms = event->at_ms;
        order->ordered_in_time = !order->overdue;
    }
    if (event->incident_moved.step == INCIDENT_STEP_REPLY)
        first = set(&order->replied_ms, event->at_ms);
    if (to == INCIDENT_STATE_DIRECT || to == INCIDENT_STATE_CLOSED)
        first = set(&order->closed_ms, event->at_ms);
    order->on_scene |= event->incident_moved.step == INCIDENT_STEP_ARRIVE;
    order->overdue = false;
    order->state = to;
    order->void_reason =
        to == INCIDENT_STATE_VOID ? event->incident_moved.reason : VOID_REASON_NONE;
    return first;
}

static bool see_order(struct order_record *order, const struct event *event)
{
    enum clock_kind clock = event->clock_overdue.clock;
    switch (event->kind) {
    case EVENT_INCIDENT_MOVED:
        return see_moved(order, event);
    case EVENT_CLOCK_STARTED:
    case EVENT_REVISIT_OPENED:
        order->overdue = false;
        break;
    case EVENT_CLOCK_OVERDUE:
        order->overdue |= clock != CLOCK_KIND_ANSWER && clock != CLOCK_KIND_CALLBACK;
        break;
    default: /* the rest leaves the record as it is */
        break;
    }
    return false;
}

static int step_add(struct recount *recount, const struct order_record *order,
                    const struct task_record *task, const struct event *event, bool first)
{
    struct step_record *step = records_add(&recount->steps, sizeof *step);
    if (!step)
        return -ENOMEM;
    step->at_ms = event->at_ms;
    step->order = (uint32_t)(order - (const struct order_record *)recount->orders.rows);
    step->task =
        task ? (uint32_t)(task - (const struct task_record *)recount->tasks.rows) : NOWHERE;
    step->lead = order->lead;
    step->kind = event->kind;
    step->first = first;
    if (event->kind == EVENT_INCIDENT_MOVED)
        step->moved = event->incident_moved;
    else if (event->kind == EVENT_TASK_MOVED)
        step->task_moved = event->task_moved;
    else if (event->kind == EVENT_SURVEY_ANSWERED)
        step->survey = event->survey_answered;
    else if (event->kind == EVENT_CITIZEN_TOLD)
        step->told = event->citizen_told;
    else if (event->kind == EVENT_PETITION_ENDED)
        step->petition = event->petition_ended;
    else if (event->kind == EVENT_INCIDENT_SUPERVISED)
        step->supervised = event->incident_supervised;
    return 0;
}

/* The first word with the citizen: awaited, made, or its time is over. */
static int book_contact(struct recount *recount, struct task_record *task,
                        const struct event *event)
{
    bool awaited = task->contact_due_ms != 0;
    if (event->kind == EVENT_CLOCK_OVERDUE && event->clock_overdue.clock == CLOCK_KIND_CONTACT)
        return recount_book(recount, event->at_ms, task->department, KPI_COUNT_CONTACTS_DUE,
                            awaited);
    if (event->kind != EVENT_TASK_MOVED || event->task_moved.step == TASK_STEP_ROLL)
        return 0;
    bool in_time = event->task_moved.step == TASK_STEP_CONTACT && awaited &&
                   event->at_ms < task->contact_due_ms;
    task->contact_due_ms = 0;
    int status =
        recount_book(recount, event->at_ms, task->department, KPI_COUNT_CONTACTS_DUE, in_time);
    return status < 0 ? status
                      : recount_book(recount, event->at_ms, task->department,
                                     KPI_COUNT_CONTACTED_IN_TIME, in_time);
}

static int book_complaint(struct recount *recount, struct order_record *order,
                          const struct event *event)
{
    const struct survey_answered *survey = &event->survey_answered;
    if (event->kind == EVENT_SURVEY_ANSWERED) {
        bool bad = survey->solved == DEGREE_NO || survey->satisfied == DEGREE_NO;
        if (bad) {
            order->complained_ms = event->at_ms;
            order->redo_until_ms = survey->redo_until_ms;
        }
        order->solved = survey->solved;
        order->satisfied = survey->satisfied;
        return recount_book(recount, event->at_ms, order->lead, KPI_COUNT_BAD_RATINGS, bad);
    }
    if (event->kind != EVENT_INCIDENT_MOVED || event->incident_moved.to != INCIDENT_STATE_REDO)
        return 0;
    uint64_t since_ms = order->complained_ms;
    order->complained_ms = 0;
    bool soon = since_ms && event->at_ms - since_ms <= REDONE_MS;
    bool in_days = order->redo_until_ms ? event->at_ms <= order->redo_until_ms : soon;
    int status = recount_book(recount, since_ms, order->lead, KPI_COUNT_BAD_REDONE, soon);
    return status < 0 ? status
                      : recount_book(recount, since_ms, order->lead, KPI_COUNT_BAD_REDONE_IN_3WD,
                                     since_ms && in_days);
}

/* A bad verdict that somebody explained and a second person closed against. */
static int book_explained(struct recount *recount, const struct order_record *order,
                          const struct petition_ended *ended)
{
    uint64_t at_ms = order->complained_ms;
    bool out = ended->kind == PETITION_KIND_CLOSE && ended->end == PETITION_END_GRANTED && at_ms;
    int status = recount_book(recount, at_ms, order->lead, KPI_COUNT_EXPLAINED, out);
    if (status == 0)
        status = recount_book(recount, at_ms, order->lead, KPI_COUNT_EXPLAINED_UNSOLVED,
                              out && order->solved == DEGREE_NO);
    return status < 0 ? status
                      : recount_book(recount, at_ms, order->lead, KPI_COUNT_EXPLAINED_UNSATISFIED,
                                     out && order->satisfied == DEGREE_NO);
}

static bool is_supervision(enum ladder_level level)
{
    return level == LADDER_LEVEL_SUPERVISE_1 || level == LADDER_LEVEL_SUPERVISE_2 ||
           level == LADDER_LEVEL_SUPERVISE_3;
}

/* Returns whether the task's supervision order is over; *in_time: it was answered, or replied to. */
static bool supervision_ends(const struct task_record *task, const struct event *event,
                             bool *in_time)
{
    bool replied = event->kind == EVENT_TASK_MOVED && event->task_moved.step == TASK_STEP_REPLY;
    bool late =
        event->kind == EVENT_CLOCK_OVERDUE && event->clock_overdue.clock == CLOCK_KIND_DEMAND;
    bool replaced = event->kind == EVENT_LADDER_CLIMBED && event->ladder_climbed.due_ms &&
                    is_supervision(event->ladder_climbed.level);
    *in_time =
        replied || (event->kind == EVENT_DEMAND_ANSWERED && event->demand_answered.level != 0);
    return task->supervised && (*in_time || late || replaced);
}

static int book_supervision(struct recount *recount, struct task_record *task,
                            const struct event *event)
{
    bool in_time, over = supervision_ends(task, event, &in_time);
    if (over)
        task->supervised = false;
    if (event->kind == EVENT_LADDER_CLIMBED && event->ladder_climbed.due_ms)
        task->supervised = is_supervision(event->ladder_climbed.level);
    if (event->kind == EVENT_TASK_MOVED)
        task->supervised &= event->task_moved.to != TASK_STATE_RETURNED &&
                            event->task_moved.to != TASK_STATE_RECALLED;
    int status =
        recount_book(recount, event->at_ms, task->department, KPI_COUNT_SUPERVISIONS_DUE, over);
    return status < 0 ? status
                      : recount_book(recount, event->at_ms, task->department,
                                     KPI_COUNT_SUPERVISIONS_IN_TIME, over && in_time);
}

/* Direct answers that were not enough, and who was asked for a verdict. */
static int book_moved(struct recount *recount, struct order_record *order,
                      const struct event *event)
{
    const struct incident_moved *moved = &event->incident_moved;
    int status = 0;
    if (moved->to == INCIDENT_STATE_DIRECT)
        status = recount_again_answered(recount, order, event->at_ms);
    else if (moved->from == INCIDENT_STATE_DIRECT && moved->to != INCIDENT_STATE_ARCHIVED)
        status = recount_again_asked(recount, order, event->at_ms);
    if (status == 0)
        status = recount_book(recount, event->at_ms, order->lead, KPI_COUNT_CLOSED_ASKED,
                              moved->to == INCIDENT_STATE_CLOSED && order->asked);
    return status < 0 ? status
                      : recount_book(recount, event->at_ms, 0, KPI_COUNT_SUSPENSIONS_ENDED,
                                     moved->from == INCIDENT_STATE_SUSPENDED &&
                                         moved->to != INCIDENT_STATE_SUSPENDED);
}

static int book_linked(struct recount *recount, const struct order_record *order,
                       const struct event *event)
{
    bool repeated = event->incident_linked.relation == RELATION_REPEAT;
    const struct order_record *other = order_find(recount, event->incident_linked.other);
    int status = recount_book(recount, event->at_ms, order->lead, KPI_COUNT_REPEATED, repeated);
    return status < 0 || !repeated || !other ? status
                                             : recount_again_asked(recount, other, event->at_ms);
}

/* What an event counts for the city besides the steps of its own order. */
static int book(struct recount *recount, struct order_record *order, struct task_record *task,
                const struct event *event)
{
    struct order_record *parent;
    int status = book_complaint(recount, order, event);
    if (status == 0 && task)
        status = book_contact(recount, task, event);
    if (status == 0 && task)
        status = book_supervision(recount, task, event);
    if (status < 0)
        return status;
    switch (event->kind) {
    case EVENT_TASK_MOVED:
        order->on_scene |= event->task_moved.step == TASK_STEP_ARRIVE;
        if (event->task_moved.step == TASK_STEP_RETURN_ACCEPT) {
            see_misdirected(order);
            task->returned = true;
        }
        return 0;
    case EVENT_INCIDENT_MOVED:
        return book_moved(recount, order, event);
    case EVENT_INCIDENT_LINKED:
        return book_linked(recount, order, event);
    case EVENT_PETITION_ENDED:
        return book_explained(recount, order, &event->petition_ended);
    case EVENT_TEXT_ORDERED:
        order->asked |= event->text_ordered.template == TEMPLATE_SURVEY;
        return 0;
    case EVENT_REVISIT_TRIED:
    case EVENT_SURVEY_ANSWERED:
        order->asked = true;
        return 0;
    case EVENT_INCIDENT_MERGED:
        parent = order_find(recount, event->incident_merged.parent);
        if (!parent || !parent->registered_ms || parent->followed)
            return 0;
        parent->followed = true;
        return recount_book(recount, event->at_ms, 0, KPI_COUNT_PARENTS, 1);
    default: /* counts nothing by itself */
        return 0;
    }
}

/* A draft that ends unregistered: answered directly it is accepted. */
static int see_draft_moved(struct recount *recount, struct order_record *order,
                           const struct event *event)
{
    const struct incident_moved *moved = &event->incident_moved;
    bool is_void = moved->step == INCIDENT_STEP_VOID;
    enum kpi_count count = is_void                                 ? KPI_COUNT_VOIDED
                           : moved->step == INCIDENT_STEP_WITHDRAW ? KPI_COUNT_WITHDRAWN
                           : moved->step == INCIDENT_STEP_REFUSE   ? KPI_COUNT_NOT_ACCEPTED
                                                                   : KPI_COUNT_NONE;
    if (moved->to == INCIDENT_STATE_DIRECT) {
        order->registered_ms = event->at_ms;
        return recount_again_accepted(recount, order, event->at_ms);
    }
    order->state = moved->to;
    int status = recount_book(recount, event->at_ms, 0, count, count != KPI_COUNT_NONE);
    return status < 0 ? status
                      : book_into(recount, (struct booking){ .at_ms = event->at_ms,
                                                             .amount = is_void,
                                                             .line = order->line,
                                                             .count = KPI_COUNT_INVALID });
}

static int see_user(struct recount *recount, const struct user_row *row)
{
    struct user_record *users = recount->users.rows;
    uint32_t i = 0;
    while (i < recount->users.count && users[i].user != row->user)
        i++;
    struct user_record *user =
        i < recount->users.count ? &users[i] : records_add(&recount->users, sizeof *user);
    if (!user)
        return -ENOMEM;
    user->user = row->user;
    user->takes_calls = !row->retired && row->roles & 1U << ROLE_TAKER;
    return 0;
}

static int see_incident(struct recount *recount, const struct event *event)
{
    struct order_record *order = order_find(recount, event->incident);
    struct task_record *task = row_find(&recount->tasks, sizeof *task, event->task);
    if (!order)
        return 0;
    int status = order->registered_ms || event->kind == EVENT_INCIDENT_MOVED
                     ? recount_owner(recount, order, event)
                     : 0;
    if (status == 0 && !order->registered_ms && event->kind == EVENT_INCIDENT_MOVED)
        status = see_draft_moved(recount, order, event);
    if (status < 0 || !order->registered_ms) /* a draft is in no other figure */
        return status;
    if (event->kind == EVENT_TASK_OPENED)
        return see_task_opened(recount, order, event);
    status = book(recount, order, task, event);
    if (status < 0)
        return status;
    bool first = task ? see_task(task, event) : !event->task && see_order(order, event);
    switch (event->kind) {
    case EVENT_TASK_MOVED:
        return task ? step_add(recount, order, task, event, first) : 0;
    case EVENT_INCIDENT_MOVED:
    case EVENT_SURVEY_ANSWERED:
    case EVENT_CITIZEN_TOLD:
    case EVENT_INCIDENT_URGED:
    case EVENT_INCIDENT_SUPERVISED:
    case EVENT_PETITION_ENDED:
        return step_add(recount, order, NULL, event, first);
    default: /* no step that is counted by itself */
        return 0;
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

int recount_see(struct recount *recount, const struct event *event)
{
    if (event->seq != recount->seq + 1)
        return -EINVAL;
    recount->seq = event->seq;
    struct call_record *call = call_find(recount, event->contact);
    if (call)
        see_call(recount, call, event);
    int status = recount_seat(recount, event);
    if (status < 0)
        return status;
    switch (event->kind) {
    case EVENT_PARAMETER_CHANGED:
        if (event->parameter_changed.parameter == PARAMETER_UTC_OFFSET_MIN)
            recount->offset_min = event->parameter_changed.value;
        recount->said[kpi_count_of(event->parameter_changed.parameter)] =
            event->parameter_changed.value;
        return 0;
    case EVENT_USER_DEFINED:
        return see_user(recount, &event->user_defined.row);
    case EVENT_LINE_DEFINED:
        return see_line(recount, event);
    case EVENT_CONTACT_ARRIVED:
        return see_arrived(recount, event);
    case EVENT_CALLS_TURNED_AWAY:
        return book_into(recount, (struct booking){ .at_ms = event->calls_turned_away.minute_ms,
                                                    .amount = event->calls_turned_away.calls,
                                                    .line = event->line,
                                                    .count = KPI_COUNT_TURNED_AWAY });
    case EVENT_CALLBACK_OPENED:
    case EVENT_CALLBACK_ENDED:
        return see_callback(recount, event);
    case EVENT_WRAP_UP_STARTED:
    case EVENT_WRAP_UP_ENDED:
    case EVENT_TAKER_SIGNED_OFF:
        return see_wrap_up(recount, event);
    case EVENT_INCIDENT_DRAFTED:
        return see_drafted(recount, event);
    case EVENT_INCIDENT_REGISTERED:
        return see_registered(recount, event);
    default: /* what remains concerns an incident, or no figure */
        return event->incident ? see_incident(recount, event) : 0;
    }
}
