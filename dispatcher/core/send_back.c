/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/send_back.h"

#include "dispatcher/core/clock.h"
#include "dispatcher/core/dispute.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/review.h"
#include "dispatcher/core/signet.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/work.h"

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
    if (incident->emergency || task->final || !task_owes_reply(task) ||
        incident->returns >= core->parameters[PARAMETER_RETURN_LIMIT])
        return REFUSAL_NOT_RETURNABLE;
    if (!work_goes_on(incident))
        return REFUSAL_WRONG_STATE;
    if (task->return_until_ms && decision->at_ms > task->return_until_ms)
        return REFUSAL_TOO_LATE;
    if (asked->suggest && !core_department(core, asked->suggest))
        return REFUSAL_NO_SUCH_DEPARTMENT;
    const struct acknowledgement *acknowledgement =
        asked->has_acknowledgement ? &asked->acknowledgement : NULL;
    refusal = signet_judge(decision, task, acknowledgement);
    if (refusal)
        return refusal;
    struct event *event = task_step(decision, task, TASK_STEP_SEND_BACK);
    event->task_moved.reason = asked->reason;
    event->task_moved.suggest = asked->suggest;
    signet_keep(event, acknowledgement);
    event =
        clock_begin(decision, incident, incident->round, CLOCK_KIND_RULE_RETURN, decision->at_ms);
    event->task = task->id;
    event->department = task->department;
    return REFUSAL_NONE;
}

/* It flew around often enough, or two departments point at each other: the system says so. */
static bool is_disputed(const struct core *core, const struct task *task)
{
    const struct incident *incident = task->incident;
    return incident->returns + 1 >= core->parameters[PARAMETER_RETURN_LIMIT] ||
           (incident->returned_by && task->suggest == incident->returned_by);
}

/* The lead is out: the incident waits for another one, and nobody goes on assisting nobody. */
static void lead_returned(struct decision *decision, const struct task *lead)
{
    const struct incident *incident = lead->incident;
    for (const struct task *task = task_first(incident); task; task = task_after(incident, task))
        if (task != lead && task_is_open(task->state))
            task_step(decision, task, TASK_STEP_RECALL);
    enum incident_state to =
        incident_step(decision, incident, incident->state, INCIDENT_STEP_RETURN);
    decision->verdict->events[decision->verdict->count - 1].department = lead->department;
    if (!is_disputed(decision->core, lead)) {
        review_not_again(decision, incident);
        return;
    }
    uint32_t parties[DISPUTE_PARTIES_MAX];
    uint32_t count = 0;
    parties[count++] = lead->department;
    if (incident->returned_by && incident->returned_by != lead->department)
        parties[count++] = incident->returned_by;
    if (lead->suggest && lead->suggest != incident->returned_by)
        parties[count++] = lead->suggest;
    dispute_open(decision, incident, to, parties, count);
}

enum refusal decide_task_rule_return(struct decision *decision)
{
    const struct task_rule_return *asked = &decision->command->task_rule_return;
    enum task_step step = asked->accept ? TASK_STEP_RETURN_ACCEPT : TASK_STEP_RETURN_REFUSE;
    const struct task *task;
    enum refusal refusal = task_find_any(decision, asked->task, step, &task);
    if (refusal)
        return refusal;
    if (!work_goes_on(task->incident))
        return REFUSAL_WRONG_STATE;
    task_step(decision, task, step);
    if (!asked->accept)
        task_lead_signed(decision, task);
    else if (task->kind == TASK_KIND_LEAD)
        lead_returned(decision, task);
    else
        task_ended(decision, task);
    return REFUSAL_NONE;
}
