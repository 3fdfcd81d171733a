/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * emergency: what only an emergency goes through once its units are out: reinforcement, the scene, the
 * end of the danger. */
#ifndef DISPATCHER_CORE_EMERGENCY_H
#define DISPATCHER_CORE_EMERGENCY_H

#include "dispatcher/core/decision.h"

/* More departments are called: says so, and brings a scene that was thought safe back. Returns the
 * state behind it. */
enum incident_state emergency_reinforce(struct decision *decision, const struct incident *incident);

/* The first one is there. Does nothing where that is known. */
void emergency_arrived(struct decision *decision, const struct incident *incident);

enum refusal decide_incident_control(struct decision *decision);

#endif
