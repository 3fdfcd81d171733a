/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/work.h"

#include "dispatcher/core/clock.h"
#include "dispatcher/core/task.h"

void work_recall(struct decision *decision, const struct incident *incident)
{
    for (const struct task *task = task_first(incident); task; task = task_after(incident, task))
        if (task_is_open(task->state))
            task_step(decision, task, TASK_STEP_RECALL);
}

void work_finish(struct decision *decision, const struct incident *incident)
{
    for (const struct task *task = task_first(incident); task; task = task_after(incident, task))
        if (task_is_open(task->state) && !task_owes_reply(task))
            task_step(decision, task, TASK_STEP_RECALL);
}

void work_pause(struct decision *decision, const struct incident *incident)
{
    for (const struct task *task = task_first(incident); task; task = task_after(incident, task))
        if (task_is_open(task->state))
            clock_pause(decision, task);
}

void work_resume(struct decision *decision, const struct incident *incident)
{
    for (const struct task *task = task_first(incident); task; task = task_after(incident, task))
        if (task_is_open(task->state))
            clock_resume(decision, task);
}

bool work_goes_on(const struct incident *incident)
{
    return incident->state == INCIDENT_STATE_DISPATCHED ||
           incident->state == INCIDENT_STATE_HANDLING ||
           incident->state == INCIDENT_STATE_ON_SCENE ||
           incident->state == INCIDENT_STATE_CONTROLLED;
}
