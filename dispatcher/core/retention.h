/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * retention: how long what citizens told is kept, by rules of the city's table (retention.csv), each with its basis in law. What
 * was kept long enough is erased at night, as erasures of the rule's (erasure.h), by the dispatcher's clock, so many a
 * minute, and while nobody waits. What is to be preserved stays, and what is of a person of whom
 * something is open. The dispatcher looks through contacts and cases (dispatcher/io/retention.c); what goes is decided here.
 *
 * A contact of which a case came goes with the case. */
#ifndef DISPATCHER_CORE_RETENTION_H
#define DISPATCHER_CORE_RETENTION_H

#include "dispatcher/core/decision.h"

enum {
    RETENTION_RULES_MAX = 64
};

enum refusal decide_retention_define(struct decision *decision);
enum refusal decide_retention_run(struct decision *decision);
enum refusal decide_retention_step(struct decision *decision);

void apply_retention_defined(struct core *core, const struct event *event);
void apply_retention_begun(struct core *core, const struct event *event);
void apply_retention_ended(struct core *core, const struct event *event);

#endif
