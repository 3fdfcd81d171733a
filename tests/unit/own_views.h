/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * own_views: a journal of one test's own to which things happen one by one, and what a person who
 * asks sees of it. The clock is turned by hand. */
#ifndef TESTS_UNIT_OWN_VIEWS_H
#define TESTS_UNIT_OWN_VIEWS_H

#include "tests/unit/own_journal.h"

extern struct journal *own_views_journal;
extern uint64_t own_views_now_ms; /* begins at OWN_VIEWS_BEGIN_MS in each test */

enum {
    OWN_VIEWS_BEGIN_MS = 100000000
};

/* cmocka's setup and teardown. */
int own_views_set_up(void **state);
int own_views_tear_down(void **state);

/* The event, durable, at the present time; its seq is given here. */
void own_views_happen(struct event event);

#endif
