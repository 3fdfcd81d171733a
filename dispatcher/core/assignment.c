/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/assignment.h"

#include "base/require.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/task.h"

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
    enum refusal refusal = incident_find(decision, asked->incident, INCIDENT_STEP_NONE, &incident);
    if (refusal)
        return refusal;
    enum incident_state from = incident->state;
    if (from == INCIDENT_STATE_DISPATCHED || from == INCIDENT_STATE_HANDLING)
        return add_assists(decision, incident);
    enum incident_step step =
        from == INCIDENT_STATE_REDO ? INCIDENT_STEP_REDISPATCH : INCIDENT_STEP_DISPATCH;
    if (incident_next(incident->emergency, from, step) == INCIDENT_STATE_NONE)
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
