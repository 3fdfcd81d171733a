/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * closure: the ways out of work that need no department, and the way back in. */
#ifndef DISPATCHER_CORE_CLOSURE_H
#define DISPATCHER_CORE_CLOSURE_H

#include "dispatcher/core/decision.h"

enum refusal decide_incident_answer_directly(struct decision *decision);
enum refusal decide_incident_void(struct decision *decision);
enum refusal decide_incident_reopen(struct decision *decision);

#endif
