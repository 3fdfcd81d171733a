/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * suspension: work that has to wait, for months. The departments' clocks stand still, the age of the
 * incident does not; the review date brings it back, or a person before it. */
#ifndef DISPATCHER_CORE_SUSPENSION_H
#define DISPATCHER_CORE_SUSPENSION_H

#include "dispatcher/core/decision.h"

/* The review date is here. */
void suspension_end(struct decision *decision, const struct incident *incident);

enum refusal decide_incident_resume(struct decision *decision);

#endif
