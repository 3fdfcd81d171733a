/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * amendment: what somebody wants otherwise in the city's tables, from its draft to its end by a table.
 * The rows stand in the events alone; whether the city holds together with them, and whether they take
 * a second person, the dispatcher says with the command (docs/decisions/0018-city-changes.md). */
#ifndef DISPATCHER_CORE_AMENDMENT_H
#define DISPATCHER_CORE_AMENDMENT_H

#include "dispatcher/core/decision.h"

/* NONE: the step is not possible there. */
enum amendment_state amendment_next(enum amendment_state from, enum amendment_step step);

enum refusal decide_amendment_draft(struct decision *decision);
enum refusal decide_amendment_write(struct decision *decision);
enum refusal decide_amendment_submit(struct decision *decision);
enum refusal decide_amendment_rule(struct decision *decision);
enum refusal decide_amendment_withdraw(struct decision *decision);

void apply_amendment_drafted(struct core *core, const struct event *event);
void apply_amendment_written(struct core *core, const struct event *event);
void apply_amendment_moved(struct core *core, const struct event *event);

#endif
