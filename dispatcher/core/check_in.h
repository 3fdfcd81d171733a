/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * check-in: crews in danger answer for themselves at intervals. Each unit has its own clock; the first
 * one that is due fires the roll call; only its own check-in sets it again; it ends when the unit
 * leaves the danger, and survives a restart because the due time is an event. */
#ifndef DISPATCHER_CORE_CHECK_IN_H
#define DISPATCHER_CORE_CHECK_IN_H

#include "dispatcher/core/decision.h"

/* When the unit's crew is due once it is in state `to`; 0: it need not check in. A clock that runs
 * goes on. */
uint64_t check_in_due_ms(const struct decision *decision, const struct unit *unit,
                         enum unit_state to);

/* A further alarm asks for it: who is in the danger at the scene is due then, if not before. */
void check_in_asked(struct core *core, struct scene *scene, uint64_t due_ms);

/* Nobody answered. */
void check_in_missed(struct decision *decision, const struct unit *unit);

enum refusal decide_unit_check_in(struct decision *decision);

void apply_check_in_missed(struct core *core, const struct event *event);
void apply_checked_in(struct core *core, const struct event *event);
void apply_mayday_called(struct core *core, const struct event *event);
void apply_mayday_ended(struct core *core, const struct event *event);

#endif
