/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * review: a second pair of eyes. Where the city wants it (PARAMETER_PRE_REVIEW, PARAMETER_REPLY_REVIEW)
 * a reviewer passes each record before its dispatch, each reply before the citizen is told. */
#ifndef DISPATCHER_CORE_REVIEW_H
#define DISPATCHER_CORE_REVIEW_H

#include "dispatcher/core/decision.h"

enum refusal decide_incident_review(struct decision *decision);

/* Does the dispatch of this incident wait for a review? */
bool review_wanted(const struct core *core, const struct incident *incident);

/* The incident comes back to REGISTERED in this decision; its record was passed before and need not
 * be passed again. Starts the dispatch clock. */
void review_not_again(struct decision *decision, const struct incident *incident);

void apply_reply_passed(struct core *core, const struct event *event);

#endif
