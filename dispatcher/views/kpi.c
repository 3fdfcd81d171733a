/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The counts behind the figures, kept with every event. Called before the rows change, so that a row
 * is as it was when the event happened. dispatcher/kpi/recount.c counts the same from the bare
 * events, by another road; a test and `yihao kpi recount` hold both together. */
#include "dispatcher/views/kpi.h"

#include <errno.h>

#include "dispatcher/kpi/histogram.h"
#include "dispatcher/kpi/stamps.h"

#define SHORT_ABANDON_MS 5000
#define CALLED_BACK_MS   60000
#define TEXT_ANSWER_MS   180000
#define SIBLINGS_MS      10000
#define REDONE_MS        (72ULL * 60 * 60 * 1000)

int kpi_add(const struct change *change, uint32_t day, enum kpi_scope scope, uint32_t number,
            enum kpi_count count, uint64_t amount)
{
    return amount == 0
               ? 0
               : number_add(change, key_of3(VIEW_KPI, day, (uint64_t)scope << 32 | number, count),
                            (int64_t)amount);
}

int kpi_longest(const struct change *change, uint32_t day, enum kpi_scope scope, uint32_t number,
                enum kpi_count count, uint64_t amount)
{
    struct key key = key_of3(VIEW_KPI, day, (uint64_t)scope << 32 | number, count);
    uint64_t there = 0;
    int status = number_take(change, key, &there);
    if (status < 0 && status != -ENOENT)
        return status;
    return amount > there ? number_put(change, key, amount) : 0;
}

int kpi_step(const struct change *change, uint32_t day, enum kpi_scope scope, uint32_t number,
             enum kpi_count count, int64_t step)
{
    return step == 0
               ? 0
               : number_add(change, key_of3(VIEW_KPI, day, (uint64_t)scope << 32 | number, count),
                            step);
}

/* ---- takers: on the day a state ended ------------------------------------------------------------ */

int kpi_taker_time(const struct change *change, enum taker_state state, uint64_t lasted_ms)
{
    static const enum kpi_count counts[TAKER_STATE_COUNT] = {
        [TAKER_STATE_READY] = KPI_COUNT_READY_MS,     [TAKER_STATE_OFFERED] = KPI_COUNT_READY_MS,
        [TAKER_STATE_TALKING] = KPI_COUNT_TALKING_MS, [TAKER_STATE_WRAP_UP] = KPI_COUNT_WRAPPING_MS,
        [TAKER_STATE_AWAY] = KPI_COUNT_AWAY_MS,
    };
    return counts[state] ? kpi_add(change, day_of(change->views, change->event->at_ms),
                                   KPI_SCOPE_CITY, 0, counts[state], lasted_ms)
                         : 0;
}

/* ---- calls: on the day and the line of the arrival ------------------------------------------- */

static int add_to_line(const struct change *change, const struct contact_row *row,
                       enum kpi_count count, uint64_t amount)
{
    return kpi_add(change, day_of(change->views, row->arrived_ms), KPI_SCOPE_LINE, row->first_line,
                   count, amount);
}

static int longest_of_line(const struct change *change, const struct contact_row *row,
                           enum kpi_count count, uint64_t amount)
{
    return kpi_longest(change, day_of(change->views, row->arrived_ms), KPI_SCOPE_LINE,
                       row->first_line, count, amount);
}

static int contact_of(const struct change *change, uint64_t contact, struct contact_row *row)
{
    return row_take(change, key_of1(VIEW_CONTACT, contact), SCHEMA_CONTACT_ROW, row);
}

static bool is_emergency_line(const struct change *change, uint32_t line)
{
    struct line_row row;
    return row_take(change, key_of2(VIEW_CITY, CITY_TABLE_LINES, line), SCHEMA_LINE_ROW, &row) ==
               0 &&
           row.emergency;
}

static int count_arrived(const struct change *change)
{
    const struct event *event = change->event;
    /* A citizen's rating and a synthetic call never stood in the queue. */
    if (event->incident || event->contact_arrived.test)
        return 0;
    return kpi_add(
        change, day_of(change->views, event->contact_arrived.arrived_ms), KPI_SCOPE_LINE,
        event->line,
        event->contact_arrived.channel == CHANNEL_SMS ? KPI_COUNT_TEXTS : KPI_COUNT_OFFERED, 1);
}

