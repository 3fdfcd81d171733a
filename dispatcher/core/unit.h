/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * unit: what a department sends: an engine, an ambulance, a patrol. It has one real state, works on
 * one incident at most, and keeps further ones stacked behind it: a second call never hides what the
 * unit does. What its own first sign, roll and arrival are is also its task's and its incident's.
 *
 * Source: the run of a dispatched force in Chinese 110, 119 and 120 practice; EIDO (NENA-STA-021.1b)
 * for active and stacked incidents. */
#ifndef DISPATCHER_CORE_UNIT_H
#define DISPATCHER_CORE_UNIT_H

#include "dispatcher/core/decision.h"

/* The table: NONE means refused. Golden: tests/golden/unit_table.txt. */
enum unit_state unit_next(enum unit_machine machine, enum unit_state from, enum unit_step step);

/* On its way or at work for an incident. */
bool unit_is_out(enum unit_state state);

/* Would go at once if it were alerted: at its station, or on the way back. */
bool unit_is_free(const struct unit *unit);

/* As many people aboard as its row asks for, as far as anybody said. */
bool unit_is_staffed(const struct unit *unit);

/* The first unit of this scene and the one behind it, NULL at the end. */
const struct unit *unit_first(const struct scene *scene);
const struct unit *unit_after(const struct scene *scene, const struct unit *unit);

/* An event about the unit and the incident it concerns (0: none). */
struct event *unit_event(struct decision *decision, enum event_kind kind, const struct unit *unit,
                         uint64_t incident);

/* Emits the move; the table must permit it. A unit that gets free goes on to the first incident that
 * waits for it. */
struct event *unit_step(struct decision *decision, const struct unit *unit, enum unit_step step);

/* Alerts a free unit; `from` is its state after what this decision has moved it already. */
void unit_alert(struct decision *decision, const struct unit *unit, enum unit_state from,
                uint64_t incident);

/* Opens an assisting task for the unit's department unless it has an open one. False: no room. */
bool unit_task(struct decision *decision, const struct unit *unit, const struct incident *incident);

/* May this actor speak for the unit: its own terminal, its department, the centre? */
enum refusal unit_find(struct decision *decision, uint32_t number, const struct unit **unit);

/* Its signature or its check-in is due. */
void unit_due(struct decision *decision, const struct unit *unit);
void unit_refile(struct core *core, struct unit *unit);

enum refusal decide_unit_define(struct decision *decision);
enum refusal decide_unit_report(struct decision *decision);
enum refusal decide_unit_place(struct decision *decision);
enum refusal decide_unit_alert(struct decision *decision);
enum refusal decide_unit_staff(struct decision *decision);

void apply_unit_defined(struct core *core, const struct event *event);
void apply_unit_moved(struct core *core, const struct event *event);
void apply_unit_placed(struct core *core, const struct event *event);
void apply_unit_stacked(struct core *core, const struct event *event);
void apply_unit_unstacked(struct core *core, const struct event *event);
void apply_unit_passed(struct core *core, const struct event *event);
void apply_unit_staffed(struct core *core, const struct event *event);

#endif
