/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * handover: a note of somebody who goes, for whoever goes on: a colleague, those who answer a line, or the
 * supervisors. Its words are personal data and sealed under the note's own number. It stays open until one of
 * those it is meant for takes it, across sign-ons, restarts and failovers. */
#ifndef DISPATCHER_CORE_HANDOVER_H
#define DISPATCHER_CORE_HANDOVER_H

#include "dispatcher/core/decision.h"

enum {
    HANDOVERS_MAX = 512 /* open ones; then REFUSAL_LIMIT until somebody takes some */
};

/* NULL: there is no such open note. */
struct handover *core_handover(const struct core *core, uint64_t id);

/* Is it the user's to read and to take? Its author's, too. */
bool handover_is_for(const struct handover *handover, const struct user *user);

enum refusal decide_handover_leave(struct decision *decision);
enum refusal decide_handover_take(struct decision *decision);

void apply_handover_left(struct core *core, const struct event *event);
void apply_handover_taken(struct core *core, const struct event *event);

#endif
