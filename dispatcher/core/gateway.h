/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * gateway: where calls come in. Its epoch tells one life of its process from the next: calls of a
 * former life are lost and end, a few per step, each with what follows from it, but for those that its
 * new process took up and names (ContactKeep) before it says that these were all (GatewaySettle), or
 * GATEWAY_KEEP_MS are over. Texts live on. */
#ifndef DISPATCHER_CORE_GATEWAY_H
#define DISPATCHER_CORE_GATEWAY_H

#include "dispatcher/core/decision.h"

enum {
    GATEWAY_KEEP_MS = 10000, /* from its hello until all it kept is named */
    GATEWAY_HOLD_MS = 10000  /* … until all it connected alone is told (survival.h) */
};

/* Ends its next lost call; waits no longer for what it connected alone. */
void gateway_due(struct decision *decision, const struct gateway *gateway);

/* After a call of it ended: is there still one of a former life? */
void gateway_refile(struct core *core, struct gateway *gateway);
void gateways_refile(struct core *core);

enum refusal decide_gateway_rise(struct decision *decision);
enum refusal decide_gateway_fall(struct decision *decision);
enum refusal decide_contact_keep(struct decision *decision);
enum refusal decide_calls_turn_away(struct decision *decision);
enum refusal decide_gateway_settle(struct decision *decision);

void apply_gateway_rose(struct core *core, const struct event *event);
void apply_gateway_fell(struct core *core, const struct event *event);
void apply_contact_kept(struct core *core, const struct event *event);
void apply_gateway_settled(struct core *core, const struct event *event);

#endif
