/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * clock: how long each step may take, by the incident's class (LimitRow, else the defaults here),
 * in working time where the class says so. */
#ifndef DISPATCHER_CORE_CLOCK_H
#define DISPATCHER_CORE_CLOCK_H

#include "dispatcher/core/decision.h"

/* The class whose limits hold: a further round of a work order runs on class R. */
enum sla_class clock_class(const struct incident *incident, uint32_t round);

/* When this step of the incident is due if it begins now. */
uint64_t clock_due(const struct core *core, const struct incident *incident, uint32_t round,
                   enum clock_kind clock, uint64_t at_ms);

/* The defaults a city starts with. */
void clock_limits_default(struct limit_row limits[SLA_CLASS_COUNT]);

/* An event that starts a clock of the incident (or of one of its tasks). */
struct event *clock_start(struct decision *decision, const struct incident *incident,
                          enum clock_kind clock, uint64_t due_ms);

void apply_clock_started(struct core *core, const struct event *event);
void apply_clock_overdue(struct core *core, const struct event *event);

#endif
