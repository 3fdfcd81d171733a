/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What may be decided about an incident. */
#include "dispatcher/core/incident.h"

#include "base/require.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/survey.h"
#include "dispatcher/core/task.h"

#define ORDER_NUMBERS_A_DAY 1000000ULL /* yyyymmdd, then six digits */

struct event *incident_event(struct decision *decision, enum event_kind kind,
                             const struct incident *incident)
{
    struct event *event = decision_event(decision, kind);
    event->incident = incident->id;
    event->line = incident->line;
    return event;
}

enum incident_state incident_step(struct decision *decision, const struct incident *incident,
                                  enum incident_state from, enum incident_step step)
{
    enum incident_state to = incident_next(from, step);
    REQUIRE(to != INCIDENT_STATE_NONE);
    struct event *event = incident_event(decision, EVENT_INCIDENT_MOVED, incident);
    event->incident_moved.step = step;
    event->incident_moved.from = from;
    event->incident_moved.to = to;
    event->incident_moved.round = incident->round + (to == INCIDENT_STATE_REDO);
    return to;
}

static void start(struct decision *decision, const struct incident *incident, uint32_t round,
                  enum clock_kind clock)
{
    clock_start(decision, incident, clock,
                clock_due(decision->core, incident, round, clock, decision->at_ms));
}

void incident_replied(struct decision *decision, const struct incident *incident)
{
    incident_step(decision, incident, incident->state, INCIDENT_STEP_REPLY);
    start(decision, incident, incident->round, CLOCK_KIND_TELL);
    if (citizen_may_be_texted(incident))
        citizen_text_order(decision, TEMPLATE_RESULT, incident, 0);
}

void incident_next_round(struct decision *decision, const struct incident *incident)
{
    start(decision, incident, incident->round + 1, CLOCK_KIND_DISPATCH);
    if (citizen_may_be_texted(incident))
        citizen_text_order(decision, TEMPLATE_REDO, incident, 0);
}

/* No answer by text can come, or none came: a person asks. */
static void ask_in_person(struct decision *decision, const struct incident *incident)
{
    incident_step(decision, incident, INCIDENT_STATE_TOLD, INCIDENT_STEP_NO_ANSWER);
    survey_revisit(decision, incident);
}

/* The citizen knows the result, or it is recorded why not. What follows is the question how it was,
 * unless there is nobody who could or wants to be asked. */
static void told(struct decision *decision, const struct incident *incident, enum tell_means means,
                 enum excuse_reason excuse, uint64_t text)
{
    struct event *event = incident_event(decision, EVENT_CITIZEN_TOLD, incident);
    event->citizen_told.means = means;
    event->citizen_told.excuse = excuse;
    event->citizen_told.text = text;
    incident_step(decision, incident, incident->state, INCIDENT_STEP_TELL);
    if (excuse == EXCUSE_REASON_ANONYMOUS || excuse == EXCUSE_REASON_DECLINED) {
        incident_step(decision, incident, INCIDENT_STATE_TOLD, INCIDENT_STEP_UNREACHABLE);
        return;
    }
    if (means == TELL_MEANS_EXCUSED || !citizen_may_be_texted(incident)) {
        ask_in_person(decision, incident);
        return;
    }
    citizen_text_order(decision, TEMPLATE_SURVEY, incident, 0);
    start(decision, incident, incident->round, CLOCK_KIND_SURVEY);
}

static void result_reported(struct decision *decision, const struct incident *incident,
                            const struct citizen_text *text, enum text_state state)
{
    if (incident->state == INCIDENT_STATE_REPLIED) {
        if (state == TEXT_STATE_FAILED)
            clock_start(decision, incident, CLOCK_KIND_TELL, decision->at_ms);
        else
            told(decision, incident, TELL_MEANS_SMS, EXCUSE_REASON_NONE, text->id);
    } else if (incident->state == INCIDENT_STATE_TOLD && state == TEXT_STATE_FAILED) {
        /* The message centre took the result and could not deliver it after all. */
        ask_in_person(decision, incident);
    }
}

void incident_text_reported(struct decision *decision, const struct incident *incident,
                            const struct citizen_text *text, enum text_state state)
{
    if (text->id == incident->result)
        result_reported(decision, incident, text, state);
    else if (text->id == incident->survey && incident->state == INCIDENT_STATE_TOLD &&
             state == TEXT_STATE_FAILED)
        ask_in_person(decision, incident);
}

