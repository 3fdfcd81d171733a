/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * closure: the ways out of work that need no department, and the ways back in: objection, reopening,
 * what another line or city sends back. Long after, the archive. */
#ifndef DISPATCHER_CORE_CLOSURE_H
#define DISPATCHER_CORE_CLOSURE_H

#include "dispatcher/core/decision.h"

enum refusal decide_incident_answer_directly(struct decision *decision);
enum refusal decide_incident_void(struct decision *decision);
enum refusal decide_incident_reopen(struct decision *decision);
enum refusal decide_incident_object(struct decision *decision);
enum refusal decide_incident_bounce(struct decision *decision);

/* What closing means for a code when the citizen said so: solved, or mostly. */
enum close_code closure_of(enum degree solved);

#endif
