/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/send_back.h"

#include "dispatcher/core/clock.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/task.h"

enum refusal decide_task_send_back(struct decision *decision)
{
    const struct task_send_back *asked = &decision->command->task_send_back;
    const struct core *core = decision->core;
    const struct task *task;
    enum refusal refusal = task_find_own(decision, asked->task, TASK_STEP_SEND_BACK, &task);
    if (refusal)
        return refusal;
    const struct incident *incident = task->incident;
    if (asked->reason == RETURN_REASON_NONE)
        return REFUSAL_REASON_MISSING;
    /* Police, fire and ambulance obey the order; others may send back until the centre has ruled,
     * or until the incident flew around often enough. */
    if (incident->emergency || task->final ||
        incident->returns >= core->parameters[PARAMETER_RETURN_LIMIT])
        return REFUSAL_NOT_RETURNABLE;
    task_step(decision, task, TASK_STEP_SEND_BACK)->task_moved.reason = asked->reason;
    struct event *event =
        clock_begin(decision, incident, incident->round, CLOCK_KIND_RULE_RETURN, decision->at_ms);
    event->task = task->id;
    event->department = task->department;
    return REFUSAL_NONE;
}

/* The lead is out: the incident waits for another one, and nobody goes on assisting nobody. */
static void lead_returned(struct decision *decision, const struct incident *incident)
{
    for (const struct task *task = task_first(incident); task; task = task_after(incident, task))
        if (task->kind == TASK_KIND_ASSIST && task_is_open(task->state))
            task_step(decision, task, TASK_STEP_RECALL);
    incident_step(decision, incident, incident->state, INCIDENT_STEP_RETURN);
    incident_clock(decision, incident, incident->round, CLOCK_KIND_DISPATCH);
}

enum refusal decide_task_rule_return(struct decision *decision)
{
    const struct task_rule_return *asked = &decision->command->task_rule_return;
    enum task_step step = asked->accept ? TASK_STEP_RETURN_ACCEPT : TASK_STEP_RETURN_REFUSE;
    const struct task *task;
    enum refusal refusal = task_find_any(decision, asked->task, step, &task);
    if (refusal)
        return refusal;
    task_step(decision, task, step);
    if (!asked->accept)
        task_lead_signed(decision, task);
    else if (task->kind == TASK_KIND_LEAD)
        lead_returned(decision, task->incident);
    else if (!task_others_open(task) && task_lead(task->incident)->state == TASK_STATE_REPLIED)
        incident_replied(decision, task->incident);
    return REFUSAL_NONE;
}
