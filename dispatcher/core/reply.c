/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/reply.h"

#include "dispatcher/core/incident.h"
#include "dispatcher/core/task.h"

enum refusal decide_task_reply(struct decision *decision)
{
    const struct task_reply *asked = &decision->command->task_reply;
    const struct task *task;
    enum refusal refusal = task_find_own(decision, asked->task, TASK_STEP_REPLY, &task);
    if (refusal)
        return refusal;
    bool open = task_others_open(task);
    if (task->kind == TASK_KIND_LEAD && open)
        return REFUSAL_ASSIST_OPEN;
    task_step(decision, task, TASK_STEP_REPLY)->task_moved.solved = asked->solved;
    const struct task *lead = task_lead(task->incident);
    if (!open && (task == lead || lead->state == TASK_STATE_REPLIED))
        incident_replied(decision, task->incident);
    return REFUSAL_NONE;
}

enum refusal decide_task_reject_reply(struct decision *decision)
{
    const struct task *task;
    enum refusal refusal = task_find_any(decision, decision->command->task_reject_reply.task,
                                         TASK_STEP_REJECT_REPLY, &task);
    if (refusal)
        return refusal;
    enum incident_state state = task->incident->state;
    if (state != INCIDENT_STATE_REPLIED && state != INCIDENT_STATE_HANDLING)
        return REFUSAL_WRONG_STATE;
    task_step(decision, task, TASK_STEP_REJECT_REPLY);
    if (state == INCIDENT_STATE_REPLIED)
        incident_step(decision, task->incident, state, INCIDENT_STEP_REJECT_REPLY);
    return REFUSAL_NONE;
}