static int count_turned_away(const struct change *change)
{
    const struct calls_turned_away *away = &change->event->calls_turned_away;
    return kpi_add(change, day_of(change->views, away->minute_ms), KPI_SCOPE_LINE,
                   change->event->line, KPI_COUNT_TURNED_AWAY, away->calls);
}

static int count_text_answered(const struct change *change, const struct contact_row *row,
                               uint64_t wait_ms)
{
    int status = add_to_line(change, row, KPI_COUNT_TEXTS_ANSWERED, 1);
    return status < 0
               ? status
               : add_to_line(change, row, KPI_COUNT_TEXTS_IN_180S, wait_ms <= TEXT_ANSWER_MS);
}

static int count_connected(const struct change *change, const struct contact_row *row)
{
    uint64_t at_ms = contact_answered_ms(change->event), wait_ms = at_ms - row->arrived_ms;
    if (row->connected_ms) /* a transfer: the citizen waited once */
        return 0;
    if (row->channel == CHANNEL_SMS)
        return count_text_answered(change, row, wait_ms);
    int status = add_to_line(change, row, KPI_COUNT_ANSWERED, 1);
    if (status == 0)
        status = add_to_line(change, row, KPI_COUNT_ANSWERED_IN_TARGET, at_ms <= row->due_ms);
    if (status == 0)
        status = add_to_line(change, row, KPI_COUNT_WAIT_MS, wait_ms);
    if (status == 0)
        status = longest_of_line(change, row, KPI_COUNT_WAIT_LONGEST_MS, wait_ms);
    return status < 0 ? status
                      : add_to_line(change, row, histogram_class(HISTOGRAM_WAIT, wait_ms), 1);
}

static int count_abandoned(const struct change *change, const struct contact_row *row)
{
    uint64_t at_ms = change->event->at_ms, wait_ms = at_ms - row->arrived_ms;
    bool is_short = wait_ms < SHORT_ABANDON_MS && !is_emergency_line(change, row->first_line);
    int status = add_to_line(change, row, KPI_COUNT_ABANDONED, 1);
    if (status == 0)
        status = add_to_line(change, row, KPI_COUNT_ABANDONED_SHORT, is_short);
    if (status == 0)
        status = add_to_line(change, row, KPI_COUNT_ABANDONED_IN_TARGET, at_ms <= row->due_ms);
    return status < 0 ? status : add_to_line(change, row, KPI_COUNT_ABANDONED_WAIT_MS, wait_ms);
}

static int count_ended(const struct change *change, const struct contact_row *row)
{
    enum end_cause cause = change->event->contact_ended.cause;
    if (row->channel == CHANNEL_SMS || cause == END_CAUSE_ANSWERED_BY_RULE)
        return 0;
    if (!row->connected_ms)
        return change->event->contact_ended.abandoned ? count_abandoned(change, row) : 0;
    uint64_t at_ms = change->event->at_ms;
    int status = add_to_line(change, row, KPI_COUNT_TALK_MS, at_ms - row->connected_ms);
    if (status == 0)
        status = longest_of_line(change, row, KPI_COUNT_TALK_LONGEST_MS, at_ms - row->connected_ms);
    if (status == 0 && row->held_ms)
        status = add_to_line(change, row, KPI_COUNT_HOLD_MS, at_ms - row->held_ms);
    bool cut = cause == END_CAUSE_GATEWAY_LOST || cause == END_CAUSE_MEDIA_LOST ||
               cause == END_CAUSE_PHONE_FAILED;
    return status < 0 ? status : add_to_line(change, row, KPI_COUNT_CUT_OFF, cut);
}

static int count_disposed(const struct change *change, const struct contact_row *row)
{
    const struct contact_disposed *disposed = &change->event->contact_disposed;
    if (row->channel == CHANNEL_SMS)
        return 0;
    return add_to_line(change, row, KPI_COUNT_INVALID,
                       (uint64_t)disposed->invalid - disposed->was_invalid);
}

static int count_wrapped_up(const struct change *change)
{
    struct taker_row taker;
    struct contact_row row;
    int status =
        row_take(change, key_of1(VIEW_TAKER, change->event->taker), SCHEMA_TAKER_ROW, &taker);
    if (status == 0 && taker.state == TAKER_STATE_WRAP_UP)
        status = contact_of(change, taker.last_contact, &row);
    else
        return status == -ENOENT ? 0 : status;
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    return add_to_line(change, &row, KPI_COUNT_WRAP_UP_MS, change->event->at_ms - taker.since_ms);
}

