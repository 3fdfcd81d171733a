/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/draft.h"

#include "base/require.h"
#include "dispatcher/core/ball.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/registration.h"

static enum refusal check_facts(const struct core *core, const struct incident_draft *asked)
{
    const struct category *category = core_category(core, asked->category);
    if (asked->category && (!category || category->row.retired))
        return REFUSAL_NO_SUCH_CATEGORY;
    return REFUSAL_NONE;
}

static void fill(const struct incident_draft *asked, struct incident_drafted *row)
{
    row->category = asked->category ? asked->category : row->category;
    row->priority = asked->priority ? asked->priority : row->priority;
    row->district = asked->district ? asked->district : row->district;
    row->secrecy = asked->secrecy ? asked->secrecy : row->secrecy;
    row->text_unsafe |= asked->text_unsafe;
    row->anonymous |= asked->anonymous;
}

static enum refusal find_own(struct decision *decision, uint64_t id, const struct incident **draft)
{
    enum refusal refusal = incident_find(decision, id, INCIDENT_STEP_COMPLETE, draft);
    if (!refusal && decision->user && decision->user->row.user != (*draft)->taker &&
        !decision_forces(decision))
        return REFUSAL_NOT_YOURS;
    return refusal;
}

static enum refusal save_again(struct decision *decision)
{
    const struct incident_draft *asked = &decision->command->incident_draft;
    const struct incident *draft;
    enum refusal refusal = find_own(decision, asked->draft, &draft);
    if (!refusal)
        refusal = check_facts(decision->core, asked);
    if (refusal)
        return refusal;
    struct event *event = incident_event(decision, EVENT_INCIDENT_DRAFTED, draft);
    struct incident_drafted *row = &event->incident_drafted;
    event->taker = draft->taker;
    *row = (struct incident_drafted){ .number = draft->number,
                                      .category = draft->category,
                                      .priority = draft->priority,
                                      .district = draft->district,
                                      .secrecy = draft->secrecy,
                                      .emergency = draft->emergency,
                                      .text_unsafe = draft->text_unsafe,
                                      .anonymous = draft->anonymous,
                                      .caller = draft->caller,
                                      .started_ms = draft->started_ms,
                                      .again = true };
    if (decision->command->caller)
        row->caller = decision->command->caller;
    fill(asked, row);
    return REFUSAL_NONE;
}

enum refusal decide_incident_draft(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct incident_draft *asked = &decision->command->incident_draft;
    if (asked->draft)
        return save_again(decision);
    const struct contact *contact;
    enum refusal refusal = registration_contact(decision, asked->contact, &contact);
    if (!refusal)
        refusal = check_facts(core, asked);
    if (refusal)
        return refusal;
    const struct line *line = asked->line ? core_line(core, asked->line)
                              : contact   ? contact->line
                                          : NULL;
    if (!line || line->row.retired)
        return REFUSAL_NO_SUCH_LINE;
    if (!registration_has_room(core))
        return REFUSAL_LIMIT;
    struct event *event = decision_event(decision, EVENT_INCIDENT_DRAFTED);
    struct incident_drafted *row = &event->incident_drafted;
    event->incident = decision->verdict->incident = decision_id(decision);
    event->contact = contact ? contact->id : 0;
    event->line = line->row.line;
    event->taker = decision->user ? decision->user->row.user : 0;
    row->number = decision->verdict->number = registration_number(decision);
    row->secrecy = SECRECY_OPEN;
    row->emergency = line->row.emergency;
    row->caller = decision->command->caller;
    if (!row->caller && contact)
        row->caller = contact->caller;
    row->started_ms = contact ? contact->arrived_ms : decision->at_ms;
    fill(asked, row);
    struct incident incident = { .id = event->incident, .line = event->line, .round = 1 };
    if (contact)
        registration_attach(decision, contact, &incident, true);
    incident_clock(decision, &incident, 1, CLOCK_KIND_DRAFT);
    return REFUSAL_NONE;
}

