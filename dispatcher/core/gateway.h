/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * gateway: where calls come in. Its epoch tells one life of its process from the next: calls of a
 * former life are lost and end, a few per step, each with what follows from it. Texts live on. */
#ifndef DISPATCHER_CORE_GATEWAY_H
#define DISPATCHER_CORE_GATEWAY_H

#include "dispatcher/core/decision.h"

/* Ends its next lost call. */
void gateway_due(struct decision *decision, const struct gateway *gateway);

/* After a call of it ended: is there still one of a former life? */
void gateway_refile(struct core *core, struct gateway *gateway);

enum refusal decide_gateway_rise(struct decision *decision);
enum refusal decide_gateway_fall(struct decision *decision);

void apply_gateway_rose(struct core *core, const struct event *event);
void apply_gateway_fell(struct core *core, const struct event *event);

#endif
