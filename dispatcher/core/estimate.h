/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * estimate: how long a contact of an ordinary line will still wait, and when it is said.
 *
 *     wait = Σ over i = 0 … ahead of 1 / (max(nμ − λ, nμ/20) + iθ)
 *
 * (Whitt 1999, Ibrahim and Whitt 2009: by the length of the queue, with what gives up on the way and
 * what emergencies drain away.) ahead: waiting emergencies and those before it in its own band; n:
 * takers of its line who are signed on and not away; 1/μ: mean time of handling, wrap-up included;
 * θ: contacts that gave up per time waited by all (a censored estimate); λ: what emergencies take of
 * these takers, by their arrivals of the last ten minutes. Other lines count by the share of takers
 * they have in common.
 *
 * Arithmetic: 64-bit whole numbers alone, so that every compiler and machine says the same. Rates are
 * calls per millisecond, times 2^40.
 *
 * Never spoken on emergency lines; never more than was said before; nothing below
 * PARAMETER_WAIT_FIRST_MS; nothing while too little is known. */
#ifndef DISPATCHER_CORE_ESTIMATE_H
#define DISPATCHER_CORE_ESTIMATE_H

#include "dispatcher/core/decision.h"

/* What an estimate rests on, for tests and the curious. */
struct estimate {
    uint64_t wait_ms; /* 0: not known */
    uint32_t ahead;
    uint32_t takers;
    uint64_t handling_ms;
};
struct estimate estimate_wait(const struct core *core, const struct contact *contact);

/* When the contact's wait is estimated next; NEVER when it is none whose wait is told. */
uint64_t estimate_due(const struct core *core, const struct contact *contact);

/* It is due: estimates, and says what is to be said. */
void estimate_tell(struct decision *decision, const struct contact *contact);

/* The minutes that are said for a wait: 1, 3, 5 or 10; 0: more than that. */
uint32_t estimate_minutes(uint64_t wait_ms);

/* Learns from what has just been applied. */
void estimate_hear_arrival(struct core *core, const struct event *event);
void estimate_hear_connected(struct core *core, const struct event *event);
void estimate_hear_ended(struct core *core, const struct event *event);
void estimate_hear_wrapped_up(struct core *core, const struct event *event);
void estimate_hear_signed_off(struct core *core, const struct event *event);

void apply_wait_estimated(struct core *core, const struct event *event);

#endif
