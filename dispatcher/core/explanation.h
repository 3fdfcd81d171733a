/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * explanation: the citizen is not satisfied, and the law or the facts allow no more. The verdict stands
 * as the citizen gave it; a second person closes, or sends it into a further round. */
#ifndef DISPATCHER_CORE_EXPLANATION_H
#define DISPATCHER_CORE_EXPLANATION_H

#include "dispatcher/core/decision.h"

enum refusal decide_incident_explain(struct decision *decision);

#endif
