/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * hold: the citizen in conversation hears an announcement and is heard by nobody until the taker
 * comes back. Their contact stays the taker's; the trail has both moments. */
#ifndef DISPATCHER_CORE_HOLD_H
#define DISPATCHER_CORE_HOLD_H

#include "dispatcher/core/decision.h"

void hold_begin(struct decision *decision, const struct contact *contact);

/* Nothing when nobody is held. */
void hold_end(struct decision *decision, const struct contact *contact);

enum refusal decide_contact_hold(struct decision *decision);
enum refusal decide_contact_resume(struct decision *decision);

void apply_contact_held(struct core *core, const struct event *event);
void apply_contact_resumed(struct core *core, const struct event *event);

#endif
