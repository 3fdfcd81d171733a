/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * overlay: what lies over an incident whatever its state: secrecy, priority, urging, supervision. */
#ifndef DISPATCHER_CORE_OVERLAY_H
#define DISPATCHER_CORE_OVERLAY_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

/* Withdrawing it may hide that somebody is in danger: life at risk, a text unsafe, a mass matter. */
bool overlay_protects(const struct incident *incident);

/* Emits the change. */
void overlay_secrecy(struct decision *decision, const struct incident *incident,
                     enum secrecy secrecy, uint64_t petition);
void overlay_priority(struct decision *decision, const struct incident *incident,
                      enum priority priority, uint64_t petition);

/* Supervision at this level from now on, by a person or by the ladder; nothing when it is so. */
void overlay_supervise(struct decision *decision, const struct incident *incident, uint32_t level);

enum refusal decide_incident_conceal(struct decision *decision);
enum refusal decide_incident_prioritize(struct decision *decision);
enum refusal decide_incident_urge(struct decision *decision);
enum refusal decide_incident_supervise(struct decision *decision);

void apply_secrecy_changed(struct core *core, const struct event *event);
void apply_priority_changed(struct core *core, const struct event *event);
void apply_incident_urged(struct core *core, const struct event *event);
void apply_incident_supervised(struct core *core, const struct event *event);

#endif
