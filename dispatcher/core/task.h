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

/* The promise that a clock of the task belongs to. */
struct promise *task_promise(struct task *task, enum clock_kind clock);

/* One of its clocks is due. */
void task_due(struct decision *decision, const struct task *task);

void task_refile(struct core *core, struct task *task);

/* A round is over: its tasks leave memory. */
void tasks_forget(struct core *core, struct incident *incident);

enum refusal decide_task_sign(struct decision *decision);
enum refusal decide_task_progress(struct decision *decision);
enum refusal decide_task_send_back(struct decision *decision);
enum refusal decide_task_rule_return(struct decision *decision);
enum refusal decide_task_reply(struct decision *decision);
enum refusal decide_task_reject_reply(struct decision *decision);

void apply_task_opened(struct core *core, const struct event *event);
void apply_task_moved(struct core *core, const struct event *event);

#endif
