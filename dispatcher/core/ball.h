/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ball: who has it. Every millisecond from the citizen's first contact is booked to one owner, and the
 * bookings add up to the incident's age (core_check() holds it). */
#ifndef DISPATCHER_CORE_BALL_H
#define DISPATCHER_CORE_BALL_H

#include "dispatcher/core/state.h"

/* The incident begins: with the centre, from the citizen's first contact on. */
void ball_begin(struct incident *incident);

/* After anything that may pass it on. */
void ball_pass(struct incident *incident, uint64_t at_ms);

/* Booked so far to this owner, the time that runs included. */
uint64_t ball_booked_ms(const struct incident *incident, enum owner owner, uint64_t at_ms);

void ball_check(const struct incident *incident, uint64_t at_ms);

#endif
