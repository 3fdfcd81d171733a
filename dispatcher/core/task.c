/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/task.h"

#include "base/require.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/scene.h"

const struct task *task_first(const struct incident *incident)
{
    return list_first(&incident->tasks);
}

const struct task *task_after(const struct incident *incident, const struct task *task)
{
    return list_next(&incident->tasks, &task->of_incident);
}

const struct task *task_lead(const struct incident *incident)
{
    for (const struct task *task = task_first(incident); task; task = task_after(incident, task))
        if (task->kind == TASK_KIND_LEAD)
            return task;
    return NULL;
}

const struct task *task_of(const struct incident *incident, uint32_t department)
{
    const struct task *found = NULL;
    for (const struct task *task = task_first(incident); task; task = task_after(incident, task))
        if (task->department == department)
            found = task;
    return found;
}

const struct task *task_open_of(const struct incident *incident, uint32_t department)
{
    const struct task *task = task_of(incident, department);
    return task && task_is_open(task->state) ? task : NULL;
}

uint32_t task_count(const struct incident *incident)
{
    uint32_t count = 0;
    for (const struct task *task = task_first(incident); task; task = task_after(incident, task))
        count++;
    return count;
}

uint64_t task_open(struct decision *decision, const struct incident *incident, uint32_t department,
                   enum task_kind kind)
{
    const struct core *core = decision->core;
    struct event *event = incident_event(decision, EVENT_TASK_OPENED, incident);
    event->task = decision_id(decision);
    event->department = department;
    event->task_opened.kind = kind;
    event->task_opened.round = incident->round;
    clock_tell_task(core, incident, decision->at_ms, &event->task_opened);
    return event->task;
}

struct event *task_step(struct decision *decision, const struct task *task, enum task_step step)
{
    return task_step_from(decision, task, task->state, step);
}

struct event *task_step_from(struct decision *decision, const struct task *task,
                             enum task_state from, enum task_step step)
{
    enum task_state to = task_next(from, step);
    REQUIRE(to != TASK_STATE_NONE);
    struct event *event = incident_event(decision, EVENT_TASK_MOVED, task->incident);
    event->task = task->id;
    event->department = task->department;
    event->task_moved.step = step;
    event->task_moved.from = from;
    event->task_moved.to = to;
    event->task_moved.kind = task->kind;
    return event;
}

enum refusal task_find_own(struct decision *decision, uint64_t id, enum task_step step,
                           const struct task **task)
{
    *task = core_task(decision->core, id);
    if (!*task)
        return REFUSAL_NO_SUCH_TASK;
    const struct user *user = decision->user;
    if (user && !decision_forces(decision) && user->row.department != (*task)->department)
        return REFUSAL_NOT_YOURS;
    decision->verdict->task = id;
    decision->verdict->incident = (*task)->incident->id;
    decision->verdict->number = (*task)->incident->number;
    if (task_next((*task)->state, step) == TASK_STATE_NONE)
        return REFUSAL_WRONG_STATE;
    return REFUSAL_NONE;
}

enum refusal task_find_any(struct decision *decision, uint64_t id, enum task_step step,
                           const struct task **task)
{
    *task = core_task(decision->core, id);
    if (!*task)
        return REFUSAL_NO_SUCH_TASK;
    decision->verdict->task = id;
    decision->verdict->incident = (*task)->incident->id;
    decision->verdict->number = (*task)->incident->number;
    return task_next((*task)->state, step) ? REFUSAL_NONE : REFUSAL_WRONG_STATE;
}

void task_lead_signed(struct decision *decision, const struct task *task)
{
    if (task->kind == TASK_KIND_LEAD && task->incident->state == INCIDENT_STATE_DISPATCHED)
        incident_step(decision, task->incident, INCIDENT_STATE_DISPATCHED, INCIDENT_STEP_SIGN);
}

enum refusal decide_task_sign(struct decision *decision)
{
    const struct task *task;
    enum refusal refusal =
        task_find_own(decision, decision->command->task_sign.task, TASK_STEP_SIGN, &task);
    if (refusal)
        return refusal;
    task_step(decision, task, TASK_STEP_SIGN);
    task_lead_signed(decision, task);
    return REFUSAL_NONE;
}

enum refusal decide_task_progress(struct decision *decision)
{
    const struct task_progress *asked = &decision->command->task_progress;
    const struct task *task;
    if (asked->step != TASK_STEP_ROLL && asked->step != TASK_STEP_ARRIVE)
        return REFUSAL_MALFORMED;
    enum refusal refusal = task_find_own(decision, asked->task, asked->step, &task);
    if (refusal)
        return refusal;
    task_step(decision, task, asked->step);
    return REFUSAL_NONE;
}

bool task_others_open(const struct task *task)
{
    const struct incident *incident = task->incident;
    for (const struct task *other = task_first(incident); other;
         other = task_after(incident, other))
        if (other != task && task_is_open(other->state))
            return true;
    return false;
}

void tasks_forget(struct core *core, struct incident *incident)
{
    struct task *task;
    while ((task = list_first(&incident->tasks))) {
        REQUIRE(!task_is_open(task->state));
        link_leave(&task->of_incident);
        core->tasks_in[task->state]--;
        index_remove(&core->index, ENTRY_TASK, task->id, 0);
        pool_give(&core->tasks, task);
    }
}

void apply_task_opened(struct core *core, const struct event *event)
{
    const struct task_opened *opened = &event->task_opened;
    struct incident *incident = core_incident(core, event->incident);
    REQUIRE(incident && opened->round == incident->round);
    REQUIRE(opened->kind != TASK_KIND_LEAD || !task_lead(incident));
    struct task *task = pool_take(&core->tasks);
    core_id_used(core, event->task);
    task->id = event->task;
    task->incident = incident;
    task->department = event->department;
    task->round = opened->round;
    task->kind = opened->kind;
    task->state = task_next(TASK_STATE_NONE, TASK_STEP_SEND);
    clock_take_task(event, task);
    task->deadline.kind = DEADLINE_TASK;
    task->deadline.owner = task;
    core->tasks_in[task->state]++;
    list_append(&incident->tasks, &task->of_incident, task);
    index_put(&core->index, ENTRY_TASK, task->id, 0, task);
    task_refile(core, task);
}

void apply_task_moved(struct core *core, const struct event *event)
{
    const struct task_moved *moved = &event->task_moved;
    struct task *task = core_task(core, event->task);
    REQUIRE(task && task->state == moved->from);
    REQUIRE(task_next(moved->from, moved->step) == moved->to);
    core->tasks_in[task->state]--;
    core->tasks_in[moved->to]++;
    task->state = moved->to;
    if (moved->step == TASK_STEP_RETURN_REFUSE)
        task->final = true;
    task_refile(core, task);
    scene_refile(core, task->incident->id);
}
