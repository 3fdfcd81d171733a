/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/offshoot.h"

#include "base/require.h"
#include "dispatcher/core/citizen_text.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/contact.h"
#include "dispatcher/core/guide.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/registration.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/telling.h"
#include "dispatcher/core/tie.h"

/* What is to grow, as far as it is not inherited. */
struct shoot {
    const struct incident *from;
    const struct contact *contact; /* NULL: none moves */
    const struct line *line;
    const struct category *category;
    enum priority priority; /* NONE: the category's */
    enum relation relation;
};

static enum refusal find_parts(const struct decision *decision, uint32_t line, uint32_t category,
                               struct shoot *shoot)
{
    const struct core *core = decision->core;
    shoot->line = core_line(core, line);
    shoot->category = core_category(core, category);
    if (!shoot->line || shoot->line->row.retired)
        return REFUSAL_NO_SUCH_LINE;
    if (!shoot->category || shoot->category->row.retired)
        return REFUSAL_NO_SUCH_CATEGORY;
    if (!registration_has_room(core) || pool_room(&core->ties) == 0)
        return REFUSAL_LIMIT;
    return REFUSAL_NONE;
}

static void inherit(const struct decision *decision, const struct shoot *shoot,
                    struct incident_registered *row)
{
    const struct incident *from = shoot->from;
    const struct category_row *category = &shoot->category->row;
    row->number = registration_number(decision);
    row->category = category->category;
    row->priority = shoot->priority ? shoot->priority : category->priority;
    if (row->priority == PRIORITY_NONE)
        row->priority = from->priority;
    row->emergency = shoot->line->row.emergency;
    row->district = from->district;
    row->secrecy = from->secrecy;
    row->text_unsafe = from->text_unsafe;
    guide_fill(shoot->contact, shoot->priority == PRIORITY_NONE, row);
    row->sla = registration_class(category, row->priority, row->emergency);
    row->anonymous = from->anonymous;
    row->caller = shoot->contact ? shoot->contact->caller : from->caller;
    row->started_ms = shoot->contact ? shoot->contact->arrived_ms : decision->at_ms;
    row->east_cell = from->cell.east;
    row->north_cell = from->cell.north;
    row->origin = from->id;
}

static uint64_t grow(struct decision *decision, const struct shoot *shoot)
{
    struct event *event = decision_event(decision, EVENT_INCIDENT_REGISTERED);
    event->incident = decision_id(decision);
    event->contact = shoot->contact ? shoot->contact->id : 0;
    event->line = shoot->line->row.line;
    event->taker = decision->user ? decision->user->row.user : 0;
    inherit(decision, shoot, &event->incident_registered);
    decision->verdict->incident = event->incident;
    decision->verdict->number = event->incident_registered.number;
    struct incident incident = registration_seen(event);
    tie_say(decision, &incident, shoot->from->id, shoot->relation);
    registration_pass_danger(decision, shoot->from, &incident);
    if (shoot->contact) {
        struct event *moved = contact_event(decision, EVENT_CONTACT_ATTACHED, shoot->contact);
        moved->incident = incident.id;
        moved->contact_attached.first = true;
        moved->contact_attached.left = shoot->from->id;
    }
    incident_clock(decision, &incident, 1, CLOCK_KIND_DISPATCH);
    if (!incident.emergency)
        citizen_text_order(decision, TEMPLATE_RECEIVED, &incident, 0);
    return incident.id;
}

enum refusal decide_incident_split(struct decision *decision)
{
    const struct incident_split *asked = &decision->command->incident_split;
    struct shoot shoot = { .relation = RELATION_SPLIT_FROM };
    enum refusal refusal =
        incident_find(decision, asked->incident, INCIDENT_STEP_NONE, &shoot.from);
    if (refusal)
        return refusal;
    shoot.contact = core_contact(decision->core, asked->contact);
    if (!shoot.contact)
        return REFUSAL_NO_SUCH_CONTACT;
    if (shoot.contact->incident != asked->incident)
        return REFUSAL_NOT_ATTACHED;
    refusal = find_parts(decision, shoot.from->line,
                         asked->category ? asked->category : shoot.from->category, &shoot);
    if (refusal)
        return refusal;
    decision->verdict->contact = asked->contact;
    (void)grow(decision, &shoot);
    return REFUSAL_NONE;
}

/* The incident on the one side, still open, and a line of the other side. */
static enum refusal find_crossing(struct decision *decision, uint64_t incident, uint32_t line,
                                  uint32_t category, struct shoot *shoot)
{
    enum refusal refusal = incident_find(decision, incident, INCIDENT_STEP_NONE, &shoot->from);
    if (!refusal && incident_is_closed(shoot->from->state))
        refusal = REFUSAL_WRONG_STATE;
    if (!refusal)
        refusal = find_parts(decision, line, category, shoot);
    if (!refusal && shoot->line->row.emergency == shoot->from->emergency)
        refusal = REFUSAL_UNLIKE;
    return refusal;
}

/* The centre of any, a department of what it was sent. */
static bool is_asked(const struct decision *decision, const struct incident *incident)
{
    const struct user *user = decision->user;
    return !user || decision_may(decision, ROLE_TAKER) || decision_may(decision, ROLE_REVIEWER) ||
           decision_forces(decision) || task_of(incident, user->row.department);
}

enum refusal decide_incident_upgrade(struct decision *decision)
{
    const struct incident_upgrade *asked = &decision->command->incident_upgrade;
    struct shoot shoot = { .relation = RELATION_UPGRADED_FROM, .priority = asked->priority };
    enum refusal refusal =
        find_crossing(decision, asked->incident, asked->line, asked->category, &shoot);
    if (refusal)
        return refusal;
    if (shoot.from->emergency)
        return REFUSAL_UNLIKE;
    if (!is_asked(decision, shoot.from))
        return REFUSAL_NOT_YOURS;
    (void)grow(decision, &shoot);
    return REFUSAL_NONE;
}

/* The citizen hears of it from the work order, once: the emergency itself has nothing more to tell. */
enum refusal decide_incident_downgrade(struct decision *decision)
{
    const struct incident_downgrade *asked = &decision->command->incident_downgrade;
    struct shoot shoot = { .relation = RELATION_DOWNGRADED_FROM };
    enum refusal refusal =
        find_crossing(decision, asked->incident, asked->line, asked->category, &shoot);
    if (refusal)
        return refusal;
    if (!shoot.from->emergency)
        return REFUSAL_UNLIKE;
    if (shoot.from->handed_on)
        return REFUSAL_ALREADY;
    uint64_t to = grow(decision, &shoot);
    incident_event(decision, EVENT_INCIDENT_HANDED_ON, shoot.from)->incident_handed_on.to = to;
    if (shoot.from->state == INCIDENT_STATE_REPLIED)
        telling_told(decision, shoot.from, TELL_MEANS_EXCUSED, EXCUSE_REASON_FOLLOWED_UP, 0);
    return REFUSAL_NONE;
}

void apply_incident_handed_on(struct core *core, const struct event *event)
{
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident && incident->emergency && !incident->handed_on);
    incident->handed_on = event->incident_handed_on.to;
}
