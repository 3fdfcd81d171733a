/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * announcement: what a citizen hears without a person, and what the keys mean that answer it. Keys
 * belong to the last announcement that asked for one; nobody's line has a menu. */
#ifndef DISPATCHER_CORE_ANNOUNCEMENT_H
#define DISPATCHER_CORE_ANNOUNCEMENT_H

#include "dispatcher/core/decision.h"

/* Has it said to the caller, who must have a leg. */
void announce(struct decision *decision, const struct contact *contact,
              enum announcement announcement);

/* The same for a contact whose arrival has just been decided. */
void announce_arrived(struct decision *decision, const struct event *arrived,
                      enum announcement announcement);

enum refusal decide_contact_digits(struct decision *decision);

void apply_contact_announced(struct core *core, const struct event *event);

#endif