void incident_due(struct decision *decision, const struct incident *incident)
{
    REQUIRE(!incident->promise.reported);
    if (incident->clock == CLOCK_KIND_SURVEY) {
        ask_in_person(decision, incident);
        return;
    }
    struct event *event = incident_event(decision, EVENT_CLOCK_OVERDUE, incident);
    event->clock_overdue.clock = incident->clock;
    event->clock_overdue.due_ms = incident->promise.due_ms;
    event->clock_overdue.subject = incident->id;
}

static uint64_t next_number(const struct decision *decision)
{
    const struct core *core = decision->core;
    uint64_t day = calendar_date(core, decision->at_ms);
    if (day <= core->number_day) /* numbers never repeat, even when the city moves its clock */
        return core->number_day * ORDER_NUMBERS_A_DAY + core->number_count + 1;
    return day * ORDER_NUMBERS_A_DAY + 1;
}

static enum sla_class class_of(const struct category_row *category, enum priority priority,
                               bool emergency)
{
    static const enum sla_class by_priority[PRIORITY_COUNT] = {
        [PRIORITY_P0] = SLA_CLASS_E0, [PRIORITY_P1] = SLA_CLASS_E1, [PRIORITY_P2] = SLA_CLASS_E2,
        [PRIORITY_P3] = SLA_CLASS_E3, [PRIORITY_P4] = SLA_CLASS_E3,
    };
    if (emergency)
        return by_priority[priority];
    return category->sla ? category->sla : SLA_CLASS_G;
}

/* The contact the record is about: the taker's own, now or last. */
static enum refusal find_contact(const struct decision *decision, uint64_t id,
                                 const struct contact **contact)
{
    *contact = NULL;
    if (id == 0)
        return REFUSAL_NONE;
    *contact = core_contact(decision->core, id);
    if (!*contact)
        return REFUSAL_NO_SUCH_CONTACT;
    if ((*contact)->taker != decision->user && !decision_forces(decision))
        return REFUSAL_NOT_YOURS;
    return REFUSAL_NONE;
}

static void attach(struct decision *decision, const struct contact *contact, uint64_t incident,
                   bool first)
{
    struct event *event = contact_event(decision, EVENT_CONTACT_ATTACHED, contact);
    event->incident = incident;
    event->contact_attached.first = first;
}

/* What apply will make of the event; clocks and texts are decided on it in the same breath. */
static struct incident registered(const struct event *event)
{
    const struct incident_registered *row = &event->incident_registered;
    return (struct incident){ .id = event->incident,
                              .number = row->number,
                              .line = event->line,
                              .caller = row->caller,
                              .started_ms = row->started_ms,
                              .category = row->category,
                              .district = row->district,
                              .taker = event->taker,
                              .round = 1,
                              .priority = row->priority,
                              .sla = row->sla,
                              .secrecy = row->secrecy,
                              .emergency = row->emergency,
                              .text_unsafe = row->text_unsafe,
                              .anonymous = row->anonymous };
}

static void fill_registration(const struct decision *decision, const struct contact *contact,
                              const struct line *line, const struct category *category,
                              struct incident_registered *row)
{
    const struct incident_register *asked = &decision->command->incident_register;
    row->number = next_number(decision);
    row->category = asked->category;
    row->priority = asked->priority ? asked->priority : category->row.priority;
    if (row->priority == PRIORITY_NONE)
        row->priority = PRIORITY_P3;
    row->sla = class_of(&category->row, row->priority, line->row.emergency);
    row->district = asked->district;
    row->secrecy = asked->secrecy ? asked->secrecy : SECRECY_OPEN;
    row->emergency = line->row.emergency;
    row->text_unsafe = asked->text_unsafe;
    row->anonymous = asked->anonymous;
    row->caller = decision->command->caller;
    if (!row->caller && contact)
        row->caller = contact->caller;
    row->started_ms = contact ? contact->arrived_ms : decision->at_ms;
}

enum refusal decide_incident_register(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct incident_register *asked = &decision->command->incident_register;
    const struct contact *contact;
    enum refusal refusal = find_contact(decision, asked->contact, &contact);
    if (refusal)
        return refusal;
    const struct line *line = asked->line ? core_line(core, asked->line)
                              : contact   ? contact->line
                                          : NULL;
    const struct category *category = core_category(core, asked->category);
    if (!line || line->row.retired)
        return REFUSAL_NO_SUCH_LINE;
    if (!category || category->row.retired)
        return REFUSAL_NO_SUCH_CATEGORY;
    if (pool_room(&core->incidents) == 0 && !list_first(&core->closed_incidents))
        return REFUSAL_LIMIT;

    struct event *event = decision_event(decision, EVENT_INCIDENT_REGISTERED);
    event->incident = decision_id(decision);
    event->contact = contact ? contact->id : 0;
    event->line = line->row.line;
    event->taker = decision->user ? decision->user->row.user : 0;
    fill_registration(decision, contact, line, category, &event->incident_registered);
    decision->verdict->incident = event->incident;
    decision->verdict->number = event->incident_registered.number;
    struct incident incident = registered(event);
    if (contact)
        attach(decision, contact, incident.id, true);
    start(decision, &incident, 1, CLOCK_KIND_DISPATCH);
    if (!incident.emergency && citizen_may_be_texted(&incident))
        citizen_text_order(decision, TEMPLATE_RECEIVED, &incident, 0);
    return REFUSAL_NONE;
}

