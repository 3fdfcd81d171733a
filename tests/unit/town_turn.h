/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * town_turn: the town's next events into a journal, in one turn. */
#ifndef TESTS_UNIT_TOWN_TURN_H
#define TESTS_UNIT_TOWN_TURN_H

#include "dispatcher/journal/journal.h"
#include "tests/unit/town.h"

/* Commits at the town's time. Returns 0 or the journal's error. */
int town_turn(struct town *town, struct journal *journal, uint64_t events);

#endif
