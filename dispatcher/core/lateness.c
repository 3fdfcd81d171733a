/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/lateness.h"

#include "dispatcher/core/ladder.h"
#include "dispatcher/core/task.h"

bool lateness_counts(const struct task *task, enum clock_kind clock)
{
    return task->incident->emergency && task_owes_reply(task) &&
           (clock == CLOCK_KIND_SIGN || clock == CLOCK_KIND_ARRIVE);
}

enum refusal lateness_explain(struct decision *decision, const struct task *task)
{
    enum late_reason reason = decision->command->demand_answer.reason;
    bool asked = task->demanded == LADDER_LEVEL_RED;
    if ((unsigned)reason >= LATE_REASON_COUNT)
        return REFUSAL_MALFORMED;
    if (!asked && !task->late)
        return REFUSAL_ALREADY; /* it is not late, or has said why */
    if (reason == LATE_REASON_OTHER && !decision->command->has_personal)
        return REFUSAL_REASON_MISSING;
    struct demand_answered *answered = &ladder_answered(decision, task)->demand_answered;
    answered->reason = reason;
    if (!asked)
        answered->level = LADDER_LEVEL_NONE;
    return REFUSAL_NONE;
}

void lateness_explained(struct task *task, const struct demand_answered *answered)
{
    if (answered->reason)
        task->late = false;
}
