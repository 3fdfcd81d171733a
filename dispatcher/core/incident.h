/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * incident: what the city has to do about one matter: emergency or work order, on one machine.
 * Receive, dispatch, sign, handle, reply, tell, ask, close; with return, redo and reopening as named
 * steps. It closes only after the citizen was told, or the reason why not is recorded. */
#ifndef DISPATCHER_CORE_INCIDENT_H
#define DISPATCHER_CORE_INCIDENT_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

/* The tables, of work orders and of emergencies: NONE means refused. Golden:
 * tests/golden/core_tables.txt. */
enum incident_state incident_next(bool emergency, enum incident_state from,
                                  enum incident_step step);

/* Nothing more will happen by itself. */
bool incident_is_closed(enum incident_state state);

/* The clock or retry of the incident is due. */
void incident_due(struct decision *decision, const struct incident *incident);

/* Takes a slot for a new incident and enters it under its id and order number. */
struct incident *incident_enter(struct core *core, uint64_t id, uint64_t number);

/* Sets the deadline; called after every change of clock or promise. */
void incident_refile(struct core *core, struct incident *incident);

/* ---- for the other nouns: what to decide about an incident. `from` is given where an earlier event
 * of the same decision has moved it already. ---- */

struct event *incident_event(struct decision *decision, enum event_kind kind,
                             const struct incident *incident);

/* Emits the move; the table must permit it. Returns what may still be said about it, or the state
 * behind it. */
struct incident_moved *incident_move(struct decision *decision, const struct incident *incident,
                                     enum incident_state from, enum incident_step step);
enum incident_state incident_step(struct decision *decision, const struct incident *incident,
                                  enum incident_state from, enum incident_step step);

/* Finds the incident for a command and names it in the verdict; with a step, it must be permitted now. */
enum refusal incident_find(struct decision *decision, uint64_t id, enum incident_step step,
                           const struct incident **incident);

/* NONE where the table permits the step now, else WRONG_STATE. */
enum refusal incident_may(const struct incident *incident, enum incident_step step);

/* Starts the incident's clock now, by the limits of this round. */
void incident_clock(struct decision *decision, const struct incident *incident, uint32_t round,
                    enum clock_kind clock);

/* The lead replied and no task is open: tell the citizen, or have it reviewed first. */
void incident_replied(struct decision *decision, const struct incident *incident);

/* A further round begins: the dispatch clock, and a word to the citizen. */
void incident_next_round(struct decision *decision, const struct incident *incident);

/* So many contacts more (or fewer) are about it. */
void incident_heard(struct core *core, uint64_t id, int64_t contacts);

enum refusal decide_incident_note(struct decision *decision);

void apply_incident_registered(struct core *core, const struct event *event);
void apply_incident_moved(struct core *core, const struct event *event);
void apply_incident_noted(struct core *core, const struct event *event);
void apply_citizen_told(struct core *core, const struct event *event);

#endif
