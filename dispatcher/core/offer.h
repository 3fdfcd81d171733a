/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * offer: a lease on one taker for one contact. It ends by an answer, by a word, or by itself; the
 * contact then keeps its place and is offered to the next at once. */
#ifndef DISPATCHER_CORE_OFFER_H
#define DISPATCHER_CORE_OFFER_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

/* Offers the next waiting contact to its taker; false when there is no pair. */
bool offer_next(struct decision *decision);

/* Ends the contact's offer. What follows for the taker is the caller's to decide. */
void offer_end(struct decision *decision, const struct contact *contact, enum offer_end cause);

/* The taker and the citizen speak with each other. */
void offer_connect(struct decision *decision, const struct contact *contact);

/* The lease ran out. */
void offer_expire(struct decision *decision, const struct contact *contact);

enum refusal decide_offer_ring(struct decision *decision);
enum refusal decide_offer_answer(struct decision *decision);
enum refusal decide_offer_fail(struct decision *decision);
enum refusal decide_offer_accept(struct decision *decision);
enum refusal decide_offer_decline(struct decision *decision);

void apply_offer_made(struct core *core, const struct event *event);
void apply_offer_rang(struct core *core, const struct event *event);
void apply_offer_accepted(struct core *core, const struct event *event);
void apply_offer_ended(struct core *core, const struct event *event);

#endif