static int count_callback_ended(const struct change *change, const struct contact_row *contact)
{
    struct callback_row row;
    enum callback_end end = change->event->callback_ended.end;
    bool reached = end == CALLBACK_END_REACHED || end == CALLBACK_END_CALLED_AGAIN;
    int status = row_take(change, key_of1(VIEW_CALLBACK, change->event->callback_ended.callback),
                          SCHEMA_CALLBACK_ROW, &row);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    status = add_to_line(change, contact, KPI_COUNT_CALLBACKS_REACHED, reached);
    return status < 0
               ? status
               : add_to_line(change, contact, KPI_COUNT_CALLBACKS_IN_60S,
                             reached && change->event->at_ms - row.opened_ms <= CALLED_BACK_MS);
}

static int count_transfer(const struct change *change, const struct contact_row *row)
{
    const struct transfer_ended *ended = &change->event->transfer_ended;
    if (row->channel == CHANNEL_SMS)
        return 0;
    int status = add_to_line(change, row, KPI_COUNT_TRANSFERS, 1);
    if (status < 0 || ended->outcome != TRANSFER_OUTCOME_TAKEN)
        return status;
    status = add_to_line(change, row, KPI_COUNT_TRANSFERS_TAKEN, 1);
    return status < 0
               ? status
               : add_to_line(
                     change, row,
                     histogram_class(HISTOGRAM_TRANSFER, ended->answered_ms - ended->asked_ms), 1);
}

/* Diverted: what came in on an emergency line is an ordinary matter. */
static int count_relined(const struct change *change, const struct contact_row *row)
{
    const struct contact_relined *relined = &change->event->contact_relined;
    int status = add_to_line(change, row, KPI_COUNT_RELINED, 1);
    return status < 0 || row->channel == CHANNEL_SMS
               ? status
               : add_to_line(change, row, KPI_COUNT_DIVERTED,
                             is_emergency_line(change, relined->from) &&
                                 !is_emergency_line(change, relined->to));
}

static int count_call(const struct change *change)
{
    const struct event *event = change->event;
    struct contact_row row;
    if (!event->contact)
        return 0;
    int status = contact_of(change, event->contact, &row);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    switch (event->kind) {
    case EVENT_CONTACT_CONNECTED:
        return count_connected(change, &row);
    case EVENT_CONTACT_ENDED:
        return count_ended(change, &row);
    case EVENT_CONTACT_RELINED:
        return count_relined(change, &row);
    case EVENT_CONTACT_DISPOSED:
        return count_disposed(change, &row);
    case EVENT_CONTACT_RESUMED:
        return add_to_line(change, &row, KPI_COUNT_HOLD_MS, event->contact_resumed.held_ms);
    case EVENT_TRANSFER_ENDED:
        return count_transfer(change, &row);
    case EVENT_TRANSFER_BOUNCED:
        return add_to_line(change, &row, KPI_COUNT_BOUNCED, row.channel == CHANNEL_VOICE);
    case EVENT_OFFER_ENDED:
        return add_to_line(change, &row, KPI_COUNT_OFFERS_UNANSWERED,
                           event->offer_ended.cause == OFFER_END_UNANSWERED);
    case EVENT_CALLBACK_OPENED:
        return add_to_line(change, &row, KPI_COUNT_CALLBACKS, 1);
    case EVENT_CALLBACK_ENDED:
        return count_callback_ended(change, &row);
    default: /* kinds that count nothing for a line */
        return 0;
    }
}

/* ---- emergencies: on the day of registration, by line ---------------------------------------- */

int kpi_stamps_of(const struct change *change, uint64_t incident, struct incident_stamps *stamps)
{
    return row_take(change, key_of1(VIEW_STAMPS, incident), SCHEMA_INCIDENT_STAMPS, stamps);
}

int kpi_add_to_emergency(const struct change *change, const struct incident_row *incident,
                         enum kpi_count count, uint64_t amount)
{
    return incident->emergency ? kpi_add(change, day_of(change->views, incident->registered_ms),
                                         KPI_SCOPE_LINE, incident->line, count, amount)
                               : 0;
}