/* As an order with a class, and with what the command adds (NULL: nothing). Returns it as it is then. */
static struct incident enter(struct decision *decision, const struct incident *draft,
                             const struct category *category, const struct incident_register *asked)
{
    static const struct incident_register nothing;
    const struct incident_register *more = asked ? asked : &nothing;
    struct event *event = incident_event(decision, EVENT_INCIDENT_REGISTERED, draft);
    struct incident_registered *row = &event->incident_registered;
    event->taker = draft->taker;
    row->number = draft->number;
    row->category = category->row.category;
    row->priority = more->priority ? more->priority : draft->priority;
    if (row->priority == PRIORITY_NONE)
        row->priority = category->row.priority ? category->row.priority : PRIORITY_P3;
    row->sla = registration_class(&category->row, row->priority, draft->emergency);
    row->district = more->district ? more->district : draft->district;
    row->secrecy = more->secrecy ? more->secrecy : draft->secrecy;
    row->emergency = draft->emergency;
    row->text_unsafe = more->text_unsafe || draft->text_unsafe;
    row->anonymous = more->anonymous || draft->anonymous;
    row->caller = asked && decision->command->caller ? decision->command->caller : draft->caller;
    row->started_ms = draft->started_ms;
    row->east_cell = more->east_cell ? more->east_cell : draft->cell.east;
    row->north_cell = more->east_cell ? more->north_cell : draft->cell.north;
    struct incident incident = registration_seen(event);
    incident.round = draft->round; /* a reviewer may give back a later one, too */
    return incident;
}

enum refusal draft_complete(struct decision *decision, const struct incident *draft)
{
    const struct incident_register *asked = &decision->command->incident_register;
    uint32_t number = asked->category ? asked->category : draft->category;
    const struct category *category = core_category(decision->core, number);
    if (number == 0)
        return REFUSAL_INCOMPLETE;
    if (!category || category->row.retired)
        return REFUSAL_NO_SUCH_CATEGORY;
    struct incident incident = enter(decision, draft, category, asked);
    incident_step(decision, &incident, draft->state, INCIDENT_STEP_COMPLETE);
    incident_clock(decision, &incident, incident.round, CLOCK_KIND_DISPATCH);
    bool first = draft->sla == SLA_CLASS_NONE; /* not one that a reviewer gave back */
    if (first && !incident.emergency)
        citizen_text_order(decision, TEMPLATE_RECEIVED, &incident, 0);
    return REFUSAL_NONE;
}

void draft_goes_on(struct decision *decision, const struct incident *incident,
                   enum incident_step step)
{
    const struct category *category = core_category(decision->core, incident->category);
    if (incident->sla != SLA_CLASS_NONE || !category) {
        incident_step(decision, incident, incident->state, step);
        incident_clock(decision, incident, incident->round, CLOCK_KIND_DISPATCH);
        return;
    }
    struct incident order = enter(decision, incident, category, NULL);
    incident_step(decision, &order, incident->state, step);
    incident_clock(decision, &order, order.round, CLOCK_KIND_DISPATCH);
    if (!order.emergency)
        citizen_text_order(decision, TEMPLATE_RECEIVED, &order, 0);
}

void apply_incident_drafted(struct core *core, const struct event *event)
{
    const struct incident_drafted *row = &event->incident_drafted;
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(row->again == (incident != NULL));
    if (!incident) {
        incident = incident_enter(core, event->incident, row->number);
        incident->line = event->line;
        incident->taker = event->taker;
        incident->emergency = row->emergency;
        incident->started_ms = row->started_ms;
        incident->state = incident_next(row->emergency, INCIDENT_STATE_NONE, INCIDENT_STEP_DRAFT);
        core->incidents_in[incident->state]++;
        ball_begin(incident);
    }
    REQUIRE(incident->state == INCIDENT_STATE_DRAFT);
    incident->caller = row->caller;
    incident->category = row->category;
    incident->district = row->district;
    incident->priority = row->priority;
    incident->secrecy = row->secrecy;
    incident->text_unsafe = row->text_unsafe;
    incident->anonymous = row->anonymous;
}
