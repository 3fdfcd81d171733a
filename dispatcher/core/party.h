/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * party: somebody more in a conversation: a guest whom the taker calls in (another taker, a
 * department, an interpreter), or a supervisor who listens, whispers, speaks, or takes the contact
 * over. A party has no ownership: the contact stays its taker's, and ends with it. Who listens is an
 * event. */
#ifndef DISPATCHER_CORE_PARTY_H
#define DISPATCHER_CORE_PARTY_H

#include "dispatcher/core/decision.h"

/* All parts end: the conversation is over, or goes back to the queue. */
void parties_end(struct decision *decision, const struct contact *contact, enum party_out cause);

/* Toll fraud: may who asks have this department's telephone called? The city's table says by role. */
bool party_may_call(const struct decision *decision, const struct department *department);

enum refusal decide_party_invite(struct decision *decision);
enum refusal decide_party_change(struct decision *decision);
enum refusal decide_party_drop(struct decision *decision);
enum refusal decide_party_take_over(struct decision *decision);
enum refusal decide_party_join(struct decision *decision);
enum refusal decide_party_leave(struct decision *decision);

void apply_party_invited(struct core *core, const struct event *event);
void apply_party_joined(struct core *core, const struct event *event);
void apply_party_changed(struct core *core, const struct event *event);
void apply_party_left(struct core *core, const struct event *event);
void apply_contact_taken_over(struct core *core, const struct event *event);

#endif
