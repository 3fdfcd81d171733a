/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/reckoning.h"

#include "dispatcher/core/incident.h"
#include "dispatcher/core/promise.h"
#include "dispatcher/core/task.h"

static const struct pauses none;

/* Is there more to say of it with the present calendar? */
static bool moves(const struct core *core, const struct promise *promise,
                  const struct pauses *pauses, struct promise *now)
{
    if (!promise_runs(promise) || promise->calendar == core->calendar.version ||
        (promise->measure != MEASURE_WORKING_HOUR && promise->measure != MEASURE_WORKING_DAY))
        return false;
    *now = *promise;
    promise_reckon(core, now, pauses);
    if (now->due_ms < promise->due_ms)
        now->due_ms = promise->due_ms;
    return now->due_ms != promise->due_ms || now->provisional != promise->provisional;
}

static bool reckon(struct decision *decision, const struct incident *incident,
                   const struct task *task, enum clock_kind clock, const struct promise *promise)
{
    struct promise now;
    const struct pauses *pauses = task && promise == &task->reply ? &task->pauses : &none;
    if (!moves(decision->core, promise, pauses, &now))
        return false;
    struct event *event = incident_event(decision, EVENT_CLOCK_MOVED, incident);
    event->task = task ? task->id : 0;
    event->department = task ? task->department : 0;
    event->clock_moved.clock = clock;
    event->clock_moved.subject = task ? task->id : incident->id;
    event->clock_moved.cause = CLOCK_CAUSE_CALENDAR;
    event->clock_moved.from_ms = promise->due_ms;
    promise_tell(&now, pauses, &event->clock_moved);
    return true;
}

static bool reckon_task(struct decision *decision, const struct task *task)
{
    if (!task->id || !task_is_open(task->state))
        return false;
    return reckon(decision, task->incident, task, task->step_clock, &task->step) ||
           reckon(decision, task->incident, task, CLOCK_KIND_REPLY, &task->reply) ||
           reckon(decision, task->incident, task, CLOCK_KIND_RULE_RETURN, &task->rule);
}

static bool reckon_slot(struct decision *decision, uint32_t slot)
{
    const struct core *core = decision->core;
    if (slot < core->tasks.reached)
        return reckon_task(decision, pool_at(&core->tasks, slot));
    const struct incident *incident = pool_at(&core->incidents, slot - core->tasks.reached);
    return incident->id && reckon(decision, incident, NULL, incident->clock, &incident->promise);
}

bool reckon_done(const struct core *core)
{
    return core->calendar.version == 0 ||
           core->calendar.reckoned >= core->tasks.reached + core->incidents.reached;
}

bool reckon_next(struct core *core, struct decision *decision)
{
    for (uint32_t i = 0; i < RECKONED_PER_STEP_MAX && !reckon_done(core); i++) {
        if (reckon_slot(decision, core->calendar.reckoned))
            return true; /* the same slot again: it may have another clock */
        core->calendar.reckoned++;
    }
    return false;
}
