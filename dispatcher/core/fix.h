/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * fix: where a citizen's telephone says it is (AML). It is never a contact: it becomes a candidate for
 * the place of every live contact of its number, of the one that ended last, and of those that come
 * after it, within PARAMETER_FIX_WINDOW_MS. All candidates are kept; the most certain one is the
 * contact's place as long as nothing better is known. The exact position is personal data, sealed under
 * the fix's own number; here are its cell and how uncertain it is. */
#ifndef DISPATCHER_CORE_FIX_H
#define DISPATCHER_CORE_FIX_H

#include "dispatcher/core/decision.h"

enum {
    FIXES_MAX = 4096, /* in memory; the oldest leave first */
    FIX_CONTACTS_MAX =
        8, /* of one number that a fix is for; and fixes that a contact begins with */
    FIX_PLACE_MOST_M = 2000 /* a less certain one is a candidate, but no place */
};

struct fix *core_fix(const struct core *core, uint64_t id);

/* What is known of the number's place when it arrives: candidates of the new contact. */
void fix_arrival(struct decision *decision, const struct event *arrived);

enum refusal decide_caller_locate(struct decision *decision);

void apply_caller_located(struct core *core, const struct event *event);
void apply_contact_located(struct core *core, const struct event *event);

#endif
