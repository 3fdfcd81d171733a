/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/assignment.h"

#include "base/require.h"
#include "dispatcher/core/dispute.h"
#include "dispatcher/core/emergency.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/review.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/work.h"

enum refusal assignment_check(const struct core *core, const struct incident *incident,
                              uint32_t lead, const uint32_t *assists, uint32_t count)
{
    if (lead == 0)
        return REFUSAL_LEAD_MISSING;
    const struct department *department = core_department(core, lead);
    if (!department || department->row.retired)
        return REFUSAL_NO_SUCH_DEPARTMENT;
    for (uint32_t i = 0; i < count; i++) {
        department = core_department(core, assists[i]);
        if (!department || department->row.retired)
            return REFUSAL_NO_SUCH_DEPARTMENT;
        if (assists[i] == lead)
            return REFUSAL_LEAD_ASSISTS;
        for (uint32_t j = 0; j < i; j++)
            if (assists[j] == assists[i])
                return REFUSAL_MALFORMED;
        if (task_open_of(incident, assists[i]))
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
    enum refusal refusal = assignment_check(decision->core, incident, lead->department,
                                            asked->assists, asked->assists_count);
    if (refusal)
        return refusal;
    if (pool_room(&decision->core->tasks) < asked->assists_count ||
        task_count(incident) + asked->assists_count > TASKS_PER_INCIDENT_MAX)
        return REFUSAL_LIMIT;
    if (incident->emergency)
        emergency_reinforce(decision, incident);
    for (uint32_t i = 0; i < asked->assists_count; i++)
        task_open(decision, incident, asked->assists[i], TASK_KIND_ASSIST);
    return REFUSAL_NONE;
}

/* May it go out now, by this person? */
static enum refusal check_dispatch(const struct decision *decision, const struct incident *incident)
{
    if (incident->state == INCIDENT_STATE_REGISTERED && review_wanted(decision->core, incident))
        return REFUSAL_NOT_REVIEWED;
    if (incident->state == INCIDENT_STATE_REDO &&
        incident->round > decision->core->parameters[PARAMETER_REDO_FREELY] &&
        !decision_forces(decision))
        return REFUSAL_NOT_ALLOWED;
    return REFUSAL_NONE;
}

enum refusal decide_incident_dispatch(struct decision *decision)
{
    const struct incident_dispatch *asked = &decision->command->incident_dispatch;
    const struct core *core = decision->core;
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, asked->incident, INCIDENT_STEP_NONE, &incident);
    if (refusal)
        return refusal;
    enum incident_state from = incident->state;
    if (work_goes_on(incident) ||
        (incident->emergency && incident->state == INCIDENT_STATE_REPLIED))
        return add_assists(decision, incident);
    enum incident_step step =
        from == INCIDENT_STATE_REDO ? INCIDENT_STEP_REDISPATCH : INCIDENT_STEP_DISPATCH;
    refusal = incident_may(incident, step);
    if (!refusal)
        refusal = check_dispatch(decision, incident);
    uint32_t lead =
        asked->lead ? asked->lead : precedent_of(core, incident->category, incident->district);
    if (!refusal)
        refusal = assignment_check(core, incident, lead, asked->assists, asked->assists_count);
    if (refusal)
        return refusal;
    if (pool_room(&core->tasks) < asked->assists_count + 1)
        return REFUSAL_LIMIT;
    incident_step(decision, incident, from, step);
    decision->verdict->task = task_open(decision, incident, lead, TASK_KIND_LEAD);
    for (uint32_t i = 0; i < asked->assists_count; i++)
        task_open(decision, incident, asked->assists[i], TASK_KIND_ASSIST);
    return REFUSAL_NONE;
}

/* The lead calls whom it needs; the centre calls anybody. */
static enum refusal check_caller(const struct decision *decision, const struct task *lead)
{
    const struct user *user = decision->user;
    bool centre = !user || decision_may(decision, ROLE_TAKER) || decision_forces(decision);
    if (centre || user->row.department == lead->department)
        return REFUSAL_NONE;
    return REFUSAL_NOT_YOURS;
}

enum refusal decide_task_add(struct decision *decision)
{
    const struct task_add *asked = &decision->command->task_add;
    const struct core *core = decision->core;
    const struct incident *incident;
    enum refusal refusal = incident_find(decision, asked->incident, INCIDENT_STEP_NONE, &incident);
    if (refusal)
        return refusal;
    const struct task *lead = task_lead(incident);
    if (!lead || !task_is_open(lead->state) || !work_goes_on(incident))
        return REFUSAL_WRONG_STATE;
    if (asked->kind == TASK_KIND_LEAD)
        return REFUSAL_MALFORMED;
    refusal = check_caller(decision, lead);
    if (!refusal)
        refusal = assignment_check(core, incident, lead->department, &asked->department, 1);
    if (refusal)
        return refusal;
    if (asked->due_ms && (asked->due_ms <= decision->at_ms || asked->due_ms > lead->reply.due_ms))
        return REFUSAL_MALFORMED;
    if (pool_room(&core->tasks) == 0 || task_count(incident) >= TASKS_PER_INCIDENT_MAX)
        return REFUSAL_LIMIT;
    if (incident->emergency)
        emergency_reinforce(decision, incident);
    uint64_t until_ms = asked->due_ms ? asked->due_ms : lead->reply.due_ms;
    if (until_ms < decision->at_ms) /* the lead is late already: at once, then */
        until_ms = decision->at_ms;
    decision->verdict->task =
        task_open_until(decision, incident, asked->department,
                        asked->kind ? asked->kind : TASK_KIND_ASSIST, until_ms);
    return REFUSAL_NONE;
}

/* The centre's own wrong dispatch: not counted as a return. */
enum refusal decide_task_recall(struct decision *decision)
{
    const struct task *task;
    enum refusal refusal =
        task_find_any(decision, decision->command->task_recall.task, TASK_STEP_RECALL, &task);
    if (refusal)
        return refusal;
    const struct incident *incident = task->incident;
    if (task->kind == TASK_KIND_LEAD) {
        refusal = incident_may(incident, INCIDENT_STEP_RECALL);
        if (refusal)
            return refusal;
        work_recall(decision, incident);
        incident_step(decision, incident, incident->state, INCIDENT_STEP_RECALL);
        review_not_again(decision, incident);
        return REFUSAL_NONE;
    }
    if (!work_goes_on(incident))
        return REFUSAL_WRONG_STATE;
    task_step(decision, task, TASK_STEP_RECALL);
    task_ended(decision, task);
    return REFUSAL_NONE;
}
