/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * assignment: which departments work on an incident: exactly one lead, any assisting, informed or
 * watching ones. */
#ifndef DISPATCHER_CORE_ASSIGNMENT_H
#define DISPATCHER_CORE_ASSIGNMENT_H

#include "dispatcher/core/decision.h"

/* Exactly one lead, no department twice, every one known, none of the assisting at work already. */
enum refusal assignment_check(const struct core *core, const struct incident *incident,
                              uint32_t lead, const uint32_t *assists, uint32_t count);

enum refusal decide_incident_dispatch(struct decision *decision);
enum refusal decide_task_add(struct decision *decision);
enum refusal decide_task_recall(struct decision *decision);

#endif
