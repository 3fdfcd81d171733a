/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lateness: a department that acknowledged an emergency, or was there, later than the city's limits
 * says why before it replies. Work orders have the ladder's demand instead (ladder.h). */
#ifndef DISPATCHER_CORE_LATENESS_H
#define DISPATCHER_CORE_LATENESS_H

#include "dispatcher/core/decision.h"

/* Does the department owe a reason when this clock of its task is overdue? */
bool lateness_counts(const struct task *task, enum clock_kind clock);

/* A demand_answer with a reason; it answers the ladder's own question why it is late, too. */
enum refusal lateness_explain(struct decision *decision, const struct task *task);

void lateness_explained(struct task *task, const struct demand_answered *answered);

#endif
