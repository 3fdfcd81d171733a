/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/registration.h"

#include "base/require.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/cluster.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/draft.h"
#include "dispatcher/core/guide.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/merge.h"

#define ORDER_NUMBERS_A_DAY 1000000ULL /* yyyymmdd, then six digits */

uint64_t registration_number(const struct decision *decision)
{
    const struct core *core = decision->core;
    uint64_t day = calendar_date(core, decision->at_ms);
    if (day <= core->number_day) /* numbers never repeat, even when the city moves its clock */
        return core->number_day * ORDER_NUMBERS_A_DAY + core->number_count + 1;
    return day * ORDER_NUMBERS_A_DAY + 1;
}

enum sla_class emergency_class(enum priority priority)
{
    static const enum sla_class by_priority[PRIORITY_COUNT] = {
        [PRIORITY_P0] = SLA_CLASS_E0, [PRIORITY_P1] = SLA_CLASS_E1, [PRIORITY_P2] = SLA_CLASS_E2,
        [PRIORITY_P3] = SLA_CLASS_E3, [PRIORITY_P4] = SLA_CLASS_E3,
    };
    return by_priority[priority];
}

enum sla_class registration_class(const struct category_row *category, enum priority priority,
                                  bool emergency)
{
    if (emergency)
        return emergency_class(priority);
    return category->sla ? category->sla : SLA_CLASS_G;
}

enum refusal registration_contact(const struct decision *decision, uint64_t id,
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

void registration_attach(struct decision *decision, const struct contact *contact,
                         const struct incident *incident, bool first)
{
    const struct incident *parent = merge_parent(decision->core, incident);
    struct event *event = contact_event(decision, EVENT_CONTACT_ATTACHED, contact);
    event->incident = incident->id;
    event->contact_attached.first = first;
    event->contact_attached.parent = parent ? parent->id : 0;
}

struct incident registration_seen(const struct event *event)
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
                              .anonymous = row->anonymous,
                              .cell = { row->east_cell, row->north_cell } };
}

static void fill_registration(const struct decision *decision, const struct contact *contact,
                              const struct line *line, const struct category *category,
                              struct incident_registered *row)
{
    const struct incident_register *asked = &decision->command->incident_register;
    row->number = registration_number(decision);
    row->category = asked->category;
    row->priority = asked->priority ? asked->priority : category->row.priority;
    if (row->priority == PRIORITY_NONE)
        row->priority = PRIORITY_P3;
    row->district = asked->district;
    row->secrecy = asked->secrecy ? asked->secrecy : SECRECY_OPEN;
    row->emergency = line->row.emergency;
    row->text_unsafe = asked->text_unsafe;
    guide_fill(contact, asked->priority == PRIORITY_NONE, row);
    row->sla = registration_class(&category->row, row->priority, row->emergency);
    row->anonymous = asked->anonymous;
    row->caller = decision->command->caller;
    if (!row->caller && contact)
        row->caller = contact->caller;
    row->started_ms = contact ? contact->arrived_ms : decision->at_ms;
    struct cell cell = { asked->east_cell, asked->north_cell };
    if (!cell_is_known(cell) && contact)
        cell = contact->cell;
    row->east_cell = cell.east;
    row->north_cell = cell.north;
}

bool registration_has_room(const struct core *core)
{
    return pool_room(&core->incidents) > 0 || list_first(&core->closed_incidents);
}

static enum refusal complete(struct decision *decision)
{
    const struct incident *draft;
    enum refusal refusal = incident_find(decision, decision->command->incident_register.draft,
                                         INCIDENT_STEP_COMPLETE, &draft);
    if (!refusal && decision->user && decision->user->row.user != draft->taker &&
        !decision_forces(decision))
        refusal = REFUSAL_NOT_YOURS;
    return refusal ? refusal : draft_complete(decision, draft);
}

enum refusal decide_incident_register(struct decision *decision)
{
    const struct core *core = decision->core;
    const struct incident_register *asked = &decision->command->incident_register;
    const struct contact *contact;
    if (asked->draft)
        return complete(decision);
    enum refusal refusal = registration_contact(decision, asked->contact, &contact);
    if (refusal)
        return refusal;
    const struct line *line = asked->line ? core_line(core, asked->line)
                              : contact   ? contact->line
                                          : NULL;
    const struct category *category = core_category(core, asked->category);
    if (!cell_is_sound((struct cell){ asked->east_cell, asked->north_cell }))
        return REFUSAL_MALFORMED;
    if (!line || line->row.retired)
        return REFUSAL_NO_SUCH_LINE;
    if (!category || category->row.retired)
        return REFUSAL_NO_SUCH_CATEGORY;
    if (!registration_has_room(core))
        return REFUSAL_LIMIT;

