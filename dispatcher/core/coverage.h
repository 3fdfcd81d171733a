/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * coverage: how many units of a kind a district should have left. A change counts only when it lasted
 * PARAMETER_COVERAGE_HOLD_MS, so that a unit going out and another coming back is no alarm. */
#ifndef DISPATCHER_CORE_COVERAGE_H
#define DISPATCHER_CORE_COVERAGE_H

#include "dispatcher/core/decision.h"

/* Around every change of a unit that may make it count or no longer count. */
void coverage_leave(struct core *core, const struct unit *unit);
void coverage_enter(struct core *core, const struct unit *unit);

/* As the time a change must last now is. */
void coverages_refile(struct core *core);

/* Does the unit count for this row? */
bool coverage_counts(const struct coverage *coverage, const struct unit *unit);

/* The change lasted long enough. */
void coverage_due(struct decision *decision, const struct coverage *coverage);

enum refusal decide_coverage_define(struct decision *decision);
void apply_coverage_defined(struct core *core, const struct event *event);
void apply_coverage_changed(struct core *core, const struct event *event);

#endif