/* A further department, ordered before anybody was there: all of them should hear of it at once. */
int kpi_sibling(const struct change *change, const struct incident_row *incident,
                const struct incident_stamps *stamps)
{
    const struct event *event = change->event;
    enum task_kind kind = event->task_opened.kind;
    bool works = kind == TASK_KIND_LEAD || kind == TASK_KIND_ASSIST;
    if (!works || !incident->lead || incident->lead == event->department || stamps->on_scene_ms)
        return 0;
    uint64_t first_ms = stamps->ordered_ms ? stamps->ordered_ms : event->at_ms;
    int status = kpi_add_to_emergency(change, incident, KPI_COUNT_SIBLINGS, 1);
    return status < 0 ? status
                      : kpi_add_to_emergency(change, incident, KPI_COUNT_SIBLINGS_IN_10S,
                                             event->at_ms - first_ms <= SIBLINGS_MS);
}

static int count_ordered(const struct change *change, const struct incident_row *incident,
                         const struct incident_stamps *stamps)
{
    uint64_t from_ms = stamps->answered_ms ? stamps->answered_ms : stamps->registered_ms;
    uint64_t took_ms = change->event->at_ms - from_ms;
    int status = kpi_add_to_emergency(change, incident, KPI_COUNT_ORDERED, 1);
    if (status == 0)
        status = kpi_add_to_emergency(change, incident, KPI_COUNT_ANSWER_TO_ORDER_MS, took_ms);
    return status < 0 ? status
                      : kpi_add_to_emergency(change, incident,
                                             histogram_class(HISTOGRAM_ORDER, took_ms), 1);
}

/* ---- orders: the city and the department ----------------------------------------------------- */

int kpi_add_to_order(const struct change *change, uint64_t at_ms, uint32_t department,
                     enum kpi_count count, uint64_t amount)
{
    uint32_t day = day_of(change->views, at_ms);
    int status = kpi_add(change, day, KPI_SCOPE_CITY, 0, count, amount);
    return status < 0 || department == 0
               ? status
               : kpi_add(change, day, KPI_SCOPE_DEPARTMENT, department, count, amount);
}

static int count_closed(const struct change *change, const struct incident_row *incident,
                        const struct incident_stamps *stamps)
{
    uint64_t at_ms = change->event->at_ms;
    uint32_t lead = incident->lead;
    int status = kpi_add_to_order(change, at_ms, lead, KPI_COUNT_CLOSED, 1);
    if (status == 0)
        status = kpi_add_to_order(change, at_ms, lead, KPI_COUNT_UNRATED,
                                  change->event->incident_moved.step == INCIDENT_STEP_UNREACHABLE);
    if (status == 0 && !stamps->closed_ms) {
        status = kpi_add_to_order(change, at_ms, lead, KPI_COUNT_TOTAL_CLOSED, 1);
        if (status == 0)
            status = kpi_add_to_order(change, at_ms, lead, KPI_COUNT_TOTAL_MS,
                                      at_ms - incident->started_ms);
        if (status == 0)
            status = kpi_ledger_close(change, lead);
    }
    if (status == 0)
        status =
            kpi_add_to_order(change, at_ms, lead, KPI_COUNT_CLOSED_ASKED, stamps->asked_ms > 0);
    return status;
}

/* What a step counts by itself; NONE: nothing. */
static enum kpi_count count_of_step(enum incident_step step)
{
    switch (step) {
    case INCIDENT_STEP_ANSWER_DIRECTLY:
        return KPI_COUNT_DIRECT;
    case INCIDENT_STEP_VOID:
        return KPI_COUNT_VOIDED;
    case INCIDENT_STEP_WITHDRAW:
        return KPI_COUNT_WITHDRAWN;
    case INCIDENT_STEP_REFUSE:
        return KPI_COUNT_NOT_ACCEPTED;
    case INCIDENT_STEP_MERGE:
        return KPI_COUNT_MERGED;
    case INCIDENT_STEP_REOPEN:
        return KPI_COUNT_REOPENED;
    case INCIDENT_STEP_SUSPEND:
        return KPI_COUNT_SUSPENSIONS;
    default: /* the other steps count with what they lead to */
        return KPI_COUNT_NONE;
    }
}

static int count_first_times(const struct change *change, const struct incident_row *incident,
                             const struct incident_stamps *stamps)
{
    const struct incident_moved *moved = &change->event->incident_moved;
    uint64_t at_ms = change->event->at_ms;
    int status = 0;
    if (moved->to == INCIDENT_STATE_DISPATCHED && !stamps->ordered_ms) {
        status = kpi_add_to_order(change, at_ms, 0, KPI_COUNT_DISPATCHED, 1);
        if (status == 0)
            status = kpi_add_to_order(change, at_ms, 0, KPI_COUNT_DISPATCHED_IN_TIME,
                                      !incident->overdue);
        if (status == 0)
            status = count_ordered(change, incident, stamps);
    }
    if (status == 0 && moved->step == INCIDENT_STEP_REPLY && !stamps->replied_ms)
        status = kpi_add_to_order(change, at_ms, incident->lead, KPI_COUNT_ORDERS_REPLIED, 1);
    return status;
}

