/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * visit: a citizen on the page about the own order. Only the dispatcher itself gives the command, after it
 * compared the code (docs/decisions/0014-code.md); here the citizen's wish is done by the same rules as
 * for a person who asks. An emergency, and an order whose citizen must not be texted, have no page: they
 * answer as if they were not there. */
#ifndef DISPATCHER_CORE_VISIT_H
#define DISPATCHER_CORE_VISIT_H

#include "dispatcher/core/decision.h"

enum refusal decide_citizen_visit(struct decision *decision);

void apply_citizen_visited(struct core *core, const struct event *event);

#endif
