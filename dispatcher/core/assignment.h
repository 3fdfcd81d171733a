/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * assignment: which departments work on an incident: exactly one lead, any assisting. */
#ifndef DISPATCHER_CORE_ASSIGNMENT_H
#define DISPATCHER_CORE_ASSIGNMENT_H

#include "dispatcher/core/decision.h"

enum refusal decide_incident_dispatch(struct decision *decision);

#endif
