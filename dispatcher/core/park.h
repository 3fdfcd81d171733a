/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * park: the taker lets go of a citizen in conversation for a while and is free for another. The citizen
 * waits in nobody's turn and hears the announcement of who is held. Who asks for them has them rung at
 * once, whoever parked them. After PARAMETER_PARK_MS (PARAMETER_PARK_URGENT_MS, an emergency) they are
 * offered to who parked them when that taker is ready, else to the next of the queue: nobody is forgotten
 * there (decision 0051). Who was parked was answered: no second answer counts, and who hangs up did
 * not abandon; on an emergency line they are called back all the same. */
#ifndef DISPATCHER_CORE_PARK_H
#define DISPATCHER_CORE_PARK_H

#include <stdbool.h>

#include "dispatcher/core/decision.h"

/* When its time is over; NEVER: it is not parked. */
uint64_t park_due(const struct contact *contact);

/* Its time is over. */
void park_lapse(struct decision *decision, const struct contact *contact);

/* Refuses who is being handed over, called by us, not heard (silence.h), or a text. Who takes part beside
 * the taker is let go, too. */
enum refusal decide_contact_park(struct decision *decision);
/* Refuses who cannot be rung now: busy, at rest, without a telephone. A wrap-up ends by it. */
enum refusal decide_contact_unpark(struct decision *decision);

void apply_contact_parked(struct core *core, const struct event *event);
void apply_contact_unparked(struct core *core, const struct event *event);

#endif
