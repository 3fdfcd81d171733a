/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * inquiry: the citizen must add facts. Meanwhile the departments' clocks stand still; after the wait
 * the work goes on with what is known. */
#ifndef DISPATCHER_CORE_INQUIRY_H
#define DISPATCHER_CORE_INQUIRY_H

#include "dispatcher/core/decision.h"

enum refusal decide_incident_ask_info(struct decision *decision);
enum refusal decide_incident_give_info(struct decision *decision);

/* Nothing came in time. */
void inquiry_lapse(struct decision *decision, const struct incident *incident);

void apply_info_asked(struct core *core, const struct event *event);
void apply_info_given(struct core *core, const struct event *event);

#endif
