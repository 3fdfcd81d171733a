/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/reply.h"

#include "dispatcher/core/incident.h"
#include "dispatcher/core/ladder.h"
#include "dispatcher/core/lateness.h"
#include "dispatcher/core/signet.h"
#include "dispatcher/core/task.h"
#include "dispatcher/core/work.h"

static bool says_solved(enum degree solved)
{
    return solved == DEGREE_YES || solved == DEGREE_MOSTLY;
}

/* The lead speaks for all: not "solved" while one of them says it is not. */
static bool assist_contradicts(const struct task *lead, enum degree solved)
{
    if (!says_solved(solved))
        return false;
    const struct incident *incident = lead->incident;
    for (const struct task *task = task_first(incident); task; task = task_after(incident, task))
        if (task->kind == TASK_KIND_ASSIST && task->state == TASK_STATE_REPLIED &&
            task->solved == DEGREE_NO)
            return true;
    return false;
}

/* An assist that replied once more, or joined late, says no to what the lead said: the lead speaks again. */
static bool contradicts_lead(const struct task *lead, enum degree solved)
{
    return solved == DEGREE_NO && lead->state == TASK_STATE_REPLIED && says_solved(lead->solved);
}

static enum refusal check_reply(const struct decision *decision, const struct task *task)
{
    const uint64_t *parameters = decision->core->parameters;
    const struct task_reply *asked = &decision->command->task_reply;
    bool order = !task->incident->emergency;
    if (!task_owes_reply(task) || !work_goes_on(task->incident))
        return REFUSAL_WRONG_STATE;
    if (task->late)
        return REFUSAL_LATE_REASON_MISSING;
    if (task->kind != TASK_KIND_LEAD)
        return REFUSAL_NONE;
    if (task_others_open(task))
        return REFUSAL_ASSIST_OPEN;
    if (assist_contradicts(task, asked->solved))
        return REFUSAL_ASSIST_UNSOLVED;
    if (order && parameters[PARAMETER_CONTACT_FIRST] && task->incident->caller && !task->contacted)
        return REFUSAL_NO_CONTACT_YET;
    if (order && parameters[PARAMETER_OTHER_HANDLER] && task->round > 1 && task->handler == 0)
        return REFUSAL_SAME_HANDLER;
    return REFUSAL_NONE;
}

/* Whatever was demanded, here it is; but for the reason why it is late, which is told apart. */
static void answer_demand(struct decision *decision, const struct task *task)
{
    if (task->demanded && task->demanded != LADDER_LEVEL_RED)
        ladder_answered(decision, task);
}

enum refusal decide_task_reply(struct decision *decision)
{
    const struct task_reply *asked = &decision->command->task_reply;
    const struct acknowledgement *acknowledgement =
        asked->has_acknowledgement ? &asked->acknowledgement : NULL;
    const struct task *task;
    enum refusal refusal = task_find_own(decision, asked->task, TASK_STEP_REPLY, &task);
    if (!refusal)
        refusal = check_reply(decision, task);
    if (!refusal)
        refusal = signet_judge(decision, task, acknowledgement);
    if (refusal)
        return refusal;
    answer_demand(decision, task);
    struct event *event = task_step(decision, task, TASK_STEP_REPLY);
    event->task_moved.solved = asked->solved;
    signet_keep(event, acknowledgement);
    const struct task *lead = task_lead(task->incident);
    if (task != lead && contradicts_lead(lead, asked->solved)) {
        task_step(decision, lead, TASK_STEP_REJECT_REPLY);
        return REFUSAL_NONE;
    }
    if (!task_others_open(task) && (task == lead || lead->state == TASK_STATE_REPLIED))
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
    const struct incident *incident = task->incident;
    bool replied = incident->state == INCIDENT_STATE_REPLIED;
    if (!task_owes_reply(task) || (!replied && !work_goes_on(incident)))
        return REFUSAL_WRONG_STATE;
    enum defect defect = decision->command->task_reject_reply.defect;
    if (defect == DEFECT_NONE && !decision->command->has_personal)
        return REFUSAL_REASON_MISSING; /* nobody can mend what nobody names */
    task_step(decision, task, TASK_STEP_REJECT_REPLY)->task_moved.defect = defect;
    if (replied)
        incident_move(decision, incident, incident->state, INCIDENT_STEP_REJECT_REPLY)->defect =
            defect;
    return REFUSAL_NONE;
}
