/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * returning: an incident that is over leaves memory, by an event that carries all that must survive
 * of it, and comes back by that row when somebody asks for its number (dispatcher/io/returning.c).
 *
 * It leaves when its time is over (PARAMETER_CLOSED_STAY_MS) or when its place is needed: 90 % of the
 * pool is in use. The longest closed goes first; one with a running clock, or that others in memory
 * hang on, stays. Journals of the first event version know no such events: there the longest closed
 * was forgotten without a word when the pool was full, and cannot return. */
#ifndef DISPATCHER_CORE_RETURNING_H
#define DISPATCHER_CORE_RETURNING_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

/* What must survive of a closed incident; the two are each other's inverse. golden_journals lets every
 * closed incident leave and return and wants the same digest: a field that digest.c counts and these
 * two forget fails there. */
void returning_row(const struct incident *incident, struct closed_incident *row);
void returning_fill(struct incident *incident, const struct closed_incident *row);

/* Something in memory hangs on it that no row carries: it stays. */
bool returning_is_held(const struct incident *incident);

/* Decides that one closed incident leaves, when it is time; false: none is due. */
bool returning_next(struct decision *decision);

/* Takes the longest closed out of memory without a word. */
void returning_forget_oldest(struct core *core);

enum refusal decide_incident_return(struct decision *decision);

void apply_incident_left(struct core *core, const struct event *event);
void apply_incident_returned(struct core *core, const struct event *event);

#endif
