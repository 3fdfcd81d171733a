/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * offshoot: an incident that grows out of another one and is tied to it: split off it, a work order
 * that turned out an emergency, or what an emergency left behind for a work order. It inherits place,
 * caller and caution; the other one keeps everything it has. */
#ifndef DISPATCHER_CORE_OFFSHOOT_H
#define DISPATCHER_CORE_OFFSHOOT_H

#include "dispatcher/core/decision.h"

enum refusal decide_incident_split(struct decision *decision);
enum refusal decide_incident_upgrade(struct decision *decision);
enum refusal decide_incident_downgrade(struct decision *decision);

void apply_incident_handed_on(struct core *core, const struct event *event);

#endif
