/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dispatcher/core/task.h"

#include "base/require.h"
#include "dispatcher/core/ball.h"
#include "dispatcher/core/calendar.h"
#include "dispatcher/core/clock.h"
#include "dispatcher/core/emergency.h"
#include "dispatcher/core/incident.h"
#include "dispatcher/core/petition.h"
#include "dispatcher/core/scene.h"
#include "dispatcher/core/signet.h"

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

/* Until when a work order may be sent back; whom nobody asks for a reply has nothing to send back. */
static uint64_t return_until(const struct decision *decision, const struct incident *incident)
{
    uint64_t window_ms = decision->core->parameters[PARAMETER_RETURN_WINDOW_MS];
    if (incident->emergency || window_ms == 0)
        return 0;
    return calendar_due(decision->core, decision->at_ms, window_ms, true);
}

uint64_t task_open(struct decision *decision, const struct incident *incident, uint32_t department,
                   enum task_kind kind)
{
    return task_open_until(decision, incident, department, kind, 0);
}

uint64_t task_open_until(struct decision *decision, const struct incident *incident,
                         uint32_t department, enum task_kind kind, uint64_t due_ms)
{
    const struct core *core = decision->core;
    struct event *event = incident_event(decision, EVENT_TASK_OPENED, incident);
    event->task = decision_id(decision);
    event->department = department;
    event->task_opened.kind = kind;
    event->task_opened.round = incident->round;
    event->task_opened.return_until_ms = return_until(decision, incident);
    clock_tell_task(core, incident, decision->at_ms, &event->task_opened);
    if (due_ms) {
        event->task_opened.reply_due_ms = due_ms;
        event->task_opened.reply = (struct span){ due_ms - decision->at_ms, MEASURE_WALL };
        event->task_opened.provisional = false;
    }
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
    task_await_next(decision, task, step);
    return event;
}

/* The task, and all its lines and its incident's on their way: both may have lain still for days. */
static const struct task *fetch(const struct core *core, uint64_t id)
{
    const struct task *task = core_task(core, id);
    if (!task)
        return NULL;
    pool_foresee(&core->tasks, task);
    const struct incident *incident = task->incident;
    pool_foresee(&core->incidents, incident);
    deadline_foresee(core, &task->deadline);
    deadline_foresee(core, &incident->deadline);
    index_foresee_caller(&core->index, incident->caller);
    return task;
}

static void tell(struct decision *decision, const struct task *task)
{
    decision->verdict->task = task->id;
    decision->verdict->incident = task->incident->id;
    decision->verdict->number = task->incident->number;
}

enum refusal task_find_own(struct decision *decision, uint64_t id, enum task_step step,
                           const struct task **task)
{
    *task = fetch(decision->core, id);
    if (!*task)
        return REFUSAL_NO_SUCH_TASK;
    const struct user *user = decision->user;
    if (user && !decision_forces(decision) && user->row.department != (*task)->department)
        return REFUSAL_NOT_YOURS;
    tell(decision, *task);
    return !step || task_next((*task)->state, step) ? REFUSAL_NONE : REFUSAL_WRONG_STATE;
}

enum refusal task_find_any(struct decision *decision, uint64_t id, enum task_step step,
                           const struct task **task)
{
    *task = fetch(decision->core, id);
    if (!*task)
        return REFUSAL_NO_SUCH_TASK;
    tell(decision, *task);
    return task_next((*task)->state, step) ? REFUSAL_NONE : REFUSAL_WRONG_STATE;
}

void task_lead_signed(struct decision *decision, const struct task *task)
{
    if (task->kind == TASK_KIND_LEAD && task->incident->state == INCIDENT_STATE_DISPATCHED)
        incident_step(decision, task->incident, INCIDENT_STATE_DISPATCHED, INCIDENT_STEP_SIGN);
}

enum refusal decide_task_sign(struct decision *decision)
{
    const struct task_sign *asked = &decision->command->task_sign;
    const struct acknowledgement *acknowledgement =
        asked->has_acknowledgement ? &asked->acknowledgement : NULL;
    const struct task *task;
    enum refusal refusal = task_find_own(decision, asked->task, TASK_STEP_SIGN, &task);
    if (!refusal)
        refusal = signet_judge(decision, task, acknowledgement);
    if (refusal)
        return refusal;
    signet_keep(task_step(decision, task, TASK_STEP_SIGN), acknowledgement);
    task_lead_signed(decision, task);
    if (!task_owes_reply(task)) /* it took note: that is all */
        task_step_from(decision, task, TASK_STATE_SIGNED, TASK_STEP_NOTE);
    return REFUSAL_NONE;
}