static bool is_over(enum incident_state state)
{
    return state == INCIDENT_STATE_CLOSED || state == INCIDENT_STATE_DIRECT ||
           state == INCIDENT_STATE_VOID || state == INCIDENT_STATE_WITHDRAWN ||
           state == INCIDENT_STATE_NOT_ACCEPTED || state == INCIDENT_STATE_TRANSFERRED ||
           state == INCIDENT_STATE_ARCHIVED;
}

static enum kpi_count count_of_false_alarm(enum void_reason reason)
{
    return reason == VOID_REASON_FALSE_GOOD_FAITH ? KPI_COUNT_FALSE_GOOD_FAITH
           : reason == VOID_REASON_FALSE_KNOWING  ? KPI_COUNT_FALSE_KNOWING
                                                  : KPI_COUNT_NONE;
}

/* How an emergency stands now, on the day of its registration. */
static int count_emergency(const struct change *change, const struct incident_row *incident,
                           int over)
{
    const struct incident_moved *moved = &change->event->incident_moved;
    const struct {
        enum kpi_count count;
        int step;
    } steps[] = {
        { KPI_COUNT_EMERGENCIES_CLOSED, over },
        { KPI_COUNT_EMERGENCIES_MERGED,
          (moved->to == INCIDENT_STATE_MERGED) - (moved->from == INCIDENT_STATE_MERGED) },
        { moved->to == INCIDENT_STATE_VOID ? count_of_false_alarm(moved->reason) : KPI_COUNT_NONE,
          1 },
        { moved->from == INCIDENT_STATE_VOID ? count_of_false_alarm(incident->void_reason)
                                             : KPI_COUNT_NONE,
          -1 },
    };
    uint32_t day = day_of(change->views, incident->registered_ms);
    int status = 0;
    for (uint32_t i = 0; status == 0 && i < sizeof steps / sizeof steps[0]; i++)
        if (steps[i].count)
            status = kpi_step(change, day, KPI_SCOPE_LINE, incident->line, steps[i].count,
                              steps[i].step);
    return status;
}

/* What is open and what is suspended, now. */
static int count_stock(const struct change *change, const struct incident_row *incident)
{
    const struct incident_moved *moved = &change->event->incident_moved;
    int over = is_over(moved->to) - is_over(moved->from);
    int suspended =
        (moved->to == INCIDENT_STATE_SUSPENDED) - (moved->from == INCIDENT_STATE_SUSPENDED);
    int status = kpi_step(change, KPI_NOW, KPI_SCOPE_CITY, 0, KPI_COUNT_OPEN_NOW, -over);
    if (status == 0)
        status = kpi_step(change, KPI_NOW, KPI_SCOPE_CITY, 0, KPI_COUNT_SUSPENDED_NOW, suspended);
    if (status == 0)
        status = kpi_add_to_order(change, change->event->at_ms, 0, KPI_COUNT_SUSPENSIONS_ENDED,
                                  suspended < 0);
    return status < 0 || !incident->emergency ? status : count_emergency(change, incident, over);
}