/* The incident, and that the step is permitted now. */
static enum refusal find_for(struct decision *decision, uint64_t id, enum incident_step step,
                             const struct incident **incident)
{
    *incident = core_incident(decision->core, id);
    if (!*incident)
        return REFUSAL_NO_SUCH_INCIDENT;
    decision->verdict->incident = id;
    decision->verdict->number = (*incident)->number;
    if (step && incident_next((*incident)->state, step) == INCIDENT_STATE_NONE)
        return REFUSAL_WRONG_STATE;
    return REFUSAL_NONE;
}

enum refusal decide_incident_attach(struct decision *decision)
{
    const struct incident_attach *asked = &decision->command->incident_attach;
    const struct incident *incident;
    const struct contact *contact;
    enum refusal refusal = find_for(decision, asked->incident, INCIDENT_STEP_NONE, &incident);
    if (!refusal)
        refusal = find_contact(decision, asked->contact, &contact);
    if (refusal)
        return refusal;
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    if (contact->incident == incident->id)
        return REFUSAL_ALREADY;
    decision->verdict->contact = contact->id;
    attach(decision, contact, incident->id, false);
    return REFUSAL_NONE;
}

/* Exactly one lead, no department twice, every one known. */
static enum refusal check_departments(const struct core *core, const struct incident *incident,
                                      const struct incident_dispatch *asked, uint32_t lead)
{
    if (lead == 0)
        return REFUSAL_LEAD_MISSING;
    const struct department *department = core_department(core, lead);
    if (!department || department->row.retired)
        return REFUSAL_NO_SUCH_DEPARTMENT;
    for (uint32_t i = 0; i < asked->assists_count; i++) {
        department = core_department(core, asked->assists[i]);
        if (!department || department->row.retired)
            return REFUSAL_NO_SUCH_DEPARTMENT;
        if (asked->assists[i] == lead)
            return REFUSAL_LEAD_ASSISTS;
        for (uint32_t j = 0; j < i; j++)
            if (asked->assists[j] == asked->assists[i])
                return REFUSAL_MALFORMED;
        if (task_open_of(incident, asked->assists[i]))
            return REFUSAL_ALREADY;
    }
    return REFUSAL_NONE;
}

/* While departments work on it, more may be called to assist; the lead stays. */
static enum refusal add_assists(struct decision *decision, const struct incident *incident)
{
    const struct incident_dispatch *asked = &decision->command->incident_dispatch;
    const struct task *lead = task_lead(incident);
    REQUIRE(lead);
    if ((asked->lead && asked->lead != lead->department) || asked->assists_count == 0)
        return REFUSAL_WRONG_STATE;
    enum refusal refusal = check_departments(decision->core, incident, asked, lead->department);
    if (refusal)
        return refusal;
    if (pool_room(&decision->core->tasks) < asked->assists_count ||
        task_count(incident) + asked->assists_count > TASKS_PER_INCIDENT_MAX)
        return REFUSAL_LIMIT;
    for (uint32_t i = 0; i < asked->assists_count; i++)
        task_open(decision, incident, asked->assists[i], TASK_KIND_ASSIST);
    return REFUSAL_NONE;
}

enum refusal decide_incident_dispatch(struct decision *decision)
{
    const struct incident_dispatch *asked = &decision->command->incident_dispatch;
    const struct incident *incident;
    enum refusal refusal = find_for(decision, asked->incident, INCIDENT_STEP_NONE, &incident);
    if (refusal)
        return refusal;
    enum incident_state from = incident->state;
    if (from == INCIDENT_STATE_DISPATCHED || from == INCIDENT_STATE_HANDLING)
        return add_assists(decision, incident);
    enum incident_step step =
        from == INCIDENT_STATE_REDO ? INCIDENT_STEP_REDISPATCH : INCIDENT_STEP_DISPATCH;
    if (incident_next(from, step) == INCIDENT_STATE_NONE)
        return REFUSAL_WRONG_STATE;
    refusal = check_departments(decision->core, incident, asked, asked->lead);
    if (refusal)
        return refusal;
    if (pool_room(&decision->core->tasks) < asked->assists_count + 1)
        return REFUSAL_LIMIT;
    incident_step(decision, incident, from, step);
    decision->verdict->task = task_open(decision, incident, asked->lead, TASK_KIND_LEAD);
    for (uint32_t i = 0; i < asked->assists_count; i++)
        task_open(decision, incident, asked->assists[i], TASK_KIND_ASSIST);
    return REFUSAL_NONE;
}

