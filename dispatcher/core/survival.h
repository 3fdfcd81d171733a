/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * survival: what a gateway did while it had no dispatcher (docs/decisions/0019-survival.md). It says at its hello
 * that it was alone; until it settles none of its contacts is offered to anybody. A contact that a telephone
 * of the plan answered is connected from when that was: with the taker whose telephone it is, when they are
 * on duty and speak with nobody else; otherwise with nobody's seat, and then a supervisor may take it over.
 * Said again, it is known already; so is the same answer once that conversation is over.
 * One that was given up meanwhile gets a note in its trail, and needs no callback any more. */
#ifndef DISPATCHER_CORE_SURVIVAL_H
#define DISPATCHER_CORE_SURVIVAL_H

#include "dispatcher/core/decision.h"

enum refusal decide_contact_survive(struct decision *decision);

void apply_contact_survived(struct core *core, const struct event *event);

#endif
