/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/town_turn.h"

int town_turn(struct town *town, struct journal *journal, uint64_t events)
{
    int status = journal_begin(journal);
    for (uint64_t i = 0; status == 0 && i < events; i++) {
        struct event event;
        const struct personal *personal;
        const struct stored_event *row;
        town_next(town, &event, &personal);
        status = journal_append(journal, &event, personal, &row);
    }
    return status == 0 ? journal_commit(journal, town->at_ms) : status;
}