static int count_moved(const struct change *change, const struct incident_row *incident,
                       const struct incident_stamps *stamps)
{
    const struct incident_moved *moved = &change->event->incident_moved;
    uint64_t at_ms = change->event->at_ms;
    enum kpi_count count = count_of_step(moved->step);
    int status = count_first_times(change, incident, stamps);
    if (status == 0)
        status = count_stock(change, incident);
    if (status == 0 && count)
        status = kpi_add_to_order(change, at_ms, incident->lead, count, 1);
    if (status == 0 && moved->step == INCIDENT_STEP_VOID)
        status = kpi_add(change, day_of(change->views, incident->registered_ms), KPI_SCOPE_LINE,
                         incident->line, KPI_COUNT_INVALID, 1);
    if (status == 0 && moved->to == INCIDENT_STATE_DIRECT)
        status = kpi_again_answered(change, incident);
    if (status == 0 && moved->from == INCIDENT_STATE_DIRECT && moved->to != INCIDENT_STATE_ARCHIVED)
        status = kpi_again_asked(change, stamps);
    if (status == 0 && moved->to == INCIDENT_STATE_REDO) {
        status = kpi_add_to_order(change, at_ms, incident->lead, KPI_COUNT_ROUNDS, 1);
        if (status == 0)
            status = kpi_add_to_order(change, at_ms, incident->lead, KPI_COUNT_REDONE,
                                      moved->round == 2);
        bool soon = stamps->complained_ms && at_ms - stamps->complained_ms <= REDONE_MS;
        if (status == 0 && soon)
            status = kpi_add_to_order(change, stamps->complained_ms, incident->lead,
                                      KPI_COUNT_BAD_REDONE, 1);
        bool in_days = stamps->complained_ms &&
                       at_ms <= (stamps->redo_until_ms ? stamps->redo_until_ms
                                                       : stamps->complained_ms + REDONE_MS);
        if (status == 0 && in_days)
            status = kpi_add_to_order(change, stamps->complained_ms, incident->lead,
                                      KPI_COUNT_BAD_REDONE_IN_3WD, 1);
    }
    return status == 0 && moved->to == INCIDENT_STATE_CLOSED
               ? count_closed(change, incident, stamps)
               : status;
}

static int count_surveyed(const struct change *change, const struct incident_row *incident)
{
    static const enum kpi_count contacted[DEGREE_COUNT] = { 0, KPI_COUNT_CONTACTED_YES,
                                                            KPI_COUNT_CONTACTED_YES,
                                                            KPI_COUNT_CONTACTED_NO };
    static const enum kpi_count solved[DEGREE_COUNT] = { 0, KPI_COUNT_SOLVED_YES,
                                                         KPI_COUNT_SOLVED_MOSTLY,
                                                         KPI_COUNT_SOLVED_NO };
    static const enum kpi_count satisfied[DEGREE_COUNT] = { 0, KPI_COUNT_SATISFIED_YES,
                                                            KPI_COUNT_SATISFIED_MOSTLY,
                                                            KPI_COUNT_SATISFIED_NO };
    const struct survey_answered *answer = &change->event->survey_answered;
    bool bad = answer->solved == DEGREE_NO || answer->satisfied == DEGREE_NO;
    const enum kpi_count counts[] = { KPI_COUNT_SURVEYED, contacted[answer->contacted],
                                      solved[answer->solved], satisfied[answer->satisfied],
                                      bad ? KPI_COUNT_BAD_RATINGS : KPI_COUNT_NONE };
    int status = 0;
    for (uint32_t i = 0; status == 0 && i < sizeof counts / sizeof counts[0]; i++)
        if (counts[i])
            status = kpi_add_to_order(change, change->event->at_ms, incident->lead, counts[i], 1);
    return status;
}

/* ---- incidents and their stamps -------------------------------------------------------------- */

int kpi_stamps_put(const struct change *change, const struct incident_stamps *stamps)
{
    return row_put(change, key_of1(VIEW_STAMPS, stamps->incident), SCHEMA_INCIDENT_STAMPS, stamps);
}

static int stamp(const struct change *change, struct incident_stamps *stamps, uint64_t answered_ms)
{
    bool right = !stamps->misdirected_ms;
    if (!stamps_see(stamps, change->event, answered_ms))
        return 0;
    int status = kpi_stamps_put(change, stamps);
    return status < 0 ? status
                      : kpi_add_to_order(change, stamps->ordered_ms, 0, KPI_COUNT_MISDIRECTED,
                                         right && stamps->misdirected_ms);
}

/* The first that follows makes a parent of it. */
static int count_merged(const struct change *change)
{
    struct incident_stamps parent;
    int status = kpi_stamps_of(change, change->event->incident_merged.parent, &parent);
    if (status < 0 || parent.followed_ms)
        return status == -ENOENT ? 0 : status;
    parent.followed_ms = change->event->at_ms;
    status = kpi_stamps_put(change, &parent);
    return status < 0 ? status
                      : kpi_add_to_order(change, change->event->at_ms, 0, KPI_COUNT_PARENTS, 1);
}

static int count_accepted(const struct change *change, uint32_t line, bool emergency)
{
    uint64_t at_ms = change->event->at_ms;
    int status = kpi_add_to_order(change, at_ms, 0, KPI_COUNT_ACCEPTED, 1);
    if (status == 0)
        status = kpi_step(change, KPI_NOW, KPI_SCOPE_CITY, 0, KPI_COUNT_OPEN_NOW, 1);
    return status < 0 || !emergency ? status
                                    : kpi_add(change, day_of(change->views, at_ms), KPI_SCOPE_LINE,
                                              line, KPI_COUNT_EMERGENCIES, 1);
}

