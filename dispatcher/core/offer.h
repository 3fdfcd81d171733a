/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * offer: a lease on one taker for one contact. It ends by an answer, by a word, or by itself; the
 * contact then keeps its place and is offered to the next at once. An emergency that nobody answered
 * twice may have two: the first to connect wins, the other is withdrawn and costs its taker no place
 * among the idle. A contact that is being handed over has one beside its conversation. */
#ifndef DISPATCHER_CORE_OFFER_H
#define DISPATCHER_CORE_OFFER_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

/* The live offer of this number, or to this taker; NULL: there is none. */
const struct lease *offer_lease(const struct contact *contact, uint64_t offer);
const struct lease *offer_to(const struct contact *contact, const struct user *taker);

/* Offers the next waiting contact to its taker; false when there is no pair. */
bool offer_next(struct decision *decision);

/* Offers the contact to this taker for at most most_ms. */
void offer_make(struct decision *decision, const struct contact *contact, const struct user *taker,
                enum offer_kind kind, uint64_t most_ms);

/* Ends an offer. What follows for the taker is the caller's to decide. */
void offer_end(struct decision *decision, const struct contact *contact, const struct lease *lease,
               enum offer_end cause);

/* Ends the taker's offer because they leave. */
void offer_leave(struct decision *decision, const struct user *taker);

/* The taker and the citizen speak with each other. */
void offer_connect(struct decision *decision, const struct contact *contact,
                   const struct lease *lease);

/* The lease ran out. */
void offer_expire(struct decision *decision, const struct contact *contact,
                  const struct lease *lease);

/* Takes the lease off contact and taker, as the event of its end is applied; refiles neither. */
void offer_drop(struct core *core, struct contact *contact, uint64_t offer);

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
