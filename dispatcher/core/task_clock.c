/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The clocks of a task under one deadline: the earliest of all that may fire. */
#include "base/require.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/promise.h"
#include "dispatcher/core/task.h"

struct promise *task_promise(struct task *task, enum clock_kind clock)
{
    if (clock == CLOCK_KIND_REPLY)
        return &task->reply;
    if (clock == CLOCK_KIND_RULE_RETURN)
        return &task->rule;
    REQUIRE(clock == task->step_clock);
    return &task->step;
}

/* Which clocks run in which state. */
static bool runs(const struct task *task, enum clock_kind clock)
{
    if (clock == CLOCK_KIND_SIGN)
        return task->state == TASK_STATE_SENT;
    if (clock == CLOCK_KIND_RULE_RETURN)
        return task->state == TASK_STATE_RETURN_ASKED;
    return task_is_open(task->state);
}

static uint64_t earliest(const struct task *task, enum clock_kind *clock)
{
    const struct {
        enum clock_kind clock;
        const struct promise *promise;
    } clocks[] = { { task->step_clock, &task->step },
                   { CLOCK_KIND_REPLY, &task->reply },
                   { CLOCK_KIND_RULE_RETURN, &task->rule } };
    uint64_t due_ms = NEVER;
    for (uint32_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
        const struct promise *promise = clocks[i].promise;
        if (!runs(task, clocks[i].clock) || !promise_runs(promise) || promise->reported ||
            promise->due_ms >= due_ms)
            continue;
        due_ms = promise->due_ms;
        *clock = clocks[i].clock;
    }
    return due_ms;
}

void task_due(struct decision *decision, const struct task *task)
{
    enum clock_kind clock = CLOCK_KIND_NONE;
    uint64_t due_ms = earliest(task, &clock);
    REQUIRE(due_ms <= decision->at_ms);
    struct event *event = incident_event(decision, EVENT_CLOCK_OVERDUE, task->incident);
    event->task = task->id;
    event->department = task->department;
    event->clock_overdue.clock = clock;
    event->clock_overdue.due_ms = due_ms;
    event->clock_overdue.subject = task->id;
}

void task_refile(struct core *core, struct task *task)
{
    enum clock_kind clock;
    deadline_set(core, &task->deadline, earliest(task, &clock), task->id);
}
