/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/overlay.h"

#include "base/require.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/ladder.h"
#include "dispatcher/core/plan.h"
#include "dispatcher/core/registration.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/work.h"

enum {
    SUPERVISE_LEVEL_MAX = 3
};

bool overlay_protects(const struct incident *incident)
{
    return incident->priority == PRIORITY_P0 || incident->priority == PRIORITY_P1 ||
           incident->text_unsafe || incident->secrecy >= SECRECY_IDENTITY_HIDDEN;
}

void overlay_secrecy(struct decision *decision, const struct incident *incident,
                     enum secrecy secrecy, uint64_t petition)
{
    struct event *event = incident_event(decision, EVENT_SECRECY_CHANGED, incident);
    event->secrecy_changed.from = incident->secrecy;
    event->secrecy_changed.to = secrecy;
    event->secrecy_changed.petition = petition;
}

void overlay_priority(struct decision *decision, const struct incident *incident,
                      enum priority priority, uint64_t petition)
{
    struct event *event = incident_event(decision, EVENT_PRIORITY_CHANGED, incident);
    const struct category *category = core_category(decision->core, incident->category);
    event->priority_changed.from = incident->priority;
    event->priority_changed.to = priority;
    event->priority_changed.petition = petition;
    event->priority_changed.sla =
        category && incident->sla
            ? registration_class(&category->row, priority, incident->emergency)
            : incident->sla;
    uint64_t due_ms = clock_sooner(decision, incident, event->priority_changed.sla);
    if (due_ms)
        clock_start(decision, incident, CLOCK_KIND_DISPATCH, due_ms);
    clock_reclass(decision, incident, event->priority_changed.sla);
    struct incident now = *incident;
    now.priority = priority;
    plan_learnt(decision, incident, &now);
}

void overlay_supervise(struct decision *decision, const struct incident *incident, uint32_t level)
{
    if (level == incident->supervise)
        return;
    struct event *event = incident_event(decision, EVENT_INCIDENT_SUPERVISED, incident);
    event->incident_supervised.from = incident->supervise;
    event->incident_supervised.to = level;
}

static enum refusal find_open(struct decision *decision, uint64_t id,
                              const struct incident **incident)
{
    enum refusal refusal = incident_find(decision, id, INCIDENT_STEP_NONE, incident);
    if (!refusal && incident_is_closed((*incident)->state))
        refusal = REFUSAL_WRONG_STATE;
    return refusal;
}

enum refusal decide_incident_conceal(struct decision *decision)
{
    const struct incident_conceal *asked = &decision->command->incident_conceal;
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, asked->incident, INCIDENT_STEP_NONE, &incident);
    if (refusal)
        return refusal;
    if (asked->secrecy == SECRECY_NONE)
        return REFUSAL_MALFORMED;
    if (asked->secrecy == incident->secrecy)
        return REFUSAL_ALREADY;
    if (asked->secrecy < incident->secrecy)
        return REFUSAL_SAME_PERSON; /* lowering is a petition */
    overlay_secrecy(decision, incident, asked->secrecy, 0);
    return REFUSAL_NONE;
}

enum refusal decide_incident_prioritize(struct decision *decision)
{
    const struct incident_prioritize *asked = &decision->command->incident_prioritize;
    const struct incident *incident;
    enum refusal refusal = find_open(decision, asked->incident, &incident);
    if (refusal)
        return refusal;
    if (asked->priority == PRIORITY_NONE)
        return REFUSAL_MALFORMED;
    if (asked->priority == incident->priority)
        return REFUSAL_ALREADY;
    if (incident->emergency && asked->priority > incident->priority)
        return REFUSAL_SAME_PERSON; /* lowering is a petition */
    overlay_priority(decision, incident, asked->priority, 0);
    return REFUSAL_NONE;
}

/* An urge resets no clock. */
enum refusal decide_incident_urge(struct decision *decision)
{
    const struct incident_urge *asked = &decision->command->incident_urge;
    const struct incident *incident;
    enum refusal refusal = find_open(decision, asked->incident, &incident);
    if (refusal)
        return refusal;
    const struct task *lead = task_lead(incident);
    if (!lead || !task_is_open(lead->state))
        return REFUSAL_WRONG_STATE; /* nobody to urge */
    struct event *event = incident_event(decision, EVENT_INCIDENT_URGED, incident);
    event->task = lead->id;
    event->department = lead->department;
    event->incident_urged.citizen = asked->citizen;
    event->incident_urged.urges = incident->urges + 1U;
    event->incident_urged.due_ms = ladder_urge_due(decision, lead);
    return REFUSAL_NONE;
}

enum refusal decide_incident_supervise(struct decision *decision)
{
    const struct incident_supervise *asked = &decision->command->incident_supervise;
    const struct incident *incident;
    enum refusal refusal = find_open(decision, asked->incident, &incident);
    if (refusal)
        return refusal;
    if (asked->level > SUPERVISE_LEVEL_MAX)
        return REFUSAL_MALFORMED;
    if (asked->level == incident->supervise)
        return REFUSAL_ALREADY;
    if (asked->level < incident->supervise && !decision->command->has_personal)
        return REFUSAL_REASON_MISSING; /* lowering wants words */
    const struct task *lead = task_lead(incident);
    bool ordered = asked->level > incident->supervise && lead && task_is_open(lead->state) &&
                   ladder_order(decision, lead, LADDER_LEVEL_SUPERVISE_1 + asked->level - 1);
    if (!ordered)
        overlay_supervise(decision, incident, asked->level);
    return REFUSAL_NONE;
}

void apply_secrecy_changed(struct core *core, const struct event *event)
{
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident && incident->secrecy == event->secrecy_changed.from);
    incident->secrecy = event->secrecy_changed.to;
}

void apply_priority_changed(struct core *core, const struct event *event)
{
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident && incident->priority == event->priority_changed.from);
    incident->priority = event->priority_changed.to;
    incident->sla = event->priority_changed.sla;
}

void apply_incident_urged(struct core *core, const struct event *event)
{
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident && event->incident_urged.urges == incident->urges + 1U);
    incident->urges++;
    if (!event->incident_urged.due_ms)
        return;
    struct task *task = core_task(core, event->task);
    REQUIRE(task);
    task->demand_due_ms = event->incident_urged.due_ms;
    task->demanded = LADDER_LEVEL_URGE_1;
    task_refile(core, task);
}

void apply_incident_supervised(struct core *core, const struct event *event)
{
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident && incident->supervise == event->incident_supervised.from);
    incident->supervise = (uint8_t)event->incident_supervised.to;
}
