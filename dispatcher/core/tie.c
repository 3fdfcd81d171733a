/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/tie.h"

#include "base/require.h"
#include "dispatcher/core/incident.h"

static const struct tie *find(const struct incident *incident, uint64_t other,
                              enum relation relation)
{
    for (const struct tie *tie = incident->ties; tie; tie = tie->next)
        if (tie->other == other && tie->relation == relation)
            return tie;
    return NULL;
}

static uint32_t count(const struct incident *incident)
{
    uint32_t ties = 0;
    for (const struct tie *tie = incident->ties; tie; tie = tie->next)
        ties++;
    return ties;
}

/* The others are made by the commands that make them true. */
static bool may_be_said(enum relation relation)
{
    return relation == RELATION_CAUSED_BY || relation == RELATION_SAME_SCENE ||
           relation == RELATION_FOLLOW_UP || relation == RELATION_REPEAT;
}

void tie_say(struct decision *decision, const struct incident *incident, uint64_t other,
             enum relation relation)
{
    struct event *event = incident_event(decision, EVENT_INCIDENT_LINKED, incident);
    event->incident_linked.other = other;
    event->incident_linked.relation = relation;
}

enum refusal decide_incident_link(struct decision *decision)
{
    const struct incident_link *asked = &decision->command->incident_link;
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, asked->incident, INCIDENT_STEP_NONE, &incident);
    if (refusal)
        return refusal;
    if (!core_incident(decision->core, asked->other))
        return REFUSAL_NO_SUCH_INCIDENT;
    if (asked->incident == asked->other)
        return REFUSAL_SAME_INCIDENT;
    if (!may_be_said(asked->relation))
        return REFUSAL_MALFORMED;
    if (find(incident, asked->other, asked->relation))
        return REFUSAL_ALREADY;
    if (count(incident) >= TIES_PER_INCIDENT_MAX || pool_room(&decision->core->ties) == 0)
        return REFUSAL_LIMIT;
    tie_say(decision, incident, asked->other, asked->relation);
    return REFUSAL_NONE;
}

enum refusal decide_incident_unlink(struct decision *decision)
{
    const struct incident_unlink *asked = &decision->command->incident_unlink;
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, asked->incident, INCIDENT_STEP_NONE, &incident);
    if (refusal)
        return refusal;
    if (!may_be_said(asked->relation) || !find(incident, asked->other, asked->relation))
        return REFUSAL_NOT_LINKED;
    struct event *event = incident_event(decision, EVENT_INCIDENT_UNLINKED, incident);
    event->incident_unlinked.other = asked->other;
    event->incident_unlinked.relation = asked->relation;
    return REFUSAL_NONE;
}

void apply_incident_linked(struct core *core, const struct event *event)
{
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident);
    struct tie *tie = pool_take(&core->ties);
    tie->other = event->incident_linked.other;
    tie->relation = event->incident_linked.relation;
    tie->next = incident->ties;
    incident->ties = tie;
}

void apply_incident_unlinked(struct core *core, const struct event *event)
{
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident);
    for (struct tie **at = &incident->ties; *at; at = &(*at)->next) {
        struct tie *tie = *at;
        if (tie->other != event->incident_unlinked.other ||
            tie->relation != event->incident_unlinked.relation)
            continue;
        *at = tie->next;
        pool_give(&core->ties, tie);
        return;
    }
    REQUIRE(!"a tie that is there");
}

void ties_forget(struct core *core, struct incident *incident)
{
    while (incident->ties) {
        struct tie *tie = incident->ties;
        incident->ties = tie->next;
        pool_give(&core->ties, tie);
    }
}
