/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * storm: more than the city expects. Entered by rule (a line's arrivals against its forecast, many calls
 * about one place) or by a supervisor; left when it has been quiet for PARAMETER_STORM_QUIET_MS, or by
 * a supervisor. Entered by hand it is left by hand.
 *
 * In a storm everyone who waits on an ordinary line is offered a callback (never hung up on), takers who
 * are away are asked to come back, wrap-up after ordinary contacts is short. Nothing of it
 * touches an emergency line.
 *
 * The rule is a Poisson CUSUM (Lucas 1985), reckoned at each arrival instead of each minute: the sum of
 * calls above the reference rate, never below 0, against PARAMETER_STORM_CALLS. The reference lies
 * between the forecast and PARAMETER_STORM_PERCENT of it, at their geometric mean. A line
 * without a forecast has no storms of its own. */
#ifndef DISPATCHER_CORE_STORM_H
#define DISPATCHER_CORE_STORM_H

#include "dispatcher/core/decision.h"

/* A contact arrives on this line: enters a storm when it is the call too many. */
void storm_arrival(struct decision *decision, const struct line *line);

/* Many calls about one place. */
void storm_by_cluster(struct decision *decision, uint64_t cluster, uint32_t line);

/* Asks the next taker back who is away; false when all have been. */
bool storm_next(struct decision *decision);

/* It has been quiet long enough. */
void storm_due(struct decision *decision);

/* How long wrap-up lasts after a contact of this line. */
uint64_t storm_wrap_up_ms(const struct core *core, const struct line *line);

enum refusal decide_storm_enter(struct decision *decision);
enum refusal decide_storm_leave(struct decision *decision);

/* Learns from what has just been applied. */
void storm_hear_arrival(struct core *core, const struct event *event);
void storm_hear_cluster(struct core *core, const struct event *event);

/* How long it must be quiet has another value: that holds for the storm there is, too. */
void storm_refile(struct core *core);

void apply_storm_entered(struct core *core, const struct event *event);
void apply_storm_left(struct core *core, const struct event *event);
void apply_taker_recalled(struct core *core, const struct event *event);

#endif
