/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The clocks of a task under one deadline: the earliest of all that may fire. */
#include "base/require.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/ladder.h"
#include "dispatcher/core/lateness.h"
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

bool task_awaits_step(const struct task *task)
{
    return task->step_clock == CLOCK_KIND_SIGN ? task->state == TASK_STATE_SENT
                                               : task_is_open(task->state);
}

/* Which clocks run in which state. */
static bool runs(const struct task *task, enum clock_kind clock)
{
    if (clock == CLOCK_KIND_RULE_RETURN)
        return task->state == TASK_STATE_RETURN_ASKED;
    return clock == CLOCK_KIND_REPLY ? task_is_open(task->state) : task_awaits_step(task);
}

/* What happens next by itself: a clock becomes overdue, a demand goes unanswered, or a rung of the
 * ladder is climbed; at equal times in this order. */
struct alarm {
    uint64_t due_ms; /* NEVER: nothing */
    enum clock_kind clock;
    const struct rung *rung; /* NULL: the clock becomes overdue */
};

static struct alarm overdue_next(const struct task *task)
{
    const struct {
        enum clock_kind clock;
        const struct promise *promise;
    } clocks[] = { { task->step_clock, &task->step },
                   { CLOCK_KIND_REPLY, &task->reply },
                   { CLOCK_KIND_RULE_RETURN, &task->rule } };
    struct alarm alarm = { .due_ms = NEVER };
    for (uint32_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
        const struct promise *promise = clocks[i].promise;
        if (!runs(task, clocks[i].clock) || !promise_runs(promise) || promise->reported ||
            promise->due_ms >= alarm.due_ms)
            continue;
        alarm = (struct alarm){ promise->due_ms, clocks[i].clock, NULL };
    }
    /* Who may not work answers for nothing meanwhile. */
    if (task->demand_due_ms && task_is_open(task->state) && !task->reply.paused &&
        task->demand_due_ms < alarm.due_ms)
        alarm = (struct alarm){ task->demand_due_ms, CLOCK_KIND_DEMAND, NULL };
    return alarm;
}

static struct alarm alarm_next(const struct core *core, const struct task *task)
{
    struct alarm alarm = overdue_next(task);
    uint64_t due_ms;
    const struct rung *rung = ladder_next(core, task, &due_ms);
    return due_ms < alarm.due_ms ? (struct alarm){ due_ms, rung->clock, rung } : alarm;
}

void task_due(struct decision *decision, const struct task *task)
{
    struct alarm alarm = alarm_next(decision->core, task);
    REQUIRE(alarm.due_ms <= decision->at_ms);
    if (alarm.rung) {
        ladder_climb(decision, task, alarm.rung, alarm.due_ms);
        return;
    }
    struct event *event = incident_event(decision, EVENT_CLOCK_OVERDUE, task->incident);
    event->task = task->id;
    event->department = task->department;
    event->clock_overdue.clock = alarm.clock;
    event->clock_overdue.due_ms = alarm.due_ms;
    event->clock_overdue.subject = task->id;
    event->clock_overdue.owes_reason = lateness_counts(task, alarm.clock);
}

void task_refile(struct core *core, struct task *task)
{
    deadline_set(core, &task->deadline, alarm_next(core, task).due_ms, task->id);
}

void tasks_refile(struct core *core)
{
    for (uint32_t i = 0; i < core->tasks.reached; i++) {
        struct task *task = pool_at(&core->tasks, i);
        if (task->id && task_is_open(task->state))
            task_refile(core, task);
    }
}

/* ---- acknowledgements, one after the other ---------------------------------------------------- */

/* Which acknowledgement is awaited when this step is done. All run from the dispatch: whoever signs
 * late has the less time to be there. */
static enum clock_kind clock_behind(const struct task *task, enum task_step step)
{
    if (step == TASK_STEP_SIGN)
        return task->incident->emergency ? CLOCK_KIND_ARRIVE : CLOCK_KIND_CONTACT;
    return step == TASK_STEP_ARRIVE ? CLOCK_KIND_FEEDBACK : CLOCK_KIND_NONE;
}

void task_await_next(struct decision *decision, const struct task *task, enum task_step step)
{
    const struct incident *incident = task->incident;
    enum clock_kind clock = clock_behind(task, step);
    struct span length = { 0 };
    if (clock)
        length = clock_length(decision->core, incident, incident->round, clock);
    if (clock == CLOCK_KIND_ARRIVE && !length.measure) {
        clock = CLOCK_KIND_FEEDBACK;
        length = clock_length(decision->core, incident, incident->round, clock);
    }
    if (!length.measure || !task->reply.start_ms)
        return;
    struct event *event =
        clock_begin(decision, incident, incident->round, clock, task->reply.start_ms);
    event->task = task->id;
    event->department = task->department;
}

void task_step_done(struct task *task, enum clock_kind clock)
{
    if (task->step_clock == clock)
        task->step.due_ms = 0;
}
