/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * task: one department's work on an incident. Exactly one task leads; the lead replies last. Its
 * clocks run from the dispatch: not signing stops none of them. */
#ifndef DISPATCHER_CORE_TASK_H
#define DISPATCHER_CORE_TASK_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

enum {
    TASKS_PER_INCIDENT_MAX = 16 /* of one round, also the ended ones: bounds every walk */
};

/* NONE means refused. Golden: tests/golden/task_table.txt. */
enum task_state task_next(enum task_state from, enum task_step step);
bool task_is_open(enum task_state state);

/* Of this round: the lead; the department's newest task, or its open one; how many. NULL for none. */
const struct task *task_lead(const struct incident *incident);
const struct task *task_of(const struct incident *incident, uint32_t department);
const struct task *task_open_of(const struct incident *incident, uint32_t department);
uint32_t task_count(const struct incident *incident);

/* Sends the incident to a department; returns the task's id. */
uint64_t task_open(struct decision *decision, const struct incident *incident, uint32_t department,
                   enum task_kind kind);

/* ---- for send_back and reply ---- */

/* Walks the tasks of this round, in the order they were opened. NULL at the end. */
const struct task *task_first(const struct incident *incident);
const struct task *task_after(const struct incident *incident, const struct task *task);

/* Is another task of its incident open that owes a reply? */
bool task_others_open(const struct task *task);

/* Emits the move; the table must permit it. `from` is given where an earlier event of the same decision
 * has moved it already. */
struct event *task_step_from(struct decision *decision, const struct task *task,
                             enum task_state from, enum task_step step);
struct event *task_step(struct decision *decision, const struct task *task, enum task_step step);

/* Finds the task for a command and names it in the verdict; the step must be permitted now. The
 * asking department's own, or anybody's for the centre. */
enum refusal task_find_own(struct decision *decision, uint64_t id, enum task_step step,
                           const struct task **task);
enum refusal task_find_any(struct decision *decision, uint64_t id, enum task_step step,
                           const struct task **task);

/* The lead's signature is the incident's. */
void task_lead_signed(struct decision *decision, const struct task *task);

/* The same with its own due time, not later than the lead's; 0: the class's. */
uint64_t task_open_until(struct decision *decision, const struct incident *incident,
                         uint32_t department, enum task_kind kind, uint64_t due_ms);

/* Leading or assisting: not one that is only informed or watches. */
bool task_owes_reply(const struct task *task);

/* The task ended without a reply in this decision: perhaps nothing is open any more. */
void task_ended(struct decision *decision, const struct task *task);

/* The promise that a clock of the task belongs to. */
struct promise *task_promise(struct task *task, enum clock_kind clock);

/* Is the acknowledgement that its step clock stands for still awaited? */
bool task_awaits_step(const struct task *task);

/* After this step another acknowledgement is awaited: its clock begins. And ends. */
void task_await_next(struct decision *decision, const struct task *task, enum task_step step);
void task_step_done(struct task *task, enum clock_kind clock);

/* One of its clocks is due. */
void task_due(struct decision *decision, const struct task *task);

void task_refile(struct core *core, struct task *task);

/* The rungs of the ladder stand elsewhere now: every open task's next deadline is looked up anew. */
void tasks_refile(struct core *core);

/* A round is over: its tasks leave memory. */
void tasks_forget(struct core *core, struct incident *incident);

enum refusal decide_task_forward(struct decision *decision);
enum refusal decide_task_sign(struct decision *decision);
enum refusal decide_task_progress(struct decision *decision);

void apply_task_opened(struct core *core, const struct event *event);
void apply_task_forwarded(struct core *core, const struct event *event);
void apply_task_moved(struct core *core, const struct event *event);

#endif