/* Once: a record that its reviewer gave back is accepted already. */
static int count_registered(const struct change *change)
{
    const struct event *event = change->event;
    const struct incident_registered *registered = &event->incident_registered;
    struct incident_stamps stamps = { .incident = 0 };
    struct contact_row contact = { .contact = 0 };
    int known = kpi_stamps_of(change, event->incident, &stamps);
    if (known != -ENOENT)
        return known;
    if (event->contact) {
        int status = contact_of(change, event->contact, &contact);
        if (status < 0 && status != -ENOENT)
            return status;
    }
    int status = count_accepted(change, event->line, registered->emergency);
    if (status == 0 && !registered->origin)
        status =
            kpi_again_accepted(change, event->incident, registered->caller, registered->category);
    return status < 0 ? status : stamp(change, &stamps, contact.connected_ms);
}

/* A draft ends without ever having been registered. Answered directly it is accepted; anything else
 * counts what it says and no more. */
static int count_draft_moved(const struct change *change, struct incident_row *incident)
{
    const struct event *event = change->event;
    const struct incident_moved *moved = &event->incident_moved;
    struct incident_stamps stamps = { .incident = incident->incident,
                                      .arrived_ms = incident->started_ms,
                                      .registered_ms = event->at_ms };
    bool ends = moved->step == INCIDENT_STEP_VOID || moved->step == INCIDENT_STEP_WITHDRAW ||
                moved->step == INCIDENT_STEP_REFUSE;
    incident->registered_ms = event->at_ms;
    if (moved->to != INCIDENT_STATE_DIRECT) {
        int status = kpi_add(change, day_of(change->views, event->at_ms), KPI_SCOPE_LINE,
                             incident->line, KPI_COUNT_INVALID, moved->step == INCIDENT_STEP_VOID);
        return status < 0 || !ends
                   ? status
                   : kpi_add_to_order(change, event->at_ms, 0, count_of_step(moved->step), 1);
    }
    int status = count_accepted(change, incident->line, incident->emergency);
    if (status == 0)
        status =
            kpi_again_accepted(change, incident->incident, incident->caller, incident->category);
    if (status == 0)
        status = count_moved(change, incident, &stamps);
    return status < 0 ? status : stamp(change, &stamps, 0);
}

/* Words about an order beside its way: each counts once, by the lead. */
static enum kpi_count count_of_overlay(const struct event *event)
{
    switch (event->kind) {
    case EVENT_CITIZEN_TOLD:
        return event->citizen_told.means == TELL_MEANS_EXCUSED ? KPI_COUNT_EXCUSED : KPI_COUNT_TOLD;
    case EVENT_INCIDENT_URGED:
        return KPI_COUNT_URGES;
    case EVENT_INCIDENT_LINKED:
        return event->incident_linked.relation == RELATION_REPEAT ? KPI_COUNT_REPEATED
                                                                  : KPI_COUNT_NONE;
    case EVENT_INCIDENT_SUPERVISED:
        return event->incident_supervised.from == 0 ? KPI_COUNT_SUPERVISED : KPI_COUNT_NONE;
    case EVENT_PETITION_ENDED:
        return event->petition_ended.kind == PETITION_KIND_EXTENSION &&
                       event->petition_ended.end == PETITION_END_GRANTED
                   ? KPI_COUNT_EXTENSIONS
                   : KPI_COUNT_NONE;
    default: /* no other kind is an overlay */
        return KPI_COUNT_NONE;
    }
}

/* A bad verdict does not stand alone: somebody explained, and a second person closed against it. It is
 * the verdict's day that it counts on. */
static int count_explained(const struct change *change, const struct incident_row *incident,
                           const struct incident_stamps *stamps)
{
    const struct petition_ended *ended = &change->event->petition_ended;
    uint64_t at_ms = stamps->complained_ms;
    if (change->event->kind != EVENT_PETITION_ENDED || ended->kind != PETITION_KIND_CLOSE ||
        ended->end != PETITION_END_GRANTED || !at_ms)
        return 0;
    int status = kpi_add_to_order(change, at_ms, incident->lead, KPI_COUNT_EXPLAINED, 1);
    if (status == 0)
        status = kpi_add_to_order(change, at_ms, incident->lead, KPI_COUNT_EXPLAINED_UNSOLVED,
                                  incident->solved == DEGREE_NO);
    return status < 0
               ? status
               : kpi_add_to_order(change, at_ms, incident->lead, KPI_COUNT_EXPLAINED_UNSATISFIED,
                                  incident->satisfied == DEGREE_NO);
}

