/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * own_journal: a new journal in a temporary folder of one test, signed with a key of its own. */
#ifndef TESTS_UNIT_OWN_JOURNAL_H
#define TESTS_UNIT_OWN_JOURNAL_H

#include "dispatcher/journal/journal.h"
#include "tests/unit/folder.h"

/* Makes the folder and opens a journal in it. Returns 0 or a negative errno. The test closes the
 * journal and removes the folder. */
int own_journal_open(struct journal **journal, char folder[FOLDER_BYTES]);

/* Takes events in, each a turn of its own. */
void own_journal_enter(struct journal *journal, const struct event *events, uint32_t count);

#endif