enum refusal decide_task_progress(struct decision *decision)
{
    const struct task_progress *asked = &decision->command->task_progress;
    const struct task *task;
    if (asked->step != TASK_STEP_ROLL && asked->step != TASK_STEP_ARRIVE &&
        asked->step != TASK_STEP_CONTACT)
        return REFUSAL_MALFORMED;
    enum refusal refusal = task_find_own(decision, asked->task, asked->step, &task);
    if (refusal)
        return refusal;
    task_step(decision, task, asked->step);
    if (asked->step == TASK_STEP_ARRIVE)
        emergency_arrived(decision, task->incident);
    return REFUSAL_NONE;
}

bool task_others_open(const struct task *task)
{
    const struct incident *incident = task->incident;
    for (const struct task *other = task_first(incident); other;
         other = task_after(incident, other))
        if (other != task && task_is_open(other->state) && task_owes_reply(other))
            return true;
    return false;
}

bool task_owes_reply(const struct task *task)
{
    return task->kind == TASK_KIND_LEAD || task->kind == TASK_KIND_ASSIST;
}

void task_ended(struct decision *decision, const struct task *task)
{
    if (task_owes_reply(task) && !task_others_open(task) &&
        task_lead(task->incident)->state == TASK_STATE_REPLIED)
        incident_replied(decision, task->incident);
}

enum refusal decide_task_forward(struct decision *decision)
{
    const struct task_forward *asked = &decision->command->task_forward;
    const struct task *task;
    enum refusal refusal = task_find_own(decision, asked->task, TASK_STEP_NONE, &task);
    if (refusal)
        return refusal;
    if (asked->handler == 0)
        return REFUSAL_MALFORMED;
    if (!task_is_open(task->state))
        return REFUSAL_WRONG_STATE;
    if (asked->handler == task->handler)
        return REFUSAL_ALREADY;
    /* What was not solved goes to somebody else. */
    if (task->round > 1 && task->kind == TASK_KIND_LEAD &&
        asked->handler == task->incident->handler)
        return REFUSAL_SAME_HANDLER;
    struct event *event = incident_event(decision, EVENT_TASK_FORWARDED, task->incident);
    event->task = task->id;
    event->department = task->department;
    event->task_forwarded.handler = asked->handler;
    return REFUSAL_NONE;
}

void apply_task_forwarded(struct core *core, const struct event *event)
{
    struct task *task = core_task(core, event->task);
    REQUIRE(task);
    task->handler = event->task_forwarded.handler;
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
    task->version = event->seq;
    task->final = opened->final;
    task->return_until_ms = opened->return_until_ms;
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
    task->version = event->seq;
    if (moved->has_acknowledgement)
        signet_used(core, &moved->acknowledgement);
    if (moved->step == TASK_STEP_RETURN_REFUSE)
        task->final = true;
    if (moved->step == TASK_STEP_CONTACT) {
        task->contacted = true;
        task_step_done(task, CLOCK_KIND_CONTACT);
    }
    if (moved->step == TASK_STEP_SEND_BACK)
        task->suggest = moved->suggest;
    if (moved->step == TASK_STEP_REPLY)
        task->solved = moved->solved;
    if (moved->step == TASK_STEP_REPLY && task->kind == TASK_KIND_LEAD && task->handler)
        task->incident->handler = task->handler;
    if (moved->step == TASK_STEP_SIGN && task->demanded == LADDER_LEVEL_URGE_1) {
        task->demanded = LADDER_LEVEL_NONE; /* it was urged to sign */
        task->demand_due_ms = 0;
    }
    if (moved->step == TASK_STEP_ARRIVE)
        task_step_done(task, CLOCK_KIND_ARRIVE);
    ball_pass(task->incident, event->at_ms);
    task_refile(core, task);
    petitions_refile(core, task->incident);
    scene_refile(core, task->incident->id);
}
