/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * draft: a record that is being written down. It is an incident with a number from its first save on
 * and survives whatever happens to the seat; registering completes it. */
#ifndef DISPATCHER_CORE_DRAFT_H
#define DISPATCHER_CORE_DRAFT_H

#include "dispatcher/core/decision.h"

enum refusal decide_incident_draft(struct decision *decision);

/* Registers the draft with what the command adds. */
enum refusal draft_complete(struct decision *decision, const struct incident *draft);

/* What waits for its dispatch after this step: an order with a class and a clock, also when it was a
 * draft that nobody completed: asked about, answered directly, set aside. Its category is known. */
void draft_goes_on(struct decision *decision, const struct incident *incident,
                   enum incident_step step);

void apply_incident_drafted(struct core *core, const struct event *event);

#endif
