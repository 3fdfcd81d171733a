/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * transfer: a contact in conversation is handed to another taker, or to a line or desk whose takers
 * are asked in turn. Until somebody has it, it is its sender's: unanswered in time, declined or taken
 * back it simply stays. Warm: the receiver answers and hears what it is about, then the sender leaves.
 * Blind: the sender leaves as the receiver answers; never with an emergency.
 *
 * When the sender's phone is gone before anybody answered, the contact goes back to the queue with the
 * place its arrival gave it. Handed back to a line it came from, the supervisors of both are called
 * in, and it is not handed between lines again.
 *
 * To an outside number that a department has, an ordinary call may be handed by the citizen's own carrier (REFER): they
 * are the sender's until it says that somebody is there, and leave us then. */
#ifndef DISPATCHER_CORE_TRANSFER_H
#define DISPATCHER_CORE_TRANSFER_H

#include "dispatcher/core/decision.h"

enum {
    TRANSFER_CARRIER_MS = 60000 /* so long the carrier may try an outside number */
};

/* The receiver's phone answered, or (a text) the receiver accepted. */
void transfer_answer(struct decision *decision, const struct contact *contact,
                     const struct lease *lease);

/* Ends the transfer with this outcome; its live offer, if there is one, was ended already. */
void transfer_end(struct decision *decision, const struct contact *contact,
                  enum transfer_outcome outcome);

/* Ends the live offer, too. */
void transfer_stop(struct decision *decision, const struct contact *contact,
                   enum transfer_outcome outcome);

enum refusal decide_contact_transfer(struct decision *decision);
enum refusal decide_transfer_cancel(struct decision *decision);
enum refusal decide_transfer_finish(struct decision *decision);

void apply_transfer_asked(struct core *core, const struct event *event);
void apply_transfer_answered(struct core *core, const struct event *event);
void apply_transfer_ended(struct core *core, const struct event *event);
void apply_contact_requeued(struct core *core, const struct event *event);
void apply_transfer_bounced(struct core *core, const struct event *event);

#endif
