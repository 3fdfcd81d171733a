/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * queue: ONE queue for all lines, ordered by (band, due, arrival). A heap per line and channel is
 * its index: what may be offered next is the smallest head that has an able taker.
 *
 * Who answers: among the idle with the line's skill the lowest level, then the longest idle.
 * An ordinary contact does not get the last idle takers of emergency lines
 * (PARAMETER_RESERVE_PERMILLE; Gurvich, Armony and Mandelbaum 2008: priority decides who is next,
 * only a reserve decides whether anyone is free). An emergency also reaches takers in wrap-up. */
#ifndef DISPATCHER_CORE_QUEUE_H
#define DISPATCHER_CORE_QUEUE_H

#include <stdbool.h>

#include "dispatcher/core/state.h"

/* Puts the contact where its state belongs: into the queue or out of it, and sets its deadline.
 * Called after every change of the contact. */
void queue_file(struct core *core, struct contact *contact);

/* Which contact goes to which taker next; false when nobody waits whom an idle taker may take. */
bool queue_next(const struct core *core, const struct contact **contact, const struct user **taker);

/* How many idle takers of emergency lines ordinary contacts leave alone now. */
uint32_t queue_reserve(const struct core *core);

#endif