/* The other incident was there first. */
static int count_repeated(const struct change *change)
{
    const struct incident_linked *linked = &change->event->incident_linked;
    struct incident_stamps other;
    if (linked->relation != RELATION_REPEAT)
        return 0;
    int status = kpi_stamps_of(change, linked->other, &other);
    if (status == 0)
        status = kpi_again_asked(change, &other);
    if (status < 0 || other.direct_ms == 0)
        return status == -ENOENT ? 0 : status;
    other.direct_ms = 0;
    return kpi_stamps_put(change, &other);
}

static int count_incident(const struct change *change)
{
    const struct event *event = change->event;
    struct incident_row incident = { .incident = 0 };
    struct incident_stamps stamps = { .incident = 0 };
    int status =
        row_take(change, key_of1(VIEW_INCIDENT, event->incident), SCHEMA_INCIDENT_ROW, &incident);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    status = kpi_stamps_of(change, event->incident, &stamps);
    if (status == -ENOENT && event->kind == EVENT_INCIDENT_MOVED)
        return count_draft_moved(change, &incident);
    if (status < 0)
        return status == -ENOENT ? 0 : status;
    incident.registered_ms = stamps.registered_ms; /* the row's own is that of its last record */
    enum kpi_count overlay = count_of_overlay(event);
    if (overlay)
        status = kpi_add_to_order(change, event->at_ms, incident.lead, overlay, 1);
    else if (event->task)
        status = kpi_task(change, &incident, &stamps);
    else if (event->kind == EVENT_INCIDENT_MOVED)
        status = count_moved(change, &incident, &stamps);
    else if (event->kind == EVENT_SURVEY_ANSWERED)
        status = count_surveyed(change, &incident);
    if (status == 0)
        status = count_explained(change, &incident, &stamps);
    if (status == 0 && event->kind == EVENT_INCIDENT_LINKED)
        status = count_repeated(change);
    return status < 0 ? status : stamp(change, &stamps, 0);
}

int apply_to_kpi(const struct change *change)
{
    int status = kpi_ledger_pass(change);
    if (status < 0)
        return status;
    switch (change->event->kind) {
    case EVENT_USER_DEFINED:
    case EVENT_PARAMETER_CHANGED:
        return kpi_city(change);
    case EVENT_CONTACT_ARRIVED:
        return count_arrived(change);
    case EVENT_CALLS_TURNED_AWAY:
        return count_turned_away(change);
    case EVENT_WRAP_UP_ENDED:
    case EVENT_TAKER_SIGNED_OFF:
        return count_wrapped_up(change);
    case EVENT_INCIDENT_REGISTERED:
        return count_registered(change);
    case EVENT_CONTACT_CONNECTED:
    case EVENT_CONTACT_ENDED:
    case EVENT_CONTACT_RELINED:
    case EVENT_CONTACT_DISPOSED:
    case EVENT_CONTACT_RESUMED:
    case EVENT_TRANSFER_ENDED:
    case EVENT_TRANSFER_BOUNCED:
    case EVENT_OFFER_ENDED:
    case EVENT_CALLBACK_OPENED:
    case EVENT_CALLBACK_ENDED:
        return count_call(change);
    case EVENT_INCIDENT_MERGED:
        return count_merged(change);
    case EVENT_INCIDENT_MOVED:
    case EVENT_INCIDENT_LINKED:
    case EVENT_SURVEY_ANSWERED:
    case EVENT_CITIZEN_TOLD:
    case EVENT_INCIDENT_URGED:
    case EVENT_INCIDENT_SUPERVISED:
    case EVENT_PETITION_ENDED:
    case EVENT_TASK_OPENED:
    case EVENT_TASK_MOVED:
    case EVENT_CLOCK_OVERDUE:
    case EVENT_DEMAND_ANSWERED:
    case EVENT_LADDER_CLIMBED:
    case EVENT_REVISIT_TRIED:
        return change->event->incident ? count_incident(change) : 0;
    case EVENT_TEXT_ORDERED:
        return change->event->incident && change->event->text_ordered.template == TEMPLATE_SURVEY
                   ? count_incident(change)
                   : 0;
    default: /* the many kinds that no figure counts */
        return 0;
    }
}
