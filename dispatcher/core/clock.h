/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * clock: how long each step may take, by the incident's class (LimitRow, else the defaults here),
 * in working time where the class says so. */
#ifndef DISPATCHER_CORE_CLOCK_H
#define DISPATCHER_CORE_CLOCK_H

#include "dispatcher/core/decision.h"

/* The class whose limits hold: a further round of a work order runs on class R. */
enum sla_class clock_class(const struct incident *incident, uint32_t round);

/* How long this step of the incident may take; measure NONE: no such limit. */
struct span clock_length(const struct core *core, const struct incident *incident, uint32_t round,
                         enum clock_kind clock);

/* The promise of this step if it begins then; and when it is due. */
struct promise clock_promise(const struct core *core, const struct incident *incident,
                             uint32_t round, enum clock_kind clock, uint64_t start_ms);
uint64_t clock_due(const struct core *core, const struct incident *incident, uint32_t round,
                   enum clock_kind clock, uint64_t at_ms);

/* When the running dispatch clock ends if the incident is of that class from now on: sooner, never
 * later. 0: as it is. */
uint64_t clock_sooner(const struct decision *decision, const struct incident *incident,
                      enum sla_class sla);

/* The defaults a city starts with. */
void clock_limits_default(struct limit_row limits[SLA_CLASS_COUNT]);

/* An event that starts a clock of the incident (or of one of its tasks): by the limits of this round,
 * from now on with another length, or until a date somebody set. */
struct event *clock_begin(struct decision *decision, const struct incident *incident,
                          uint32_t round, enum clock_kind clock, uint64_t start_ms);
void clock_begin_for(struct decision *decision, const struct incident *incident,
                     enum clock_kind clock, struct span length);
struct event *clock_start(struct decision *decision, const struct incident *incident,
                          enum clock_kind clock, uint64_t due_ms);

/* What an opened task's event says of its two clocks, and back. */
void clock_tell_task(const struct core *core, const struct incident *incident, uint64_t at_ms,
                     struct task_opened *opened);
void clock_take_task(const struct event *event, struct task *task);

/* Stops the task's reply clock; goes on with it; gives it until then, never less than it had; puts
 * other limits on it with the same start and pauses. What does not apply is left as it is. */
void clock_pause(struct decision *decision, const struct task *task);
void clock_resume(struct decision *decision, const struct task *task);
void clock_extend(struct decision *decision, const struct task *task, uint64_t until_ms);
void clock_relength(struct decision *decision, const struct task *task, struct span length,
                    enum sla_class sla);

/* Another class holds for the incident: the reply clocks of its open tasks get its length. */
void clock_reclass(struct decision *decision, const struct incident *incident, enum sla_class sla);

void apply_clock_moved(struct core *core, const struct event *event);
void apply_clock_started(struct core *core, const struct event *event);
void apply_clock_overdue(struct core *core, const struct event *event);

#endif
