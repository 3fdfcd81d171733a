/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * number: a citizen's number (its blind index) and the live contacts that came from it, newest first: who
 * texts and calls at once is one person to the takers. Withheld numbers and synthetic calls are nobody's. */
#ifndef DISPATCHER_CORE_NUMBER_H
#define DISPATCHER_CORE_NUMBER_H

#include "dispatcher/core/state.h"

/* The newest live contact of the number, NULL or 0: none; from there on by contact->same_older. */
const struct contact *number_newest(const struct core *core, uint64_t caller);
uint64_t number_live(const struct core *core, uint64_t caller);

/* The contact of the number that ended last, as long as it is in memory; NULL: none. */
const struct contact *number_last(const struct core *core, uint64_t caller);

/* When the contact arrives, when it ends, and when it leaves memory. */
void number_enter(struct core *core, struct contact *contact);
void number_leave(struct core *core, struct contact *contact);
void number_forget(struct core *core, struct contact *contact);

/* A live contact stands in its number's row once, an ended one does not. */
void number_check(const struct core *core, const struct contact *contact, bool live);

#endif
