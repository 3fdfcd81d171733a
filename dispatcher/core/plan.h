/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * plan: a run card's alarm level come to units: activated, or only proposed. The event keeps every pick
 * and every hole with its reason; what was decided is read there, never computed again. */
#ifndef DISPATCHER_CORE_PLAN_H
#define DISPATCHER_CORE_PLAN_H

#include "dispatcher/core/decision.h"

/* The incident went out: the first level, alerted when the card is automatic, else proposed. */
void plan_dispatched(struct decision *decision, const struct incident *incident);

/* More is known than when its units went out. Where that makes another card count, what this one asks for
 * beyond those who are there is proposed; a person sends it (PlanActivate, level 1). */
void plan_learnt(struct decision *decision, const struct incident *before,
                 const struct incident *now);

/* Another unit of the same kind for one that cannot go on, or does not answer. */
void plan_replace(struct decision *decision, const struct unit *unit, uint64_t incident,
                  enum plan_cause cause);

enum refusal decide_plan_activate(struct decision *decision);
void apply_plan_activated(struct core *core, const struct event *event);

#endif
