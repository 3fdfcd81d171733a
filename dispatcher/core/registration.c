/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/registration.h"

#include "dispatcher/core/calendar.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/cluster.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/guide.h"
#include "dispatcher/core/incident.h"

#define ORDER_NUMBERS_A_DAY 1000000ULL /* yyyymmdd, then six digits */

static uint64_t next_number(const struct decision *decision)
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

static enum sla_class class_of(const struct category_row *category, enum priority priority,
                               bool emergency)
{
    if (emergency)
        return emergency_class(priority);
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
                              .anonymous = row->anonymous,
                              .cell = { row->east_cell, row->north_cell } };
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
    row->district = asked->district;
    row->secrecy = asked->secrecy ? asked->secrecy : SECRECY_OPEN;
    row->emergency = line->row.emergency;
    row->text_unsafe = asked->text_unsafe;
    guide_fill(contact, asked->priority == PRIORITY_NONE, row);
    row->sla = class_of(&category->row, row->priority, row->emergency);
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
    if (!cell_is_sound((struct cell){ asked->east_cell, asked->north_cell }))
        return REFUSAL_MALFORMED;
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
    cluster_sight(decision, contact, &incident);
    guide_registered(decision, contact, &incident);
    incident_clock(decision, &incident, 1, CLOCK_KIND_DISPATCH);
    if (!incident.emergency && citizen_may_be_texted(&incident))
        citizen_text_order(decision, TEMPLATE_RECEIVED, &incident, 0);
    return REFUSAL_NONE;
}

enum refusal decide_incident_attach(struct decision *decision)
{
    const struct incident_attach *asked = &decision->command->incident_attach;
    const struct incident *incident;
    const struct contact *contact;
    enum refusal refusal = incident_find(decision, asked->incident, INCIDENT_STEP_NONE, &incident);
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
    cluster_sight(decision, contact, incident);
    struct guidance guidance = contact_guidance(contact);
    if (!incident_is_closed(incident->state))
        incident_raise(decision, incident, &guidance, contact->id);
    return REFUSAL_NONE;
}