    struct event *event = decision_event(decision, EVENT_INCIDENT_REGISTERED);
    event->incident = decision_id(decision);
    event->contact = contact ? contact->id : 0;
    event->line = line->row.line;
    event->taker = decision->user ? decision->user->row.user : 0;
    fill_registration(decision, contact, line, category, &event->incident_registered);
    decision->verdict->incident = event->incident;
    decision->verdict->number = event->incident_registered.number;
    struct incident incident = registration_seen(event);
    if (contact)
        registration_attach(decision, contact, &incident, true);
    cluster_sight(decision, contact, &incident);
    guide_registered(decision, contact, &incident);
    incident_clock(decision, &incident, 1, CLOCK_KIND_DISPATCH);
    if (!incident.emergency)
        citizen_text_order(decision, TEMPLATE_RECEIVED, &incident, 0);
    return REFUSAL_NONE;
}

void registration_pass_danger(struct decision *decision, const struct incident *from,
                              const struct incident *incident)
{
    if (from->risks) {
        struct event *event = incident_event(decision, EVENT_INCIDENT_RAISED, incident);
        event->incident_raised.priority = incident->priority;
        event->incident_raised.sla = incident->sla;
        event->incident_raised.secrecy = incident->secrecy;
        event->incident_raised.risks = from->risks;
        event->incident_raised.because = from->id;
    }
    if (from->plan_flags)
        incident_event(decision, EVENT_INCIDENT_FLAGGED, incident)->incident_flagged.flags =
            from->plan_flags;
}

void registration_push(struct decision *decision, const struct incident *from, uint32_t line)
{
    const struct line *other = core_line(decision->core, line);
    const struct category *category = core_category(decision->core, from->category);
    REQUIRE(other && category);
    struct event *event = decision_event(decision, EVENT_INCIDENT_REGISTERED);
    struct incident_registered *row = &event->incident_registered;
    event->incident = decision_id(decision);
    event->line = line;
    event->taker = decision->user ? decision->user->row.user : 0;
    row->number = registration_number(decision);
    row->category = from->category;
    row->priority = from->priority ? from->priority : PRIORITY_P3;
    row->sla = registration_class(&category->row, row->priority, other->row.emergency);
    row->district = from->district;
    row->secrecy = from->secrecy;
    row->emergency = other->row.emergency;
    row->text_unsafe = from->text_unsafe;
    row->anonymous = from->anonymous;
    row->caller = from->caller;
    row->started_ms = from->started_ms;
    row->east_cell = from->cell.east;
    row->north_cell = from->cell.north;
    row->origin = from->id;
    decision->verdict->incident = event->incident;
    decision->verdict->number = row->number;
    struct incident incident = registration_seen(event);
    registration_pass_danger(decision, from, &incident);
    incident_clock(decision, &incident, 1, CLOCK_KIND_DISPATCH);
}

enum refusal decide_incident_attach(struct decision *decision)
{
    const struct incident_attach *asked = &decision->command->incident_attach;
    const struct incident *incident;
    const struct contact *contact;
    enum refusal refusal = incident_find(decision, asked->incident, INCIDENT_STEP_NONE, &incident);
    if (!refusal)
        refusal = registration_contact(decision, asked->contact, &contact);
    if (refusal)
        return refusal;
    if (!contact)
        return REFUSAL_NO_SUCH_CONTACT;
    uint64_t caller = decision->command->caller ? decision->command->caller : contact->caller;
    const struct incident *own = merge_own(decision->core, incident, caller);
    if (contact->incident == own->id)
        return REFUSAL_ALREADY;
    decision->verdict->contact = contact->id;
    decision->verdict->incident = own->id;
    decision->verdict->number = own->number;
    if (own != incident || !merge_join(decision, contact, incident, caller))
        registration_attach(decision, contact, own, false);
    cluster_sight(decision, contact, incident);
    struct guidance guidance = contact_guidance(contact);
    if (!incident_is_closed(incident->state))
        incident_raise(decision, incident, &guidance, contact->id);
    return REFUSAL_NONE;
}
