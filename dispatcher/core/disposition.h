/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * disposition: what became of a contact, said by its taker when it is over, from the city's own table
 * (ops/city/dispositions.csv). A line may want one before its wrap-up is ended early; the wrap-up's own
 * end never waits for it, and it can be said, and said otherwise, as long as the contact is in memory.
 *
 * A contact of which no incident came and whose disposition is invalid counts among the invalid calls
 * (C9, docs/kpi.md); the event says so, so that every reckoning counts alike. */
#ifndef DISPATCHER_CORE_DISPOSITION_H
#define DISPATCHER_CORE_DISPOSITION_H

#include "dispatcher/core/decision.h"

enum {
    DISPOSITIONS_MAX = 64
};

/* Does the taker's wrap-up follow a contact whose line wants a disposition, and none was given? */
bool disposition_is_owed(const struct core *core, const struct user *taker);

enum refusal decide_disposition_define(struct decision *decision);
enum refusal decide_contact_dispose(struct decision *decision);

void apply_disposition_defined(struct core *core, const struct event *event);
void apply_contact_disposed(struct core *core, const struct event *event);

#endif
