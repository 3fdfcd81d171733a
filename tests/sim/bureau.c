/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The departments: they sign late, send back, say "solved" when it is not, or never answer, until
 * somebody urges them. */
#include "tests/sim/sim.h"

static bool chance(struct sim *sim, uint32_t permille)
{
    return kernel_chance(&sim->kernel, STREAM_PEOPLE, permille);
}

static void send(struct sim *sim, const struct seen_task *task, const struct command *command)
{
    console_send(sim, FIRST_CLERK + task->department - 1, command);
}

static bool is_at_work(enum task_state state)
{
    return (state >= TASK_STATE_SIGNED && state <= TASK_STATE_ARRIVED) ||
           state == TASK_STATE_CONTACTED;
}

enum {
    HANDLERS = 7000 /* people of the departments, one for each round */
};

/* What some cities want before a work order is replied to: that the citizen was spoken to (contact_first), and
 * by somebody else than in the last round (other_handler). */
static void prepare(struct sim *sim, const struct seen_task *task)
{
    const struct seen_incident *incident = auditor_incident(&sim->auditor, task->incident);
    if (!incident || incident->emergency)
        return;
    if (task->state == TASK_STATE_SIGNED) {
        struct command contact = command_of(COMMAND_TASK_PROGRESS);
        contact.task_progress.task = task->id;
        contact.task_progress.step = TASK_STEP_CONTACT;
        send(sim, task, &contact);
    }
    if (task->round > 1) {
        struct command forward = command_of(COMMAND_TASK_FORWARD);
        forward.task_forward.task = task->id;
        forward.task_forward.handler = HANDLERS + task->round;
        send(sim, task, &forward);
    }
}

/* Late for an emergency: some forget to say why, and are refused; in the end they do. */
static void explain(struct sim *sim, const struct seen_task *task)
{
    if (!task->late || (!sim->healing && chance(sim, 200)))
        return;
    struct command command = command_of(COMMAND_DEMAND_ANSWER);
    command.demand_answer.task = task->id;
    command.demand_answer.reason =
        (enum late_reason)kernel_between(&sim->kernel, STREAM_PEOPLE, 1, LATE_REASON_OTHER - 1);
    send(sim, task, &command);
}

static void reply(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_task *task = auditor_task(&sim->auditor, id);
    if (!task || !is_at_work(task->state))
        return;
    if (sim->healing)
        prepare(sim, task);
    explain(sim, task);
    struct command command = command_of(COMMAND_TASK_REPLY);
    command.task_reply.task = id;
    /* "Solved" is refused while an assisting department says no: in the end they admit it. */
    command.task_reply.solved = !sim->healing && chance(sim, 900) ? DEGREE_YES : DEGREE_NO;
    send(sim, task, &command);
}

static void progress(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_task *task = auditor_task(&sim->auditor, id);
    if (!task || (task->state != TASK_STATE_SIGNED && task->state != TASK_STATE_ROLLING))
        return;
    struct command command = command_of(COMMAND_TASK_PROGRESS);
    command.task_progress.task = id;
    command.task_progress.step =
        task->state == TASK_STATE_SIGNED ? TASK_STEP_ROLL : TASK_STEP_ARRIVE;
    send(sim, task, &command);
    kernel_plan(&sim->kernel, kernel_wait(&sim->kernel, STREAM_PEOPLE, 5 * MINUTE_MS), progress,
                sim, id);
}

static void sign(void *owner, uint64_t id)
{
    struct sim *sim = owner;
    const struct seen_task *task = auditor_task(&sim->auditor, id);
    if (!task || task->state != TASK_STATE_SENT)
        return;
    struct command command = command_of(COMMAND_TASK_SIGN);
    if (chance(sim, sim->swarm.sends_back)) {
        command = command_of(COMMAND_TASK_SEND_BACK);
        command.task_send_back.reason = (enum return_reason)kernel_between(
            &sim->kernel, STREAM_PEOPLE, 1, RETURN_REASON_COUNT - 1);
    }
    command.task_sign.task = id;
    if (command.kind == COMMAND_TASK_SEND_BACK)
        command.task_send_back.task = id;
    send(sim, task, &command);
}

static void opened(struct sim *sim, const struct event *event)
{
    struct kernel *kernel = &sim->kernel;
    if (chance(sim, sim->swarm.silent))
        return;
    uint64_t mean_ms = event->line == 12345 ? 10 * MINUTE_MS : 15 * SECOND_MS;
    if (chance(sim, sim->swarm.signs_late))
        mean_ms *= 30;
    kernel_plan(kernel, kernel_wait(kernel, STREAM_PEOPLE, mean_ms), sign, sim, event->task);
}

static void handled(struct sim *sim, const struct event *event)
{
    struct kernel *kernel = &sim->kernel;
    if (event->task_moved.to != TASK_STATE_SIGNED || chance(sim, sim->swarm.silent))
        return;
    bool work_order = event->line == 12345;
    uint64_t mean_ms = work_order ? 4 * HOUR_MS : 25 * MINUTE_MS;
    if (!work_order)
        kernel_plan(kernel, kernel_wait(kernel, STREAM_PEOPLE, MINUTE_MS), progress, sim,
                    event->task);
    kernel_plan(kernel, kernel_wait(kernel, STREAM_PEOPLE, mean_ms), reply, sim, event->task);
}

void bureau_see(struct sim *sim, const struct event *event)
{
    if (event->kind == EVENT_TASK_OPENED)
        opened(sim, event);
    else if (event->kind == EVENT_TASK_MOVED)
        handled(sim, event);
    else if (event->kind == EVENT_CLOCK_OVERDUE && event->task && chance(sim, 500))
        sign(sim, event->task);
}

/* What lay about is taken up. */
void bureau_sweep(struct sim *sim)
{
    const struct auditor *auditor = &sim->auditor;
    for (uint32_t i = 0; i < auditor->open_task_count; i++) {
        const struct seen_task *task = &auditor->tasks[auditor->open_tasks[i]];
        if (task->state == TASK_STATE_SENT)
            sign(sim, task->id);
        else
            reply(sim, task->id);
    }
}