enum refusal decide_incident_answer_directly(struct decision *decision)
{
    const struct incident *incident;
    enum refusal refusal = find_for(decision, decision->command->incident_answer_directly.incident,
                                    INCIDENT_STEP_ANSWER_DIRECTLY, &incident);
    if (refusal)
        return refusal;
    struct event *event = incident_event(decision, EVENT_CITIZEN_TOLD, incident);
    event->citizen_told.means = TELL_MEANS_PHONE;
    incident_step(decision, incident, incident->state, INCIDENT_STEP_ANSWER_DIRECTLY);
    return REFUSAL_NONE;
}

enum refusal decide_incident_void(struct decision *decision)
{
    const struct incident_void *asked = &decision->command->incident_void;
    const struct incident *incident;
    enum refusal refusal = find_for(decision, asked->incident, INCIDENT_STEP_VOID, &incident);
    if (refusal)
        return refusal;
    if (asked->reason == VOID_REASON_NONE)
        return REFUSAL_REASON_MISSING;
    /* A silent call to 110 may be somebody who cannot speak: a second person looks. */
    if (incident->emergency && !decision_forces(decision))
        return REFUSAL_NOT_ALLOWED;
    incident_step(decision, incident, incident->state, INCIDENT_STEP_VOID);
    decision->verdict->events[decision->verdict->count - 1].incident_moved.reason = asked->reason;
    return REFUSAL_NONE;
}

enum refusal decide_incident_tell(struct decision *decision)
{
    const struct incident_tell *asked = &decision->command->incident_tell;
    const struct incident *incident;
    enum refusal refusal = find_for(decision, asked->incident, INCIDENT_STEP_TELL, &incident);
    if (refusal)
        return refusal;
    switch (asked->means) {
    case TELL_MEANS_NONE:
    case TELL_MEANS_COUNT:
        return REFUSAL_MALFORMED;
    case TELL_MEANS_SMS: /* once more by text; told when the message centre took it */
        if (!citizen_may_be_texted(incident))
            return REFUSAL_NOT_ALLOWED;
        citizen_text_order(decision, TEMPLATE_RESULT, incident, 0);
        return REFUSAL_NONE;
    case TELL_MEANS_PHONE:
        told(decision, incident, TELL_MEANS_PHONE, EXCUSE_REASON_NONE, 0);
        return REFUSAL_NONE;
    case TELL_MEANS_EXCUSED:
        if (asked->excuse == EXCUSE_REASON_NONE)
            return REFUSAL_REASON_MISSING;
        told(decision, incident, TELL_MEANS_EXCUSED, asked->excuse, 0);
        return REFUSAL_NONE;
    }
    return REFUSAL_MALFORMED;
}

enum refusal decide_incident_reopen(struct decision *decision)
{
    const struct incident *incident;
    enum refusal refusal = find_for(decision, decision->command->incident_reopen.incident,
                                    INCIDENT_STEP_REOPEN, &incident);
    if (refusal)
        return refusal;
    uint64_t window_ms = decision->core->parameters[PARAMETER_REOPEN_WINDOW_MS];
    if (decision->at_ms > incident->closed_ms + window_ms)
        return REFUSAL_WRONG_STATE;
    enum incident_state to =
        incident_step(decision, incident, incident->state, INCIDENT_STEP_REOPEN);
    if (to == INCIDENT_STATE_REDO)
        incident_next_round(decision, incident);
    else
        start(decision, incident, incident->round, CLOCK_KIND_DISPATCH);
    return REFUSAL_NONE;
}

enum refusal decide_incident_note(struct decision *decision)
{
    const struct incident *incident;
    enum refusal refusal = find_for(decision, decision->command->incident_note.incident,
                                    INCIDENT_STEP_NONE, &incident);
    if (refusal)
        return refusal;
    const struct user *user = decision->user;
    if (user && !decision_may(decision, ROLE_TAKER) && !decision_may(decision, ROLE_SUPERVISOR) &&
        !task_of(incident, user->row.department))
        return REFUSAL_NOT_YOURS;
    incident_event(decision, EVENT_INCIDENT_NOTED, incident);
    return REFUSAL_NONE;
}
