/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/auditor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROMISE(condition, words)                                                                  \
    do {                                                                                           \
        if (!(condition))                                                                          \
            broken(words, #condition, __LINE__);                                                   \
    } while (0)

static _Noreturn void broken(const char *words, const char *condition, int line)
{
    (void)fprintf(stderr, "auditor: %s (%s, line %d)\n", words, condition, line);
    abort();
}

static void *room(size_t size)
{
    void *memory = calloc(SEEN_MAX, size);
    PROMISE(memory, "memory");
    return memory;
}

void auditor_open(struct auditor *auditor)
{
    memset(auditor, 0, sizeof *auditor);
    auditor->reserve_permille = 40;
    auditor->contacts = room(sizeof *auditor->contacts);
    auditor->incidents = room(sizeof *auditor->incidents);
    auditor->tasks = room(sizeof *auditor->tasks);
    auditor->callbacks = room(sizeof *auditor->callbacks);
    auditor->texts = room(sizeof *auditor->texts);
}

void auditor_close(struct auditor *auditor)
{
    free(auditor->contacts);
    free(auditor->incidents);
    free(auditor->tasks);
    free(auditor->callbacks);
    free(auditor->texts);
}

/* Newest first: what is asked for is mostly young. */
#define FIND(name, type, list, counter)                                                            \
    static struct type *name(const struct auditor *auditor, uint64_t id)                           \
    {                                                                                              \
        for (uint32_t i = auditor->counter; i-- > 0;)                                              \
            if (auditor->list[i].id == id)                                                         \
                return &auditor->list[i];                                                          \
        return NULL;                                                                               \
    }
FIND(contact_of, seen_contact, contacts, contact_count)
FIND(incident_of, seen_incident, incidents, incident_count)
FIND(task_of, seen_task, tasks, task_count)
FIND(callback_of, seen_callback, callbacks, callback_count)
FIND(text_of, seen_text, texts, text_count)

static struct seen_taker *taker_of(struct auditor *auditor, uint32_t user)
{
    for (uint32_t i = 0; i < auditor->taker_count; i++)
        if (auditor->takers[i].row.user == user)
            return &auditor->takers[i];
    PROMISE(false, "a taker nobody defined");
    return NULL;
}

static const struct line_row *line_of(const struct auditor *auditor, uint32_t line)
{
    for (uint32_t i = 0; i < auditor->line_count; i++)
        if (auditor->lines[i].line == line)
            return &auditor->lines[i];
    PROMISE(false, "a line nobody defined");
    return NULL;
}

static uint32_t level_of(const struct seen_taker *taker, uint32_t line)
{
    for (uint32_t i = 0; i < taker->row.skills_count; i++)
        if (taker->row.skills[i].line == line)
            return taker->row.skills[i].level;
    return 0;
}

static bool has_phone(const struct seen_taker *taker)
{
    return taker->phone[0] || taker->row.phone[0];
}

static bool is_ready(const struct seen_taker *taker)
{
    return taker->on && !taker->away && !taker->contact && !taker->wrap_up_ms;
}

static bool may_take(const struct seen_taker *taker, const struct seen_contact *contact)
{
    return level_of(taker, contact->line) > 0 &&
           (contact->channel == CHANNEL_SMS || has_phone(taker));
}

static bool reserve_is_touched(const struct auditor *auditor)
{
    uint64_t on = 0;
    uint64_t ready = 0;
    for (uint32_t i = 0; i < auditor->taker_count; i++) {
        on += auditor->takers[i].emergency && auditor->takers[i].on;
        ready += auditor->takers[i].emergency && is_ready(&auditor->takers[i]);
    }
    return ready <= (on * auditor->reserve_permille + 500) / 1000;
}

/* Might this taker be offered this contact now? */
static bool fits(const struct auditor *auditor, const struct seen_taker *taker,
                 const struct seen_contact *contact)
{
    const struct line_row *line = line_of(auditor, contact->line);
    if (contact->state != CONTACT_STATE_WAITING || !may_take(taker, contact) || taker->away ||
        !taker->on || taker->contact)
        return false;
    if (contact->channel == CHANNEL_VOICE && auditor->gateway_down[contact->gateway])
        return false;
    if (line->emergency)
        return true;
    return !taker->wrap_up_ms && !(taker->emergency && reserve_is_touched(auditor));
}

static bool comes_before(const struct seen_contact *a, const struct seen_contact *b)
{
    if (a->band != b->band)
        return a->band < b->band;
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->id < b->id;
}

static bool better_taker(const struct seen_taker *a, const struct seen_taker *b, uint32_t line)
{
    if (!a->wrap_up_ms != !b->wrap_up_ms)
        return !a->wrap_up_ms;
    if (level_of(a, line) != level_of(b, line))
        return level_of(a, line) < level_of(b, line);
    return a->idle_ms < b->idle_ms;
}

static void see_offer(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = contact_of(auditor, event->contact);
    struct seen_taker *taker = taker_of(auditor, event->taker);
    PROMISE(contact && fits(auditor, taker, contact), "an offer that does not fit");
    for (uint32_t i = 0; i < auditor->contact_count; i++) {
        const struct seen_contact *other = &auditor->contacts[i];
        PROMISE(other == contact || !fits(auditor, taker, other) || comes_before(contact, other),
                "somebody was passed over");
    }
    for (uint32_t i = 0; i < auditor->taker_count; i++) {
        const struct seen_taker *other = &auditor->takers[i];
        PROMISE(other == taker || !fits(auditor, other, contact) ||
                    !better_taker(other, taker, contact->line),
                "a better taker was idle");
    }
    contact->state = CONTACT_STATE_OFFERED;
    contact->offer = event->offer;
    contact->taker = taker->row.user;
    taker->contact = contact->id;
}

static struct seen_contact *offered(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = contact_of(auditor, event->contact);
    PROMISE(contact && contact->state == CONTACT_STATE_OFFERED && contact->offer == event->offer &&
                contact->taker == event->taker,
            "an offer nobody has");
    return contact;
}

static void see_offer_end(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = offered(auditor, event);
    struct seen_taker *taker = taker_of(auditor, contact->taker);
    enum offer_end cause = event->offer_ended.cause;
    contact->state = CONTACT_STATE_WAITING;
    contact->offer = contact->taker = 0;
    taker->contact = 0;
    if (cause == OFFER_END_UNANSWERED || cause == OFFER_END_DECLINED)
        taker->idle_ms = event->at_ms;
}

static void see_contact_end(struct auditor *auditor, const struct event *event)
{
    struct seen_contact *contact = contact_of(auditor, event->contact);
    PROMISE(contact && (contact->state == CONTACT_STATE_WAITING ||
                        contact->state == CONTACT_STATE_CONNECTED),
            "an end without a contact");
    bool talked = contact->state == CONTACT_STATE_CONNECTED;
    bool by_rule = event->contact_ended.cause == END_CAUSE_ANSWERED_BY_RULE;
    PROMISE(event->contact_ended.abandoned == (!talked && !by_rule), "abandoned or not");
    if (talked) {
        struct seen_taker *taker = taker_of(auditor, contact->taker);
        taker->contact = 0;
        taker->idle_ms = event->at_ms;
    }
    contact->lost = event->contact_ended.abandoned ||
                    event->contact_ended.cause == END_CAUSE_MEDIA_LOST ||
                    event->contact_ended.cause == END_CAUSE_GATEWAY_LOST;
    contact->state = talked || by_rule ? CONTACT_STATE_ENDED : CONTACT_STATE_ABANDONED;
}

/* ---- incidents ------------------------------------------------------------------------------ */

/* Written down once more, from the rules and not from the core. */
static bool move_is_listed(enum incident_state from, enum incident_step step,
                           enum incident_state to)
{
    static const struct {
        enum incident_state from;
        enum incident_step step;
        enum incident_state to;
    } list[] = {
        { INCIDENT_STATE_REGISTERED, INCIDENT_STEP_DISPATCH, INCIDENT_STATE_DISPATCHED },
        { INCIDENT_STATE_REGISTERED, INCIDENT_STEP_ANSWER_DIRECTLY, INCIDENT_STATE_DIRECT },
        { INCIDENT_STATE_REGISTERED, INCIDENT_STEP_VOID, INCIDENT_STATE_VOID },
        { INCIDENT_STATE_DISPATCHED, INCIDENT_STEP_SIGN, INCIDENT_STATE_HANDLING },
        { INCIDENT_STATE_DISPATCHED, INCIDENT_STEP_RETURN, INCIDENT_STATE_REGISTERED },
        { INCIDENT_STATE_HANDLING, INCIDENT_STEP_RETURN, INCIDENT_STATE_REGISTERED },
        { INCIDENT_STATE_HANDLING, INCIDENT_STEP_REPLY, INCIDENT_STATE_REPLIED },
        { INCIDENT_STATE_REPLIED, INCIDENT_STEP_TELL, INCIDENT_STATE_TOLD },
        { INCIDENT_STATE_REPLIED, INCIDENT_STEP_REJECT_REPLY, INCIDENT_STATE_HANDLING },
        { INCIDENT_STATE_TOLD, INCIDENT_STEP_SATISFIED, INCIDENT_STATE_CLOSED },
        { INCIDENT_STATE_TOLD, INCIDENT_STEP_UNSATISFIED, INCIDENT_STATE_REDO },
        { INCIDENT_STATE_TOLD, INCIDENT_STEP_NO_ANSWER, INCIDENT_STATE_REVISIT },
        { INCIDENT_STATE_TOLD, INCIDENT_STEP_UNREACHABLE, INCIDENT_STATE_CLOSED },
        { INCIDENT_STATE_REVISIT, INCIDENT_STEP_SATISFIED, INCIDENT_STATE_CLOSED },
        { INCIDENT_STATE_REVISIT, INCIDENT_STEP_UNSATISFIED, INCIDENT_STATE_REDO },
        { INCIDENT_STATE_REVISIT, INCIDENT_STEP_UNREACHABLE, INCIDENT_STATE_CLOSED },
        { INCIDENT_STATE_REDO, INCIDENT_STEP_REDISPATCH, INCIDENT_STATE_DISPATCHED },
        { INCIDENT_STATE_CLOSED, INCIDENT_STEP_REOPEN, INCIDENT_STATE_REDO },
        { INCIDENT_STATE_DIRECT, INCIDENT_STEP_REOPEN, INCIDENT_STATE_REGISTERED },
        { INCIDENT_STATE_VOID, INCIDENT_STEP_REOPEN, INCIDENT_STATE_REGISTERED },
    };
    for (uint32_t i = 0; i < sizeof list / sizeof list[0]; i++)
        if (list[i].from == from && list[i].step == step && list[i].to == to)
            return true;
    return false;
}

static bool is_open(enum task_state state)
{
    return state != TASK_STATE_RETURNED && state != TASK_STATE_REPLIED &&
           state != TASK_STATE_RECALLED;
}

static void check_tasks(const struct auditor *auditor, const struct seen_incident *incident)
{
    uint32_t leads = 0;
    uint32_t lead = 0;
    uint32_t open = 0;
    for (uint32_t i = 0; i < auditor->task_count; i++) {
        const struct seen_task *task = &auditor->tasks[i];
        if (task->incident != incident->id || task->forgotten)
            continue;
        open += is_open(task->state);
        if (task->kind == TASK_KIND_LEAD) {
            leads++;
            lead = task->department;
        }
    }
    for (uint32_t i = 0; i < auditor->task_count; i++) {
        const struct seen_task *task = &auditor->tasks[i];
        if (task->incident == incident->id && !task->forgotten && task->kind == TASK_KIND_ASSIST)
            PROMISE(task->department != lead, "the lead assists itself");
    }
    bool works =
        incident->state == INCIDENT_STATE_DISPATCHED || incident->state == INCIDENT_STATE_HANDLING;
    PROMISE(works ? leads == 1 && open > 0 : open == 0, "one lead while departments work");
}

static void see_incident_move(struct auditor *auditor, const struct event *event)
{
    const struct incident_moved *moved = &event->incident_moved;
    struct seen_incident *incident = incident_of(auditor, event->incident);
    PROMISE(incident && incident->state == moved->from, "a move from where it is not");
    PROMISE(move_is_listed(moved->from, moved->step, moved->to), "a move that is not listed");
    PROMISE(moved->round == incident->round + (moved->to == INCIDENT_STATE_REDO),
            "rounds rise by one");
    incident->state = moved->to;
    incident->round = moved->round;
    incident->clock = CLOCK_KIND_NONE;
    if (moved->to == INCIDENT_STATE_CLOSED || moved->to == INCIDENT_STATE_DIRECT)
        PROMISE(incident->told, "closed without telling");
    if (moved->to != INCIDENT_STATE_REDO && moved->to != INCIDENT_STATE_REGISTERED)
        return;
    incident->told = false;
    for (uint32_t i = 0; i < auditor->task_count; i++)
        if (auditor->tasks[i].incident == incident->id) {
            PROMISE(!is_open(auditor->tasks[i].state), "an open task is left behind");
            auditor->tasks[i].forgotten = true;
        }
}

static void see_task(struct auditor *auditor, const struct event *event)
{
    PROMISE(auditor->task_count < SEEN_MAX, "room");
    struct seen_incident *incident = incident_of(auditor, event->incident);
    PROMISE(incident && incident->round == event->task_opened.round, "a task of this round");
    auditor->tasks[auditor->task_count++] =
        (struct seen_task){ .id = event->task,
                            .incident = event->incident,
                            .department = event->department,
                            .round = event->task_opened.round,
                            .kind = event->task_opened.kind,
                            .state = TASK_STATE_SENT,
                            .sign_due_ms = event->task_opened.sign_due_ms,
                            .reply_due_ms = event->task_opened.reply_due_ms };
}

static void see_task_move(struct auditor *auditor, const struct event *event)
{
    struct seen_task *task = task_of(auditor, event->task);
    PROMISE(task && !task->forgotten && task->state == event->task_moved.from, "a task's move");
    PROMISE(is_open(task->state) || event->task_moved.step == TASK_STEP_REJECT_REPLY,
            "an ended task moves");
    for (uint32_t i = 0; i < auditor->task_count; i++) {
        const struct seen_task *other = &auditor->tasks[i];
        PROMISE(task->kind != TASK_KIND_LEAD || event->task_moved.step != TASK_STEP_REPLY ||
                    other == task || other->forgotten || other->incident != task->incident ||
                    !is_open(other->state),
                "the lead replies last");
    }
    task->state = event->task_moved.to;
}

static void see_overdue(struct auditor *auditor, const struct event *event)
{
    const struct clock_overdue *overdue = &event->clock_overdue;
    bool *reported = NULL;
    uint64_t due_ms = 0;
    struct seen_task *task = event->task ? task_of(auditor, event->task) : NULL;
    if (overdue->clock == CLOCK_KIND_ANSWER) {
        struct seen_contact *contact = contact_of(auditor, overdue->subject);
        reported = &contact->late;
        due_ms = contact->due_ms;
    } else if (overdue->clock == CLOCK_KIND_CALLBACK) {
        struct seen_callback *callback = callback_of(auditor, overdue->subject);
        reported = &callback->reported;
        due_ms = callback->due_ms;
    } else if (task) {
        bool sign = overdue->clock == CLOCK_KIND_SIGN;
        bool reply = overdue->clock == CLOCK_KIND_REPLY;
        reported = sign    ? &task->sign_reported
                   : reply ? &task->reply_reported
                           : &task->rule_reported;
        due_ms = sign ? task->sign_due_ms : reply ? task->reply_due_ms : task->rule_due_ms;
    } else {
        struct seen_incident *incident = incident_of(auditor, overdue->subject);
        PROMISE(incident && incident->clock == overdue->clock, "the clock that runs");
        reported = &incident->reported;
        due_ms = incident->clock_due_ms;
    }
    PROMISE(!*reported && due_ms == overdue->due_ms, "overdue once");
    PROMISE(event->at_ms >= due_ms, "overdue before its time");
    *reported = true;
}

static void see_clock(struct auditor *auditor, const struct event *event)
{
    if (event->task) {
        struct seen_task *task = task_of(auditor, event->task);
        task->rule_due_ms = event->clock_started.due_ms;
        task->rule_reported = false;
        return;
    }
    struct seen_incident *incident = incident_of(auditor, event->incident);
    PROMISE(incident, "a clock of nothing");
    incident->clock = event->clock_started.clock;
    incident->clock_due_ms = event->clock_started.due_ms;
    incident->reported = false;
}

static void see_text(struct auditor *auditor, const struct event *event)
{
    const struct seen_incident *incident = incident_of(auditor, event->incident);
    PROMISE(!incident || (!incident->unsafe && incident->caller), "a text that may not be");
    PROMISE(auditor->text_count < SEEN_MAX, "room");
    auditor->texts[auditor->text_count++] =
        (struct seen_text){ .id = event->text_ordered.text,
                            .incident = event->incident,
                            .template = event->text_ordered.template };
}

static void see_arrival(struct auditor *auditor, const struct event *event)
{
    const struct contact_arrived *arrived = &event->contact_arrived;
    PROMISE(auditor->contact_count < SEEN_MAX, "room");
    for (uint32_t i = 0; i < auditor->contact_count; i++)
        PROMISE(auditor->contacts[i].call != arrived->call ||
                    auditor->contacts[i].gateway != arrived->gateway,
                "one call twice");
    auditor->contacts[auditor->contact_count++] =
        (struct seen_contact){ .id = event->contact,
                               .call = arrived->call,
                               .caller = arrived->caller,
                               .due_ms = arrived->due_ms,
                               .line = event->line,
                               .gateway = arrived->gateway,
                               .band = arrived->band,
                               .channel = arrived->channel,
                               .state = CONTACT_STATE_WAITING };
}

static void see_registration(struct auditor *auditor, const struct event *event)
{
    const struct incident_registered *row = &event->incident_registered;
    PROMISE(auditor->incident_count < SEEN_MAX, "room");
    auditor->incidents[auditor->incident_count++] =
        (struct seen_incident){ .id = event->incident,
                                .caller = row->caller,
                                .line = event->line,
                                .round = 1,
                                .state = INCIDENT_STATE_REGISTERED,
                                .unsafe = row->text_unsafe || row->anonymous ||
                                          row->secrecy >= SECRECY_IDENTITY_HIDDEN };
}

static void see_callback(struct auditor *auditor, const struct event *event)
{
    const struct callback_opened *opened = &event->callback_opened;
    PROMISE(auditor->callback_count < SEEN_MAX, "room");
    for (uint32_t i = 0; opened->caller && i < auditor->callback_count; i++)
        PROMISE(auditor->callbacks[i].ended || auditor->callbacks[i].caller != opened->caller,
                "two callbacks to one number");
    auditor->callbacks[auditor->callback_count++] =
        (struct seen_callback){ .id = opened->callback,
                                .contact = event->contact,
                                .caller = opened->caller,
                                .due_ms = opened->due_ms };
}

static void see_user(struct auditor *auditor, const struct event *event)
{
    struct seen_taker *taker = NULL;
    for (uint32_t i = 0; i < auditor->taker_count; i++)
        if (auditor->takers[i].row.user == event->user_defined.row.user)
            taker = &auditor->takers[i];
    if (!taker)
        taker = &auditor->takers[auditor->taker_count++];
    taker->row = event->user_defined.row;
    taker->emergency = false;
    for (uint32_t i = 0; i < taker->row.skills_count; i++)
        taker->emergency |= line_of(auditor, taker->row.skills[i].line)->emergency;
}

static void see_taker(struct auditor *auditor, const struct event *event)
{
    struct seen_taker *taker = taker_of(auditor, event->taker);
    switch ((uint32_t)event->kind) {
    case EVENT_TAKER_SIGNED_ON:
        PROMISE(!taker->on, "signed on twice");
        taker->on = taker->away = true;
        taker->idle_ms = event->at_ms;
        break;
    case EVENT_TAKER_SIGNED_OFF:
        PROMISE(taker->on && !taker->contact, "signed off out of a contact");
        taker->on = taker->away = false;
        taker->wrap_up_ms = 0;
        break;
    case EVENT_TAKER_BECAME_READY:
        taker->away = false;
        taker->idle_ms = event->at_ms;
        break;
    case EVENT_TAKER_WENT_AWAY:
        taker->away = true;
        break;
    case EVENT_WRAP_UP_STARTED:
        PROMISE(!taker->contact, "wrap-up in a contact");
        taker->wrap_up_ms = event->wrap_up_started.until_ms;
        break;
    case EVENT_WRAP_UP_ENDED:
        PROMISE(taker->wrap_up_ms, "no wrap-up to end");
        taker->wrap_up_ms = 0;
        taker->idle_ms = event->at_ms;
        break;
    case EVENT_PHONE_REGISTERED:
        (void)snprintf(taker->phone, sizeof taker->phone, "%s", event->phone_registered.phone);
        break;
    default:
        break;
    }
}

static void see_rest(struct auditor *auditor, const struct event *event)
{
    switch ((uint32_t)event->kind) {
    case EVENT_LINE_DEFINED:
        auditor->lines[auditor->line_count++] = event->line_defined.row;
        break;
    case EVENT_USER_DEFINED:
        see_user(auditor, event);
        break;
    case EVENT_PARAMETER_CHANGED:
        if (event->parameter_changed.parameter == PARAMETER_RESERVE_PERMILLE)
            auditor->reserve_permille = event->parameter_changed.value;
        break;
    case EVENT_GATEWAY_ROSE:
        auditor->gateway_down[event->gateway_rose.gateway] = false;
        for (uint32_t i = 0; i < auditor->contact_count; i++)
            if (auditor->gateway_epoch[event->gateway_rose.gateway] != event->gateway_rose.epoch &&
                auditor->contacts[i].gateway == event->gateway_rose.gateway &&
                auditor->contacts[i].channel == CHANNEL_VOICE &&
                auditor->contacts[i].state == CONTACT_STATE_WAITING)
                auditor->contacts[i].gateway = 0; /* of a former life: not to be offered */
        auditor->gateway_epoch[event->gateway_rose.gateway] = event->gateway_rose.epoch;
        break;
    case EVENT_GATEWAY_FELL:
        auditor->gateway_down[event->gateway_fell.gateway] = true;
        break;
    case EVENT_CALLBACK_ENDED: {
        struct seen_callback *callback = callback_of(auditor, event->callback_ended.callback);
        PROMISE(callback && !callback->ended, "a callback ends once");
        callback->ended = true;
        break;
    }
    case EVENT_TEXT_REPORTED:
        if (event->text_reported.state != TEXT_STATE_SENT)
            text_of(auditor, event->text_reported.text)->ended = true;
        break;
    case EVENT_PERSONAL_WAS_READ:
        PROMISE(event->actor && event->personal_was_read.reason, "who read, and why");
        auditor->reads++;
        break;
    default:
        break;
    }
}

void auditor_see(struct auditor *auditor, const struct event *event)
{
    PROMISE(event->seq == auditor->seq + 1 && event->at_ms >= auditor->at_ms, "order of events");
    auditor->gateway_down[0] = true; /* where calls of former lives are */
    auditor->seq = event->seq;
    auditor->at_ms = event->at_ms;
    switch ((uint32_t)event->kind) {
    case EVENT_CONTACT_ARRIVED:
        see_arrival(auditor, event);
        break;
    case EVENT_CONTACT_ENDED:
        see_contact_end(auditor, event);
        break;
    case EVENT_CONTACT_CONNECTED:
        offered(auditor, event)->state = CONTACT_STATE_CONNECTED;
        break;
    case EVENT_CONTACT_RELINED: {
        struct seen_contact *contact = contact_of(auditor, event->contact);
        contact->line = event->contact_relined.to;
        contact->band = event->contact_relined.band;
        contact->due_ms = event->contact_relined.due_ms;
        break;
    }
    case EVENT_OFFER_MADE:
        see_offer(auditor, event);
        break;
    case EVENT_OFFER_ENDED:
        see_offer_end(auditor, event);
        break;
    case EVENT_CALLBACK_OPENED:
        see_callback(auditor, event);
        break;
    case EVENT_INCIDENT_REGISTERED:
        see_registration(auditor, event);
        break;
    case EVENT_INCIDENT_MOVED:
        see_incident_move(auditor, event);
        break;
    case EVENT_CITIZEN_TOLD:
        incident_of(auditor, event->incident)->told = true;
        break;
    case EVENT_REVISIT_OPENED: {
        struct seen_incident *incident = incident_of(auditor, event->incident);
        incident->clock = CLOCK_KIND_REVISIT;
        incident->clock_due_ms = event->revisit_opened.due_ms;
        incident->reported = false;
        break;
    }
    case EVENT_CLOCK_STARTED:
        see_clock(auditor, event);
        break;
    case EVENT_CLOCK_OVERDUE:
        see_overdue(auditor, event);
        break;
    case EVENT_TASK_OPENED:
        see_task(auditor, event);
        break;
    case EVENT_TASK_MOVED:
        see_task_move(auditor, event);
        break;
    case EVENT_TEXT_ORDERED:
        see_text(auditor, event);
        break;
    default:
        if (event->kind >= EVENT_TAKER_SIGNED_ON && event->kind <= EVENT_WRAP_UP_ENDED)
            see_taker(auditor, event);
        else if (event->kind == EVENT_PHONE_REGISTERED)
            see_taker(auditor, event);
        else
            see_rest(auditor, event);
    }
}

/* ---- at rest -------------------------------------------------------------------------------- */

static void rest_of_contacts(const struct auditor *auditor, uint64_t now_ms)
{
    for (uint32_t i = 0; i < auditor->contact_count; i++) {
        const struct seen_contact *contact = &auditor->contacts[i];
        bool stands =
            contact->state == CONTACT_STATE_WAITING || contact->state == CONTACT_STATE_OFFERED;
        PROMISE(!stands || contact->late || contact->due_ms > now_ms, "a late answer unnoticed");
        PROMISE(contact->state != CONTACT_STATE_WAITING || contact->gateway ||
                    contact->channel == CHANNEL_SMS,
                "a call of a former life is still here");
        for (uint32_t j = 0; stands && j < auditor->taker_count; j++)
            PROMISE(!fits(auditor, &auditor->takers[j], contact),
                    "somebody waits for a taker who is idle");
        if (!contact->lost || !line_of(auditor, contact->line)->emergency)
            continue;
        bool called = false;
        for (uint32_t j = 0; j < auditor->callback_count; j++)
            called |= contact->caller ? auditor->callbacks[j].caller == contact->caller
                                      : auditor->callbacks[j].contact == contact->id;
        PROMISE(called, "a lost emergency without a callback");
    }
}

static void rest_of_work(const struct auditor *auditor, uint64_t now_ms)
{
    for (uint32_t i = 0; i < auditor->incident_count; i++) {
        const struct seen_incident *incident = &auditor->incidents[i];
        PROMISE(!incident->clock || incident->reported || incident->clock_due_ms > now_ms,
                "an incident's clock unnoticed");
        check_tasks(auditor, incident);
    }
    for (uint32_t i = 0; i < auditor->task_count; i++) {
        const struct seen_task *task = &auditor->tasks[i];
        if (task->forgotten || !is_open(task->state))
            continue;
        PROMISE(task->reply_reported || task->reply_due_ms > now_ms, "a late reply unnoticed");
        PROMISE(task->state != TASK_STATE_SENT || task->sign_reported || task->sign_due_ms > now_ms,
                "a missing signature unnoticed");
        PROMISE(task->state != TASK_STATE_RETURN_ASKED || task->rule_reported ||
                    task->rule_due_ms > now_ms,
                "a send-back unnoticed");
    }
    for (uint32_t i = 0; i < auditor->callback_count; i++)
        PROMISE(auditor->callbacks[i].ended || auditor->callbacks[i].reported ||
                    auditor->callbacks[i].due_ms > now_ms,
                "a callback unnoticed");
}

void auditor_rest(const struct auditor *auditor, uint64_t now_ms)
{
    rest_of_contacts(auditor, now_ms);
    rest_of_work(auditor, now_ms);
    for (uint32_t i = 0; i < auditor->taker_count; i++)
        PROMISE(!auditor->takers[i].wrap_up_ms || auditor->takers[i].wrap_up_ms > now_ms,
                "a wrap-up without end");
}
